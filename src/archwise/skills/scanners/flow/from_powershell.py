"""PowerShell, by tree-sitter's grammar. Its names do not tell upper from lower case, so all are lower here.

What comes in through a pipe is given to a command like its arguments; a type's method is called by both their names,
the namespace `System` left out.
"""

import functools
import re
from collections.abc import Sequence

import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

from archwise.skills.scanners.flow.from_shell import place
from archwise.skills.scanners.flow.program import LOOKED_FOR, Program, Value, file, result

_TARGETS = frozenset({"-destinationpath", "-destination", "-filepath", "-outfile", "-o", "-outputfile"})
"""Parameters that name what a command writes."""
_PLACES = frozenset({"-path", "-literalpath", "-name"})
_WRITERS = frozenset(
    {"set-content", "add-content", "out-file", "new-item", "set-itemproperty", "new-itemproperty", "sc", "ac"}
)
_READ = frozenset({"-infile", "-attachments"})
_SEARCHES = frozenset({"get-childitem", "gci", "dir", "ls"})
_FILTERS = frozenset({"-include", "-filter"})
_VARIABLE = re.compile(r"\$\{?(?:(env):)?([A-Za-z_]\w*)\}?", re.IGNORECASE)
_PATH = re.compile(r"^\$[\w:{}]+\\\S*$")
"""A variable with the rest of a path behind it, which the grammar takes for a mistake."""
_NAMESPACE = re.compile(r"^\[?system\.")


def add(program: Program, module: str, text: str) -> None:
    """Adds a script."""
    _Reader(program, module).block(_parser().parse(text.encode()).root_node)


@functools.cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_powershell.language()))


