"""The front matter of a skill: the YAML between the fences that open SKILL.md.

Values are read as text, lists and mappings of text, as the reference library does: ``version: 1.0`` is "1.0". Anchors
and tags of YAML are refused, so that nothing can grow or be built while it is read.
"""

import re
from typing import Any, Literal

import msgspec

from archwise.skills.errors import MissingExtraError

Weight = Literal["fatal", "warning", "note"]
"""Of a problem: no agent can load the skill; some agents do not; all load it, though the specification forbids it."""

_OPENING = re.compile(
    r"(?P<before>(?:[\s\ufeff]++|<!--(?>.*?-->))*+)(?P<fence>---[ \t]*\r?)$", re.DOTALL | re.MULTILINE
)
_CLOSING = re.compile(r"^---[ \t]*\r?$", re.MULTILINE)
_PLAIN = re.compile(r"^([A-Za-z][\w-]*):[ \t]+(?![\"'\[{|>&*!#%@`])(.*:.*)$", re.MULTILINE)
_MOST, _DEEPEST = 64_000, 10
"""Characters of front matter that are read (the longest field of the specification has 1,024), and levels of YAML."""


class Problem(msgspec.Struct, frozen=True):
    """One thing that is wrong with a skill's form, with the line of SKILL.md, counted from 1."""

    rule: str
    weight: Weight
    message: str
    line: int = 1


class FrontMatter(msgspec.Struct, frozen=True):
    """What SKILL.md says of itself, and the text below.

    ``body_line`` is the line of SKILL.md that the body starts on, counted from 1; ``before`` is what stands above the
    opening fence, where the specification allows nothing.
    """

    fields: dict[str, Any]
    lines: dict[str, int]
    body: str
    body_line: int
    before: str = ""
    problems: tuple[Problem, ...] = ()


def read(text: str) -> FrontMatter:
    """The front matter of a SKILL.md, however it deviates; what it does wrong is among its ``problems``."""
    opening = _OPENING.match(text)
    if opening is None:
        return FrontMatter({}, {}, text, 1, problems=(Problem("front-matter-missing", "fatal", _MISSING),))
    before, first = opening["before"], text.count("\n", 0, opening.start("fence")) + 1
    closing = _CLOSING.search(text, opening.end())
    if closing is None:
        unclosed = Problem("front-matter-unclosed", "fatal", "no line `---` closes the front matter", first)
        return FrontMatter({}, {}, "", 1, before, (unclosed,))
    problems = list(_before_problems(before))
    source = text[opening.end() : closing.start()].lstrip("\r\n")
    if "---" in source:
        problems.append(
            Problem("fence-in-value", "note", "`---` inside the front matter cuts it short for some readers")
        )
    fields, lines, found = _parse(source, first + 1)
    body = text[closing.end() :].lstrip("\r\n")
    body_line = text.count("\n", 0, len(text) - len(body)) + 1
    return FrontMatter(fields, lines, body, body_line, before, (*problems, *found))


def repaired(text: str) -> str:
    """The same text in a form that every agent can load: what stands above the front matter moves below it, and values
    with a colon in them are quoted. Unchanged where nothing is wrong, or nothing can be done."""
    opening = _OPENING.match(text)
    closing = _CLOSING.search(text, opening.end()) if opening else None
    if opening is None or closing is None:
        return text
    before, block, after = opening["before"], text[opening.start("fence") : closing.end()], text[closing.end() :]
    if _failure(block[3:-3]):
        quoted = _quoted(block)
        block = block if _failure(quoted[3:-3]) else quoted
    before = before.removeprefix("﻿").strip()
    end = "\r\n" if "\r\n" in block else "\n"
    return f"{block}{end}{end}{before}{after}" if before else block + after


_MISSING = "SKILL.md does not start with front matter: a line `---`, `name:` and `description:`, a line `---`"


def _before_problems(before: str) -> list[Problem]:
    if not before:
        return []
    if before.strip().startswith("<!--") or "<!--" in before:
        what = "a comment (an exporter's marker, most often)"
    else:
        what = "a byte order mark" if "﻿" in before else "an empty line"
    said = f"{what} stands above the front matter: most installers and the reference validator then find no skill"
    return [Problem("text-before-front-matter", "warning", f"{said}; --repair moves it below")]


def _parse(source: str, first: int) -> tuple[dict[str, Any], dict[str, int], list[Problem]]:
    if len(source) > _MOST:
        return (
            {},
            {},
            [Problem("front-matter-too-long", "fatal", f"the front matter has more than {_MOST:,} characters")],
        )
    problems = []
    failure = _failure(source)
    if failure and not _failure(_quoted(source)):
        source = _quoted(source)
        problems.append(
            Problem("unquoted-colon", "warning", f"{failure[0]}; --repair quotes the value", first + failure[1])
        )
    elif failure:
        return {}, {}, [Problem("front-matter-unreadable", "fatal", failure[0], first + failure[1])]
    fields, lines, notes = _Reader(first).mapping(_compose(source))
    return fields, lines, [*problems, *notes]


def _quoted(source: str) -> str:
    return _PLAIN.sub(lambda found: f"{found[1]}: {_single_quoted(found[2])}", source)


def _single_quoted(value: str) -> str:
    end = "\r" if value.endswith("\r") else ""
    return "'" + value.strip().replace("'", "''") + "'" + end


def _failure(source: str) -> tuple[str, int] | None:
    """Why a text is not the YAML that front matter may be, and on which line of it, counted from 0."""
    yaml, depth = _yaml(), 0
    try:
        for event in yaml.parse(source, Loader=yaml.SafeLoader):
            line = event.start_mark.line
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                return "the front matter is nested too deeply", line
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                return "anchors are not allowed in front matter", line
            if str(getattr(event, "tag", None) or "!").lstrip("!"):
                return "tags of YAML are not allowed in front matter", line
        node = _compose(source)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return f"not valid YAML: {getattr(error, 'problem', None) or error}", mark.line if mark else 0
    if not isinstance(node, yaml.MappingNode):
        return "the front matter is not a list of `key: value`", 0
    return None


def _compose(source: str) -> Any:
    yaml = _yaml()
    return yaml.compose(source, Loader=yaml.SafeLoader)


class _Reader:
    """Turns nodes of YAML into text, lists and mappings, and notes what a strict reader refuses."""

    def __init__(self, first: int) -> None:
        self._first = first
        self._notes: list[Problem] = []

    def mapping(self, node: Any) -> tuple[dict[str, Any], dict[str, int], list[Problem]]:
        lines = {str(key.value): self._first + key.start_mark.line for key, _ in node.value}
        return self._value(node), lines, self._notes

    def _value(self, node: Any) -> Any:
        yaml, line = _yaml(), self._first + node.start_mark.line
        if isinstance(node, yaml.ScalarNode):
            return "" if node.style is None and node.value in ("~", "null") else node.value
        if node.flow_style:
            what = "`[a, b]` and `{a: b}` are refused by the reference validator: write one item a line"
            self._notes.append(Problem("flow-style", "note", what, line))
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item) for item in node.value]
        found: dict[str, Any] = {}
        for key, value in node.value:
            if str(key.value) in found:
                self._notes.append(Problem("duplicate-key", "warning", f"`{key.value}` is given twice", line))
            found[str(key.value)] = self._value(value)
        return found


def _yaml() -> Any:
    try:
        import yaml
    except ImportError as error:
        raise MissingExtraError("PyYAML") from error
    return yaml
