"""Makes a scope of a template: loops, lookups and includes as operations, each with its line.

The grammar is that of Django's template language (django/template/base.py, defaulttags.py). What is not understood is
left out; a malformed template gives whatever stands before the mistake.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from archwise.engine import ir
from archwise.engine.templates.macros import MARK, Macro, imported, macros
from archwise.engine.templates.ops import Grouped, Include, Lookup, Tagged, Variable

_TOKEN = re.compile(r"\{%-?(?P<tag>.*?)-?%\}|\{\{(?P<shown>.*?)\}\}|\{#.*?#\}")
_WORD = re.compile(r'[^\s"\']*(?:(?:"[^"]*"|\'[^\']*\')[^\s"\']*)+|\S+')
_PART = re.compile(r'(?:"[^"]*"|\'[^\']*\'|[^|"\'])+')
_PATH = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*")
_RAW = {"verbatim": "endverbatim", "comment": "endcomment", "cache": "endcache"}
"""Tags whose content is no template code, or is rendered now and then only."""
_OPERATORS = frozenset({"and", "or", "not", "in", "is", "==", "!=", "<", ">", "<=", ">="})
_CONSTANTS = frozenset({"True", "False", "None", "as", "with", "only", "by", "count", "noop", "context", "silent"})
_SCOPED = frozenset({"with", "blocktrans", "blocktranslate"})
_SAME = frozenset({"slice", "dictsort", "dictsortreversed", "default", "default_if_none"})
"""Filters that give the rows, or the row, that they are given."""
_CONSUMING = frozenset({"length", "length_is", "join", "first", "last", "random", "unordered_list", "pluralize"})
_SHOWING = frozenset(
    {
        *("safe", "escape", "force_escape", "escapejs", "upper", "lower", "title", "capfirst", "truncatechars", "cut"),
        *("truncatewords", "linebreaks", "linebreaksbr", "striptags", "urlize", "slugify", "addslashes", "wordwrap"),
        *("center", "ljust", "rjust", "stringformat"),
    }
)
_SILENT = frozenset({"load", "csrf_token", "now", "static", "templatetag", "lorem", "debug", "get_static_prefix"})


_CALL = re.compile(r"(?P<name>[A-Za-z_]\w*(?:\.\w+)?)\((?P<given>.*)\)", re.DOTALL)
_SUBSCRIPT = re.compile(r"\[((?:['\"](\w+)['\"])|[\d\s]+|[^\]'\"]*:[^\]'\"]*)\]")
_TEXT = re.compile(r'"[^"]*"|\'[^\']*\'')
_MENTIONED = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?:\.\w+)+")
_ATTRIBUTE = re.compile(
    r"(?:map|sort|groupby|sum|unique|selectattr|rejectattr|min|max)\((?:attribute=)?[\"']([\w.]+)[\"']"
)
"""Filters of Jinja that read an attribute of each item."""


class Template(msgspec.Struct, frozen=True):
    """A template, or a macro of one, as a scope.

    ``blocks`` are the operations that each of its blocks holds, first and last; ``parameters`` are the macro's.
    """

    scope: ir.Scope
    parent: str
    blocks: dict[str, tuple[int, int]]
    parameters: tuple[str, ...] = ()


def compiled(name: str, text: str) -> Template:
    """The template of a name, or the macro that follows the mark in it."""
    file, _, macro = name.partition(MARK)
    compiler = _Compiler(file, text)
    return compiler.macro(name, macro) if macro else compiler.template(name, 0, len(text))


class _Compiler:
    def __init__(self, file: str, text: str) -> None:
        self._text = text
        self._macros = macros(text)
        self._callable = {**imported(text), **{name: f"{file}{MARK}{name}" for name in self._macros}}
        self._ops: list[ir.Op] = [ir.Unknown()]
        self._blocks = [ir.Block(-1, "scope", (), False)]
        self._bindings: dict[str, tuple[ir.Binding, ...]] = {}
        self._names: list[dict[str, int]] = [{}]
        self._open: list[tuple[str, int]] = []
        """The tags that wait for their end, and the block around each."""
        self._block = 0
        self._line = self._column = 0
        self._parent = ""
        self._named: dict[str, tuple[int, int]] = {}
        self._waiting: list[tuple[str, int]] = []

    def macro(self, name: str, macro: str) -> Template:
        """A macro of the template; empty where there is none of that name."""
        found = self._macros.get(macro, Macro((), 0, 0))
        for parameter in found.parameters:
            self._names[0][parameter] = self._add(Variable(parameter))
        made = self.template(name, found.start, found.end)
        return msgspec.structs.replace(made, parameters=found.parameters)

    def template(self, name: str, first: int, last: int) -> Template:
        """What stands in a stretch of the text, but for the macros that are defined there."""
        raw, text = "", self._text
        skipped = [macro for macro in self._macros.values() if macro.start > first]
        line, start = text.count("\n", 0, first) + 1, first
        for match in _TOKEN.finditer(text, first, last):
            line += text.count("\n", start, match.start())
            start = match.start()
            if any(macro.start <= start < macro.end for macro in skipped):
                continue
            self._line, self._column = line, start - (text.rfind("\n", 0, start) + 1)
            words = _WORD.findall(match["tag"]) if match["tag"] is not None else []
            if raw:
                raw = "" if words and words[0] == raw else raw
            elif words and words[0] in _RAW:
                raw = _RAW[words[0]]
            elif words:
                self._tag(words[0], words[1:])
            elif match["shown"] is not None:
                self._show(match["shown"])
        while self._waiting:
            self._end_named()
        return Template(self._scope(name), self._parent, self._named)

    def _scope(self, name: str) -> ir.Scope:
        return ir.Scope(
            kind="function",
            name=name,
            qualname=name,
            parent=-1,
            line=1,
            column=0,
            is_async=False,
            is_generator=False,
            is_stub=False,
            awaits=False,
            parameters=(),
            returns_annotation=0,
            decorators=(),
            bases=(),
            keywords=(),
            ops=tuple(self._ops),  # type: ignore[arg-type]  # with the operations of templates
            bindings=self._bindings,
            stores=(),
            results=(),
            yields=(),
            discarded=(),
            blocks=tuple(self._blocks),
            handlers=(),
            comparisons=0,
            arithmetic=0,
            globals=(),
            stars=(),
        )

    # -- operations

    def _add(self, op: ir.Op) -> int:
        self._ops.append(op)
        return len(self._ops) - 1

    def _run(self, method: str, value: int) -> None:
        if value:
            self._add(ir.Operation(method, value, 0, self._block, self._line, self._column, self._line))

    def _enter(self, tag: str, kind: Literal["if", "loop"]) -> None:
        self._open.append((tag, self._block))
        self._blocks.append(ir.Block(self._block, kind, (), False))
        self._block = len(self._blocks) - 1

    def _leave(self, tag: str) -> None:
        while any(opened == tag for opened, _ in self._open):
            opened, self._block = self._open.pop()
            if opened in ("for", "with"):
                self._names.pop()
            if opened == tag:
                return

    # -- expressions

    def _expression(self, text: str) -> int:
        """The operation of ``a.b|filter:c``; 0 where nothing is known of it."""
        first, *filters = _PART.findall(text) or [""]
        value = self._path(first) or self._called(first)
        for each in filters:
            attribute = _ATTRIBUTE.match(each.strip())
            if attribute is not None and value:
                self._of_each(value, attribute[1])
            name, _, argument = each.strip().partition("(")[0].partition(":")
            given = self._path(argument)
            if name in _CONSUMING:
                self._run("__bool__", value)
            elif name in _SHOWING:
                self._run("__format__", value)
            elif name == "slice":
                value = self._cut(value, argument)
            if name not in _SAME:
                value = self._tagged(name, (value, given)) if value and name not in _CONSUMING | _SHOWING else 0
        return value

    def _tagged(self, name: str, arguments: tuple[int, ...], named: tuple[tuple[str, int], ...] = ()) -> int:
        return self._add(Tagged(name, arguments, named, self._block, self._line, self._column, self._line))

    def _cut(self, value: int, bounds: str) -> int:
        key = self._add(ir.Constant("slice", f"[{_literal(bounds)}]"))
        return self._add(ir.Item(value, key, self._block, self._line, self._column, self._line)) if value else 0

    def _path(self, text: str) -> int:
        text = _SUBSCRIPT.sub(_looked_up, text.strip().replace("()", ""))
        if text.startswith("_(") or not _PATH.fullmatch(text) or text in _CONSTANTS:
            return 0
        first, *rest = text.split(".")
        value = next((names[first] for names in reversed(self._names) if first in names), -1)
        if value < 0:
            value = self._add(Variable(first))
        for name in rest:
            if value:
                value = self._add(Lookup(value, name, self._block, self._line, self._column, self._line))
        return value

    def _called(self, text: str) -> int:
        """What a call, or another expression of Jinja, reads: a macro is rendered in place, with what it is given."""
        call = _CALL.fullmatch(text.strip())
        name = call["name"] if call is not None else ""
        before, dot, last = name.rpartition(".")
        macro = self._callable.get(name) or (self._callable.get(before + dot) if dot else None)
        if call is not None and macro is not None:
            self._render(macro + (last if macro.endswith(MARK) else ""), call["given"])
            return 0
        plain = _TEXT.sub("", text)
        if "(" in plain or " " in plain.strip():
            for path in _MENTIONED.findall(plain):
                self._path(path)
        return 0

    def _render(self, macro: str, given: str) -> None:
        named = {}
        for position, part in enumerate(_TEXT.sub("''", given).split(",")):
            name, equals, value = part.partition("=")
            named[name.strip() if equals else str(position)] = self._expression(value if equals else part)
        self._include_with(macro, named, True)

    def _of_each(self, value: int, path: str) -> None:
        """What is read of each item: ``rows|map(attribute="customer.name")``."""
        element = self._add(ir.Element(value, False, self._block, self._line, self._column, self._line))
        self._enter("for", "loop")
        self._bindings[f"@{element}"] = (ir.Binding(element, 0, self._block, len(self._ops)),)
        self._names.append({"@": element})
        for name in path.split("."):
            element = self._add(Lookup(element, name, self._block, self._line, self._column, self._line))
        self._leave("for")

    def _show(self, text: str) -> None:
        self._run("__format__", self._expression(text.strip()))

    def _assigned(self, words: list[str]) -> dict[str, int]:
        """The values of ``name=expression`` and ``expression as name``."""
        found = {}
        for position, word in enumerate(words):
            name, equals, value = word.partition("=")
            if equals and name.isidentifier():
                found[name] = self._expression(value)
            elif word == "as" and 0 < position < len(words) - 1:
                found[words[position + 1]] = self._expression(words[position - 1])
        return found

    # -- tags

    def _tag(self, tag: str, words: list[str]) -> None:
        if tag == "for" and "in" in words:
            self._for(words)
        elif tag == "empty":
            self._names.append({})
            self._leave_loop()
        elif tag in ("if", "elif", "else", "ifchanged"):
            self._condition(tag, words)
        elif tag in _SCOPED:
            assigned = self._assigned(words)
            self._names.append(assigned)
            self._open.append(("with", self._block))
        elif tag in ("endwith", "endblocktrans", "endblocktranslate"):
            self._leave("with")
        elif tag in ("endfor", "endif", "endifchanged"):
            self._leave(tag.removeprefix("end"))
        elif tag == "block" and words:
            self._waiting.append((words[0], len(self._ops)))
        elif tag == "endblock":
            self._end_named()
        elif tag == "extends" and words:
            self._parent = _literal(words[0])
        elif tag == "include" and words:
            self._include(words)
        elif tag == "set" and words[1:2] == ["="]:
            self._names[-1][words[0]] = self._expression(" ".join(words[2:]))
        elif tag == "regroup" and len(words) == 5:
            self._regroup(words)
        elif tag not in _SILENT:
            self._other(tag, words)

    def _for(self, words: list[str]) -> None:
        at = words.index("in")
        names = [name for word in words[:at] for name in word.split(",") if name]
        end = next((position for position, word in enumerate(words) if word in ("if", "recursive")), len(words))
        value = self._expression(" ".join(word for word in words[at + 1 : end] if word != "reversed"))
        element = self._add(ir.Element(value, False, self._block, self._line, self._column, self._line))
        self._enter("for", "loop")
        values = {names[0]: element} if len(names) == 1 else {}
        for position, name in enumerate(names if len(names) > 1 else ()):
            values[name] = self._add(ir.Unpack(element, position))
        self._bindings[f"{names[0] if names else ''}@{element}"] = (
            ir.Binding(element, 0, self._block, len(self._ops)),
        )
        self._names.append({**values, "forloop": 0})
        for word in words[end + 1 :]:
            self._run("__bool__", self._expression(word) if word not in _OPERATORS else 0)

    def _leave_loop(self) -> None:
        """What follows ``empty`` is rendered where there was nothing to go through."""
        self._names.pop()
        for position in range(len(self._open) - 1, -1, -1):
            tag, outer = self._open[position]
            if tag == "for":
                self._blocks.append(ir.Block(outer, "if", (), False))
                self._block = len(self._blocks) - 1
                return

    def _condition(self, tag: str, words: list[str]) -> None:
        if tag in ("elif", "else"):
            self._leave_branch()
        values = []
        for position, word in enumerate(words):
            if word not in _OPERATORS:
                values.append(self._expression(word))
                is_compared = any(
                    0 <= other < len(words) and words[other] in ("==", "!=", "is", "in")
                    for other in (position - 1, position + 1)
                )
                is_searched = position > 0 and words[position - 1] == "in"
                if not is_compared or is_searched:
                    self._run("__contains__" if is_searched else "__bool__", values[-1])
        if tag in ("if", "ifchanged"):
            self._enter(tag, "if")

    def _leave_branch(self) -> None:
        for tag, outer in reversed(self._open):
            if tag == "if":
                self._blocks.append(ir.Block(outer, "if", (), False))
                self._block = len(self._blocks) - 1
                return

    def _end_named(self) -> None:
        if self._waiting:
            name, first = self._waiting.pop()
            self._named[name] = (first, len(self._ops) - 1)

    def _include(self, words: list[str]) -> None:
        template = _literal(words[0])
        given: dict[str, int] = {}
        for names in self._names:
            given.update(names)
        given.update(self._assigned(words[1:]))
        if template:
            given.pop("forloop", None)
            only = "only" in words
            self._include_with(template, self._assigned(words[1:]) if only else given, only)

    def _include_with(self, template: str, given: dict[str, int], only: bool) -> None:
        named = tuple(sorted(given.items()))
        self._add(Include(template, named, only, self._block, self._line, self._column, self._line))

    def _regroup(self, words: list[str]) -> None:
        value = self._expression(words[0])
        self._of_each(value, words[2].partition("|")[0])
        self._names[-1][words[4]] = self._add(Grouped(value))

    def _other(self, tag: str, words: list[str]) -> None:
        """A tag that reads its arguments: ``url``, ``cycle``, or one of the project's own."""
        stop = words.index("as") if "as" in words else len(words)
        given: list[int] = []
        named: list[tuple[str, int]] = []
        for word in words[:stop]:
            name, equals, value = word.partition("=")
            if equals and name.isidentifier():
                named.append((name, self._expression(value)))
            else:
                given.append(self._expression(word))
        made = self._tagged(tag, tuple(given), tuple(named)) if any(given) or any(at for _, at in named) else 0
        for name in words[stop + 1 : stop + 2]:
            self._names[-1][name] = made


def _looked_up(subscript: re.Match[str]) -> str:
    """Jinja's ``[key]`` as a lookup; a slice gives the rows that it is taken of."""
    return "" if ":" in subscript[1] else f".{subscript[1].strip()}" if subscript[2] is None else f".{subscript[2]}"


def _literal(word: str) -> str:
    return word[1:-1] if word[:1] in ("'", '"') and word[-1:] == word[:1] else ""
