"""Rules kept as data: a file of patterns beside the scanner that uses them."""

import functools
import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib import resources

import msgspec

from archwise.skills.scanners.reading import Snippet
from archwise.skills.scanners.scanner import SEVERITIES, Alarm, Severity

_LOOKED_FOR = re.compile(r"\b(?:[efpz]|pcre2|rip|p)?grep\b[^|;&\n]*$|\b(?:rg|ack|ag|findstr|Select-String)\s[^|;&\n]*$")
"""A line up to where a pattern stands that is looked for."""
_CONTINUED = re.compile(r"(?:[^\n]*\\\n)+[^\n]*")


class CodeRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is wrong with code that holds ``pattern``, and holds ``along`` anywhere in the same file.

    ``unless`` silences a line. ``shown`` is the severity where the code stands in a text, where it may be an example;
    one less than ``severity`` if it is not given.
    """

    id: str
    severity: Severity
    pattern: str
    why: str
    along: str = ""
    unless: str = ""
    shown: Severity | None = None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rule: tuple[CodeRule, ...]


def version(name: str) -> str:
    """The state of a file of rules, short."""
    return "rules " + hashlib.sha256(source(name)).hexdigest()[:8]


def source(name: str) -> bytes:
    """A data file of this package."""
    return resources.files(__package__).joinpath(name).read_bytes()


def alarms(name: str, snippet: Snippet) -> Iterator[Alarm]:
    """What the rules of a file say of some code: each rule at most once a line."""
    text = _joined(snippet.text)
    for rule, pattern, along, unless in _compiled(name):
        if along is not None and not along.search(text):
            continue
        seen = set()
        for found in pattern.finditer(text):
            line = snippet.line + text.count("\n", 0, found.start())
            start, end = text.rfind("\n", 0, found.start()) + 1, text.find("\n", found.end())
            whole = text[start : end if end >= 0 else None]
            before = text[start : found.start()]
            sought = bool(_LOOKED_FOR.search(before)) and before.count("'") + before.count('"') > 0
            if line in seen or sought or _is_comment(whole) or (unless is not None and unless.search(whole)):
                continue
            seen.add(line)
            severity = (rule.shown or lesser(rule.severity)) if snippet.fenced else rule.severity
            yield Alarm(rule.id, severity, snippet.path, line, rule.why, whole.strip()[:200])


def gravest(alarms: Iterable[Alarm]) -> list[Alarm]:
    """Of alarms by the same rule about the same line the gravest, in the order of the first of each."""
    kept: dict[tuple[str, str, int], Alarm] = {}
    for alarm in alarms:
        place = (alarm.rule, alarm.path, alarm.line)
        if place not in kept or SEVERITIES.index(alarm.severity) > SEVERITIES.index(kept[place].severity):
            kept[place] = alarm
    return list(kept.values())


def lesser(severity: Severity) -> Severity:
    """One step less."""
    return SEVERITIES[max(0, SEVERITIES.index(severity) - 1)]


@functools.cache
def _compiled(
    name: str,
) -> tuple[tuple[CodeRule, re.Pattern[str], re.Pattern[str] | None, re.Pattern[str] | None], ...]:
    file = msgspec.convert(tomllib.loads(source(name).decode()), _File)
    return tuple((rule, _regex(rule.pattern), _optional(rule.along), _optional(rule.unless)) for rule in file.rule)


def _optional(pattern: str) -> re.Pattern[str] | None:
    return _regex(pattern) if pattern else None


def _regex(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.VERBOSE)


def _joined(text: str) -> str:
    """Lines that are continued made one, followed by as many empty ones, so that later lines keep their numbers."""
    return _CONTINUED.sub(lambda found: found[0].replace("\\\n", " ") + "\n" * found[0].count("\\\n"), text)


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith(("#", "//")) and "!" not in line[:3]
