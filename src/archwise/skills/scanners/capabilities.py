"""What a skill can do, good or bad: for a person to read in five seconds. No verdict, and no row of the panel."""

import functools
import re
from collections.abc import Iterator
from importlib.resources import files

import msgspec

from archwise.skills.scanners.embedded import Language
from archwise.skills.scanners.reading import snippets
from archwise.skills.scanners.scanner import Alarm
from archwise.skills.skill import MANIFEST, Skill

NAME = "capabilities"
TITLE = "What it can do"


_START = r"(?: ^ [ \t]* (?: \$ [ \t]+ )? | [|;&(`] [ \t]* | \b sudo [ \t]+ | \b xargs [ \t]+ )"
"""Where a shell begins a command."""


class _Capability(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that code can do, and how it looks in each language; see ``capabilities.toml``."""

    id: str
    says: str
    patterns: dict[Language, str]


def version() -> str:
    """The same with every release."""
    return "archwise"


def scan(skill: Skill) -> Iterator[Alarm]:
    """A place for each capability: the first where it shows, in the skill's files before its texts."""
    if tools := skill.front.fields.get("allowed-tools"):
        line = skill.front.lines["allowed-tools"]
        yield Alarm("tools", "info", MANIFEST, line, f"use {tools} without asking")
    code = sorted(snippets(skill, "python", "shell", "javascript", "powershell"), key=lambda snippet: snippet.fenced)
    for capability in _capabilities():
        for snippet in code:
            found = _compiled(capability.patterns.get(snippet.language, r"(?!)")).search(snippet.text)
            if found:
                line = snippet.line + snippet.text.count("\n", 0, found.start())
                yield Alarm(capability.id, "info", snippet.path, line, capability.says, found[0].strip())
                break


@functools.cache
def _capabilities() -> tuple[_Capability, ...]:
    text = files(__package__).joinpath("capabilities.toml").read_bytes()
    return tuple(msgspec.toml.decode(text, type=dict[str, list[_Capability]])["capability"])


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace("START", _START), re.MULTILINE | re.VERBOSE)
