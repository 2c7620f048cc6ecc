"""Programs in any language, by what they combine: what is harmless alone, and has no business together.

The scanners of single languages follow data. Nobody parses the thirty other languages that a skill can bring a program
in, nor the settings that start one; but all of them name the places they read and the functions they call. This row
reads those words, and says what no program of a skill has a reason to do in one file.
"""

import functools
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import PurePosixPath

import msgspec

from archwise.skills.scanners import rules
from archwise.skills.scanners.flow.literals import is_made_up, names_only_examples, strangers
from archwise.skills.scanners.reading import PROSE, Snippet, snippets, without_wrapping
from archwise.skills.scanners.scanner import Alarm, Severity, SkippedError
from archwise.skills.skill import MANIFEST, Skill

NAME = "programs"
TITLE = "What programs combine"
_RULES = "programs.toml"
_NO_PROGRAM = PROSE | {
    ".csv",
    ".tsv",
    ".lock",
    ".log",
    ".xsd",
    ".xml",
    ".css",
    ".geojson",
    ".po",
    ".bib",
    ".yar",
    ".yara",
    ".sarif",
}
_LONGEST = 200_000
"""Characters of a file that are read: more is a bundle or data."""
_SETTINGS = frozenset({".json", ".yaml", ".yml", ".toml", ".ini", ".conf", ".cfg", ".env", ".properties"})
_MANIFESTS = frozenset(
    {"package.json", "package-lock.json", "pyproject.toml", "plugin.json", "marketplace.json", "composer.lock"}
)
_OWN_NAME = re.compile(r"^name:[^\n]*$", re.MULTILINE)
_MAIL = re.compile(r"[\"'<,\s][\w.+-]+@((?:[\w-]+\.)+[a-z]{2,})\b", re.IGNORECASE)
_NEAR = 6
"""Lines that two deeds may stand apart where they have to be close."""
_FINDS = re.compile(
    r"^logsource:[\s\S]*^detection:|^\s*strings:\s*\n\s*\$\w+\s*=|^\s*description\s*=\s*\"Detects\b", re.MULTILINE
)
"""A rule that finds attacks, in the form of Sigma or YARA."""
_COMMENT = re.compile(r"^[ \t]*(?:#(?!!)|//|--[ ]|\*|/\*|;|%|rem\b)[^\n]*$", re.MULTILINE | re.IGNORECASE)
_SOUGHT = re.compile(
    r"\b(?:[efpz]|p)?grep\b[^|;&\n]*(?:'[^'\n]*'|\"[^\"\n]*\")[^|;&\n]*"
    r"|(?:--identity(?:-file)?|--recipients-file|\s-i)[\s=]+[\"']?[$~/][^\s\"']*\.(?:ssh|config/age)/[^\s\"']+"
    r"|<a\s[^<>]*>"
    r"|\bGet-ItemProperty(?:Value)?\b[^\n|;)]*"
    r"|\b(?:mkdir\s|install\s+-d|install\b[^\n|;&]*/dev/stdin|chmod\s|ssh-key(?:gen|scan)\s)[^\n|;&]*\.ssh[^\s\"']*"
    r"|\"deny\"\s*:\s*\[[^\]]*\]"
    r"|\br'[^'|\n]*\|[^'|\n]*\|[^'\n]*'|\br\"[^\"|\n]*\|[^\"|\n]*\|[^\"\n]*\""
)
"""What a command looks for, makes room for or signs on with, settings deny or a page links to, is not done."""
_WORDS = re.compile(r"[\"'],[ \t]*[\"']")
"""What stands between the words of a command that is given as a list."""


