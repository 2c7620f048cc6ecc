"""Shell and PowerShell: scripts, commands shown in the texts, and what no skill's commands should do."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

import msgspec

from archwise.skills.scanners import flow, rules
from archwise.skills.scanners.flow.literals import names_only_examples
from archwise.skills.scanners.reading import PROSE, Snippet, snippets
from archwise.skills.scanners.scanner import Alarm, SkippedError, installed
from archwise.skills.skill import Skill

_CONSTANT = re.compile(
    r"(?:^|[;&\s])(?P<name>[A-Za-z_]\w*)=(?P<value>[\w./:-]{1,120}|\"[^\"`\n]{1,120}\"|'[^'\n]{1,120}')(?=[\s;&#]|$)",
    re.MULTILINE,
)
_USED = re.compile(r"\$(?P<brace>\{)?(?P<name>[A-Za-z_]\w*)(?(brace)\})")

_WORD = re.compile(r"""["'](\w+)["']""")
_NESTED, _LONGEST = 3, 200_000
"""How often constants are put into constants, and the characters that may come of it."""

_BATCH = (".bat", ".cmd", ".vbs", ".bas")

NAME = "shell-code"
TITLE = "Shell code"


def version() -> str:
    """The parser's version, and the state of the rules.

    Raises:
        UnavailableError: the parser is not installed.
    """
    known = ", ".join(map(rules.version, ("shell_code.toml", "powershell_code.toml", flow.ROLES)))
    parsers = ", ".join(f"{name} {installed(name)}" for name in ("tree-sitter-bash", "tree-sitter-powershell"))
    return f"{parsers}, {known}"


def scan(skill: Skill) -> Iterable[Alarm]:
    """What its commands do that none should.

    Raises:
        SkippedError: there are none.
        UnavailableError: the parser is not installed.
    """
    return rules.gravest(map(_as_example, _alarms(skill)))


def _as_example(alarm: Alarm) -> Alarm:
    """What a text shows of servers that do not exist is there to be read: it weighs less."""
    shown = PurePosixPath(alarm.path).suffix.lower() in PROSE
    if not shown or alarm.severity == "info" or not names_only_examples(alarm.evidence):
        return alarm
    return msgspec.structs.replace(alarm, severity="low")


def _alarms(skill: Skill) -> Iterator[Alarm]:
    shell, powershell, other = (snippets(skill, language) for language in ("shell", "powershell", "other"))
    if not shell and not powershell and not other:
        raise SkippedError("no shell code in this skill")
    version()
    yield from flow.alarms(shell, "shell")
    yield from flow.alarms(list(_joined(shell)), "shell")
    yield from flow.alarms([each for each in powershell if not each.path.lower().endswith(_BATCH)], "powershell")
    for snippet in shell:
        yield from rules.alarms("shell_code.toml", _spelled_out(snippet))
    for snippet in other:  # a command within a configuration, or one that the text shows
        yield from rules.alarms("shell_code.toml", snippet)
    for snippet in (*powershell, *shell):
        yield from rules.alarms("powershell_code.toml", snippet)


def _joined(code: Sequence[Snippet]) -> Iterator[Snippet]:
    """The pieces of shell code that one text shows, as one program on the lines they stand on: what one piece fetches,
    another may run."""
    shown: dict[str, list[Snippet]] = {}
    for snippet in code:
        if snippet.fenced:
            shown.setdefault(snippet.path, []).append(snippet)
    for path, pieces in shown.items():
        if len(pieces) > 1:
            lines = [""] * max(piece.line + piece.text.count("\n") for piece in pieces)
            for piece in pieces:
                for at, line in enumerate(piece.text.rstrip("\n").split("\n"), piece.line - 1):
                    lines[at] = f"{lines[at]}; {line}" if lines[at] else line
            yield Snippet(path, 1, "shell", "\n".join(lines), fenced=True)


def _spelled_out(snippet: Snippet) -> Snippet:
    """A script with the values of its short constants in place of their names: commands are hidden that way."""
    values = {found["name"]: found["value"].strip("\"'") for found in _CONSTANT.finditer(snippet.text)}
    if not values:
        return snippet
    text = snippet.text
    for _ in range(_NESTED):
        text = _USED.sub(lambda found: values.get(found["name"], found[0]), text)[:_LONGEST]
    text = _WORD.sub(r"\1", text)
    return msgspec.structs.replace(snippet, text=text)
