"""One file's text and syntax tree, and positions in both."""

import ast
import bisect
import functools
import io
import re
import tokenize
import warnings
from collections.abc import Callable

from archwise.engine.read import digest_of
from archwise.findings import Edit

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Scope = Function | ast.ClassDef | ast.Module


class Source:
    """A Python file as it was read; it is parsed when its tree is asked for, and searched where something was found.

    Raises:
        SyntaxError, ValueError: its bytes are not of the encoding they should be.
    """

    def __init__(self, content: bytes) -> None:
        self.digest = digest_of(content).hex()
        self.encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        self.text = content.decode(self.encoding)
        self._content = content
        self._parents: dict[ast.AST, ast.AST] = {}
        self._on_line: dict[int, list[ast.AST]] = {}
        self._used: dict[str, bool] = {}

    @functools.cached_property
    def lines(self) -> list[str]:
        """The lines, each with how it ends."""
        return _LINE.findall(self.text)

    @functools.cached_property
    def tree(self) -> ast.Module:
        """The syntax tree.

        Raises:
            SyntaxError, ValueError, RecursionError, MemoryError: it is no Python that this interpreter reads.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(self._content)

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The node that one found here is a part of."""
        return self._parents.get(node)

    def function(self, node: ast.AST) -> Function | None:
        """The innermost function around a node; None in a class body or at module level."""
        above = self.parent(node)
        while above is not None and not isinstance(above, Scope):
            above = self.parent(above)
        return above if isinstance(above, Function) else None

    def uses(self, name: str) -> bool:
        """Whether a name is bound or read anywhere in the file."""
        if name not in self._used:
            self._used[name] = name in self.text and name in self._names
        return self._used[name]

    @functools.cached_property
    def _names(self) -> frozenset[str]:
        found = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name):
                found.add(node.id)
            elif isinstance(node, ast.arg):
                found.add(node.arg)
            elif isinstance(node, ast.alias):
                found.add(node.asname or node.name)
        return frozenset(found)

    @functools.cached_property
    def collections(self) -> frozenset[str]:
        """The names that the module binds, at its top level, to what a call or a set in braces makes."""
        found: set[str] = set()
        for node in self.tree.body:
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call | ast.Set):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                found.update(target.id for target in targets if isinstance(target, ast.Name))
        return frozenset(found)

    # -- positions

    def column(self, line: int, offset: int) -> int:
        """The column, in characters from one, of a position that the parser counts in bytes from zero."""
        return len(self.lines[line - 1].encode()[:offset].decode()) + 1

    def start(self, node: ast.expr | ast.stmt | ast.keyword | ast.alias) -> tuple[int, int]:
        """Where a node begins."""
        return node.lineno, self.column(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt | ast.keyword | ast.alias) -> tuple[int, int]:
        """Where a node ends."""
        line, offset = node.end_lineno or node.lineno, node.end_col_offset or 0
        return line, self.column(line, offset)

    def between(self, start: tuple[int, int], end: tuple[int, int]) -> str:
        """The text from one position to another."""
        return self.text[self.offset(start) : self.offset(end)]

    @functools.cached_property
    def _starts(self) -> list[int]:
        found = [0]
        for line in self.lines:
            found.append(found[-1] + len(line))
        return found

    def offset(self, place: tuple[int, int]) -> int:
        """A position as an index of the text."""
        return self._starts[place[0] - 1] + place[1] - 1

    @property
    def newline(self) -> str:
        """How the file ends its lines."""
        first = self.lines[0] if self.lines else ""
        return first[len(first.rstrip("\r\n")) :] or "\n"

    # -- what stands somewhere

    def call_at(self, line: int, column: int, accept: Callable[[ast.Call], bool]) -> ast.Call | None:
        """The one call that begins at a position and is accepted: ``f(x)`` and ``f(x).g()`` begin alike."""
        found = [
            node
            for node in self._across(line)
            if isinstance(node, ast.Call) and self.start(node) == (line, column) and accept(node)
        ]
        return found[0] if len(found) == 1 else None

    def function_at(self, line: int, column: int) -> ast.AsyncFunctionDef | None:
        """The async function that begins at a position."""
        for node in self._across(line):
            if isinstance(node, ast.AsyncFunctionDef) and self.start(node) == (line, column):
                return node
        return None

    def _across(self, line: int) -> list[ast.AST]:
        """The nodes that have some part on a line, each after those around it."""
        found = self._on_line.get(line)
        if found is None:
            found = self._on_line[line] = self._statements(line)
            self._parents.update(dict.fromkeys(found, self.tree))
            for node in found:
                for child in ast.iter_child_nodes(node):
                    if _first(child, line) <= line <= getattr(child, "end_lineno", line):
                        self._parents[child] = node
                        found.append(child)
        return found

    def _statements(self, line: int) -> list[ast.AST]:
        """The statements of the module itself that have some part on a line."""
        body = self.tree.body
        after = bisect.bisect_right(body, line, key=lambda node: _first(node, line))
        first = bisect.bisect_left(body, line, hi=after, key=lambda node: node.end_lineno or node.lineno)
        return list(body[first:after])

    @functools.cached_property
    def modules(self) -> frozenset[str]:
        """The modules that are imported by name at the top level."""
        return frozenset(
            alias.name
            for node in self.tree.body
            if isinstance(node, ast.Import)
            for alias in node.names
            if not alias.asname
        )

    def is_alone(self, node: ast.stmt) -> bool:
        """Whether a statement has its lines to itself."""
        line, column = self.start(node)
        last, end = self.end(node)
        before = self.lines[line - 1][: column - 1]
        after = self.lines[last - 1][end - 1 :].strip()
        return not before.strip() and (not after or after.startswith("#"))


def _first(node: ast.AST, line: int) -> int:
    """The line a node begins on, its decorators with it; the given one for a node that is not told where it stands."""
    decorators = getattr(node, "decorator_list", ())
    return decorators[0].lineno if decorators else getattr(node, "lineno", line)


def called(call: ast.Call) -> str:
    """The last identifier of what is called."""
    function = call.func
    return (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )


def insertion(place: tuple[int, int], text: str) -> Edit:
    """An edit that puts text somewhere and takes nothing away."""
    return Edit(*place, *place, text)


def replacement(start: tuple[int, int], end: tuple[int, int], text: str) -> Edit:
    """An edit that puts text in place of what stands between two positions."""
    return Edit(*start, *end, text)