class Together(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Deeds that one file should not combine: ``close`` to one another, or with the host of a ``stranger`` named in it;
    ``unnamed``, or with no host at all; ``undeclared``, with one that the texts of the skill do not name. What a text
    shows has to be close in any case, and may be an ``example`` of a mistake."""

    id: str
    severity: Severity
    deeds: tuple[str, ...]
    why: str
    stranger: bool = False
    close: bool = False
    unnamed: bool = False
    undeclared: bool = False
    example: bool = False


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    deed: dict[str, tuple[str, ...]]
    together: tuple[Together, ...]


def version() -> str:
    """The state of the rules."""
    return rules.version(_RULES)


def scan(skill: Skill) -> Iterator[Alarm]:
    """What its programs combine that none should.

    Raises:
        SkippedError: it has none.
    """
    programs = {path: text for path, text in skill.texts().items() if _is_program(path, text)}
    shown = _shown(skill)
    if not programs and not shown and "hooks" not in skill.front.fields:
        raise SkippedError("no program in this skill")
    texts = {path: text for path, text in skill.texts().items() if path not in programs}
    said = "\n".join(text for path, text in texts.items() if PurePosixPath(path).suffix.lower() in PROSE).lower()
    prose = _OWN_NAME.sub("", said)
    for path, text in programs.items():
        yield from _combined(path, text, prose)
    yield from _set(programs, prose)
    yield from _mailed(programs, prose)
    for path, text in shown.items():
        yield from _combined(path, text, shown=True)
    yield from _hooked(skill)


def _mailed(programs: dict[str, str], prose: str) -> Iterator[Alarm]:
    """Mail to somebody whom no text names."""
    for path, text in programs.items():
        code = _COMMENT.sub("", text)
        if not _lines("mails", code):
            continue
        for found in _MAIL.finditer(code):
            if found[1].lower() not in prose and not is_made_up(found[1]):
                line = code.count("\n", 0, found.start()) + 1
                why = f"sends mail, and names somebody whom no text of the skill names ({found[1]})"
                yield Alarm("undeclared-recipient", "medium", path, line, why, code.split("\n")[line - 1].strip()[:200])
                break


def _hooked(skill: Skill) -> Iterator[Alarm]:
    """A server that the hooks of the front matter talk to: an agent runs them without being told to."""
    host = next(strangers(json.dumps(skill.front.fields.get("hooks", ""))), None)
    if host is not None:
        why = f"has whatever the agent does told to, or directed by, a server that is not known ({host})"
        yield Alarm("hook-and-a-stranger", "high", MANIFEST, skill.front.lines.get("hooks", 1), why, host)


def _set(programs: dict[str, str], prose: str) -> Iterator[Alarm]:
    """A server that no text names, in the settings of programs that talk to servers."""
    if not any(_lines(deed, text) for deed in ("sends", "fetches") for text in programs.values()):
        return
    for path, text in programs.items():
        place = PurePosixPath(path)
        if place.suffix.lower() not in _SETTINGS or place.name in _MANIFESTS:
            continue
        host = next((each for each in strangers(text) if not _is_named(each.lower(), prose)), None)
        if host is not None:
            line = text.count("\n", 0, text.index(host)) + 1
            why = f"sets a server that no text of the skill names ({host}), for programs that talk to servers"
            yield Alarm("undeclared-server", "medium", path, line, why, text.split("\n")[line - 1].strip()[:200])


def _shown(skill: Skill) -> dict[str, str]:
    """The code that each text shows, as one program on the lines it stands on: what one piece fetches, another runs."""
    pieces: dict[str, list[Snippet]] = {}
    for snippet in snippets(skill, "python", "shell", "javascript", "powershell", "other"):
        in_text = snippet.fenced and PurePosixPath(snippet.path).suffix.lower() in PROSE
        if in_text and not _FINDS.search(snippet.text):
            pieces.setdefault(snippet.path, []).append(snippet)
    found = {}
    for path, shown in pieces.items():
        lines = [""] * max(piece.line + piece.text.count("\n") for piece in shown)
        for piece in shown:
            for at, line in enumerate(piece.text.rstrip("\n").split("\n"), piece.line - 1):
                lines[at] = f"{lines[at]}; {line}" if lines[at] else line
        found[path] = "\n".join(lines)
    return found


def _is_program(path: str, text: str) -> bool:
    place = PurePosixPath(without_wrapping(path))
    named = place.suffix.lower() not in _NO_PROGRAM and not place.name.upper().startswith(
        ("LICENSE", "NOTICE", "COPYING")
    )
    return named and len(text) < _LONGEST and not _FINDS.search(text)


def _combined(path: str, text: str, prose: str = "", *, shown: bool = False) -> Iterator[Alarm]:
    code = _WORDS.sub(" ", _SOUGHT.sub("", _COMMENT.sub("", text)))
    rows = code.split("\n")
    lines = functools.cache(lambda deed: _lines(deed, code))
    for rule in _rules():
        found = [lines(deed) for deed in rule.deeds]
        if not all(found) or ((rule.undeclared or rule.example) and shown):
            continue
        near = rule.close or shown
        line = _closest(found) if near else found[0][0]
        if not line or (shown and names_only_examples(rows[line - 1])):
            continue
        about = "\n".join(rows[max(0, line - 1 - _NEAR) : line + _NEAR]) if shown else code
        host = _stranger(about, unnamed=rule.unnamed and not shown) if rule.stranger else ""
        if rule.undeclared:
            host = next((each for each in strangers(code) if not _is_named(each.lower(), prose)), None)
        if host is not None:
            why = f"{rule.why} ({host})" if host else rule.why
            severity = rules.lesser(rule.severity) if shown and rule.severity != "medium" else rule.severity
            yield Alarm(rule.id, severity, path, line, why, text.split("\n")[line - 1].strip()[:200])


def _stranger(code: str, *, unnamed: bool) -> str | None:
    """A host that is not known; nothing where none is named at all and that will do, None where all are known."""
    found = next(strangers(code), None)
    return "" if found is None and unnamed and "://" not in code else found


def _is_named(host: str, prose: str) -> bool:
    """Whether a text names a host, or the name that its domain goes by."""
    return host in prose or (not host.replace(".", "").isdigit() and host.split(".")[-2] in prose)


def _lines(deed: str, code: str) -> tuple[int, ...]:
    """The lines that a deed is done in, counted from 1."""
    return tuple(
        sorted(
            {code.count("\n", 0, found.start()) + 1 for pattern in _deeds()[deed] for found in pattern.finditer(code)}
        )
    )


def _closest(found: list[tuple[int, ...]]) -> int:
    """The first line of the first deed that has all others close to it; 0 where there is none."""
    first, *others = found
    return next((at for at in first if all(any(abs(at - line) <= _NEAR for line in each) for each in others)), 0)


@functools.cache
def _deeds() -> dict[str, tuple[re.Pattern[str], ...]]:
    return {
        name: tuple(re.compile(pattern, re.IGNORECASE | re.VERBOSE | re.MULTILINE) for pattern in patterns)
        for name, patterns in _file().deed.items()
    }


def _rules() -> tuple[Together, ...]:
    return _file().together


@functools.cache
def _file() -> _File:
    return msgspec.convert(tomllib.loads(rules.source(_RULES).decode()), _File)
