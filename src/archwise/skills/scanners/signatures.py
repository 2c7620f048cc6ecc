"""Malware signatures: YARA rules over every file, binary ones included."""

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from archwise.skills.scanners import rules
from archwise.skills.scanners.scanner import Alarm, Severity, installed
from archwise.skills.skill import Skill

if TYPE_CHECKING:
    import yara_x

NAME = "signatures"
TITLE = "Malware signatures"
_RULES = "signatures.yar"


def version() -> str:
    """The version of YARA-X and the state of the rules.

    Raises:
        UnavailableError: yara-x is not installed.
    """
    return f"yara-x {installed('yara-x')}, {rules.version(_RULES)}"


def scan(skill: Skill) -> Iterator[Alarm]:
    """Files that match a signature.

    Raises:
        UnavailableError: yara-x is not installed.
    """
    version()
    for path, data in skill.files.items():
        for found in _compiled().scan(data).matching_rules:
            meta = dict(found.metadata)
            at = min((match.offset for pattern in found.patterns for match in pattern.matches), default=0)
            line = data.count(b"\n", 0, at) + 1 if skill.text(path) is not None else 0
            name = found.identifier.replace("_", "-")
            yield Alarm(name, cast("Severity", meta["severity"]), path, line, str(meta["why"]), _around(data, at))


def _around(data: bytes, at: int) -> str:
    start = data.rfind(b"\n", 0, at) + 1
    end = data.find(b"\n", at)
    return data[start : end if end >= 0 else None][:200].decode("utf-8", "replace").strip()


@functools.cache
def _compiled() -> "yara_x.Rules":
    import yara_x

    return yara_x.compile(rules.source(_RULES).decode())
