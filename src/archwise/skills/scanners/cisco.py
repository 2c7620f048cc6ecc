"""Cisco's skill-scanner, where it is installed: its offline analysers over the whole skill.

Loading it takes seconds, looking at a skill a tenth of one: it is kept for as long as its process lives.
"""

import functools
import tempfile
from collections.abc import Iterator
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from archwise.skills.scanners import on_disk
from archwise.skills.scanners.scanner import SEVERITIES, Alarm, Severity, UnavailableError
from archwise.skills.skill import Skill

NAME = "cisco"
TITLE = "Cisco skill-scanner"


def version() -> str:
    """Its version.

    Raises:
        UnavailableError: it is not installed.
    """
    try:
        return f"cisco-ai-skill-scanner {metadata.version('cisco-ai-skill-scanner')}"
    except metadata.PackageNotFoundError as error:
        why = "cisco-ai-skill-scanner is not installed: pip install cisco-ai-skill-scanner (659 MB)"
        raise UnavailableError(why) from error


def scan(skill: Skill) -> Iterator[Alarm]:
    """Its findings.

    Raises:
        UnavailableError: it is not installed.
    """
    version()
    with tempfile.TemporaryDirectory(prefix="archwise-") as folder:
        result = _scanner().scan_skill(str(on_disk.write(skill, Path(folder))))
    for each in result.findings:
        severity = str(each.severity.value).lower()
        rule, path = str(each.rule_id).lower().replace("_", "-"), str(each.file_path or "SKILL.md")
        known: Severity = severity if severity in SEVERITIES else "info"
        yield Alarm(rule, known, path, int(each.line_number or 0), str(each.title), str(each.snippet or "")[:200])


@functools.cache
def _scanner() -> Any:
    return import_module("skill_scanner").SkillScanner()