class _Reader:
    def __init__(self, program: Program, module: str) -> None:
        self.program, self.module = program, module

    def line(self, node: Node) -> int:
        return node.start_point[0] + 1

    def block(self, node: Node) -> Value:
        """What stands in a node, all together."""
        parts = tuple(self.read(child) for child in node.named_children)
        kept = tuple(part for part in parts if part.text or part.name or part.call or part.parts)
        return kept[0] if len(kept) == 1 else Value(self.module, self.line(node), parts=kept)

    def read(self, node: Node) -> Value:
        reader = getattr(self, f"_{node.type}", None)
        return reader(node) if reader is not None else self.block(node)

    def _function_statement(self, node: Node) -> Value:
        names = [each for each in _inside(node, "script_parameter") if each.parent is not None]
        parameters = tuple(self._named(_text(_inside(each, "variable")[0])) for each in names)
        number = self.program.define(parameters)
        name = next(child for child in node.named_children if child.type == "function_name")
        self.program.bind(_text(name).lower(), Value(self.module, 0, function=number))
        bodies = [child for child in node.named_children if child.type == "script_block"]
        self.program.bind(result(number), Value(self.module, self.line(node), parts=tuple(map(self.block, bodies))))
        return Value(self.module, 0)

    def _assignment_expression(self, node: Node) -> Value:
        target, value = node.named_children[0], self.read(node.named_children[-1])
        for variable in _inside(target, "variable")[:1]:
            self.program.bind(self._named(_text(variable)), value)
        return value

    def _foreach_statement(self, node: Node) -> Value:
        variables = [child for child in node.named_children if child.type == "variable"]
        for each in node.named_children:
            if variables and each.type == "pipeline":
                self.program.bind(self._named(_text(variables[0])), self.read(each))
        return self.block(node)

    def _pipeline_chain(self, node: Node) -> Value:
        incoming: Value | None = None
        for child in node.named_children:
            incoming = self._given(child, incoming) if child.type == "command" else self.read(child)
        return incoming or Value(self.module, 0)

    def _command(self, node: Node) -> Value:
        return self._given(node, None)

    def _given(self, node: Node, incoming: Value | None) -> Value:
        """A command with what comes in through the pipe."""
        line = self.line(node)
        if incoming is not None:
            self.program.bind(f"{self.module}:$_", incoming)
        words: list[Value] = []
        first = node.named_children[0]
        if first.type == "command_invokation_operator":
            name, words = "&", [self.read(node.named_children[1])]
        else:
            name = _text(first).lower()
        for elements in node.named_children:
            if elements.type == "command_elements":
                words += [
                    self._word(child) for child in elements.named_children if child.type != "command_argument_sep"
                ]
        if name == "new-object" and words:
            kind = next((word.text for word in words if word.text and not word.text.startswith("-")), "")
            return self._called(line, f"new {_type(kind)}", words)
        if name in _SEARCHES:
            if any(word.text.lower() == "env:" for word in words):
                name = "env:"
            self._looked_for(words)
        return self._called(line, name, self._in_order(name, words, line), incoming)

    def _called(self, line: int, name: str, words: Sequence[Value], incoming: Value | None = None) -> Value:
        parts = (*words, incoming) if incoming is not None else tuple(words)
        call = Value(self.module, line, call=name, parts=parts)
        self.program.calls.append(call)
        for at, word in enumerate(words[:-1]):
            if word.text.lower() in _TARGETS:
                self._write(words[at + 1], call)
        return call

    def _in_order(self, name: str, words: list[Value], line: int) -> list[Value]:
        """The words of a command, what it writes to first, and what it reads from a file as that."""
        if name in self.program.bound:
            return [word for word in words if not word.text.startswith("-")]
        for at, word in enumerate(words[:-1]):
            if word.text.lower() in _READ:
                words[at + 1] = Value(self.module, line, call="get-content", parts=(words[at + 1],))
            elif name in _WRITERS and word.text.lower() in _PLACES | _TARGETS:
                return [words[at + 1], *words[:at], *words[at + 2 :]]
        return words

    def _looked_for(self, words: Sequence[Value]) -> None:
        for at, word in enumerate(words[:-1]):
            if word.text.lower() in _FILTERS:
                for each in words[at + 1].walk():
                    if each.text:
                        self.program.bind(LOOKED_FOR, Value(self.module, each.line, text=each.text.lstrip("*")))

    def _write(self, target: Value, value: Value) -> None:
        if target.name:
            self.program.bind(target.name, value)
        if named := place(target, self.program):
            self.program.bind(file(named), value)

    def _invokation_expression(self, node: Node) -> Value:
        owner, *rest = node.named_children
        method = next((_text(child).lower() for child in rest if child.type == "member_name"), "?")
        given = tuple(
            self.read(each) for child in rest if child.type == "argument_list" for each in child.named_children
        )
        if len(given) == 1 and not (given[0].text or given[0].name or given[0].call):
            given = given[0].parts
        line = self.line(node)
        if owner.type == "type_literal":
            kind = _type(_text(owner))
            return self._called(line, f"new {kind}" if method == "new" else f"{kind}.{method}", given)
        call = Value(self.module, line, call=f".{method}", parts=given, receiver=self.read(owner))
        self.program.calls.append(call)
        if method == "downloadfile" and len(given) > 1:
            self._write(given[1], call)
        return call

    def _member_access(self, node: Node) -> Value:
        owner = self.read(node.named_children[0])
        member = _text(node.named_children[-1]).lower()
        if owner.name:
            return Value(self.module, self.line(node), name=f"{owner.name}.{member}")
        return owner

    def _variable(self, node: Node) -> Value:
        return Value(self.module, self.line(node), name=self._named(_text(node)))

    def _string_literal(self, node: Node) -> Value:
        return self._word(node)

    def _word(self, node: Node) -> Value:
        if _PATH.match(_text(node)):
            return self._written(node)
        if node.type in ("generic_token", "command_parameter", "string_literal", "expandable_string_literal"):
            inner = _inside(node, "sub_expression")
            written = self._written(node)
            if inner:
                return Value(self.module, self.line(node), parts=(written, *map(self.block, inner)))
            return written
        return self.read(node)

    def _written(self, node: Node) -> Value:
        """A word as it is written: its text, and the variables in it."""
        text, line = _text(node), self.line(node)
        if text[:1] in "\"'" and len(text) > 1:
            verbatim, text = text[0] == "'", text[1:-1]
            if verbatim:
                return Value(self.module, line, text=text)
        elif text.startswith("@"):
            return Value(self.module, line, text=text[2:-2].strip())
        parts: list[Value] = []
        at = 0
        for found in _VARIABLE.finditer(text):
            if found.start() > at:
                parts += self._pieces(text[at : found.start()], line)
            parts.append(Value(self.module, line, name=self._named(found[0])))
            at = found.end()
        if not parts:
            return Value(self.module, line, text=text)
        parts += self._pieces(text[at:], line)
        return parts[0] if len(parts) == 1 else Value(self.module, line, parts=tuple(parts))

    def _pieces(self, text: str, line: int) -> list[Value]:
        return [Value(self.module, line, text=each) for each in text.split("\\") if each]

    def _named(self, variable: str) -> str:
        found = _VARIABLE.match(variable)
        if found is None:
            return f"{self.module}:{variable.lower()}"
        name = found[2]
        if found[1]:
            return "$HOME" if name.upper() in ("USERPROFILE", "HOME") else f"$env.{name}"
        return "$HOME" if name.lower() == "home" else f"{self.module}:${name.lower()}"

    def _comment(self, node: Node) -> Value:
        return Value(self.module, 0)


def _type(text: str) -> str:
    return _NAMESPACE.sub("", text.lower()).strip("[]").strip("\"'")


def _inside(node: Node, kind: str) -> list[Node]:
    """All nodes of a kind within one."""
    found = [node] if node.type == kind else []
    for child in node.named_children:
        found += _inside(child, kind)
    return found


def _text(node: Node) -> str:
    return node.text.decode(errors="replace") if node.text is not None else ""
