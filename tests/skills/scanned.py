"""What one scanner says of a small skill."""

from archwise.skills.scanners.scanner import SEVERITIES, Row
from archwise.skills.skill import Skill
from archwise.skills.workers import look

FRONT = (
    "---\nname: notes\ndescription: Keeps notes. Use when the user wants to keep a note.\nlicense: MIT\n---\n# Notes\n"
)


def row(scanner: str, files: dict[str, str]) -> Row:
    """What a scanner says of a skill of these files."""
    given = {"SKILL.md": FRONT} | files
    (found,) = look(scanner, [Skill.of("notes", {name: text.encode() for name, text in given.items()})])
    assert found.status != "failed", found.reason
    return found


def alarms(scanner: str, files: dict[str, str]) -> set[str]:
    """The rules that a scanner names at medium or worse."""
    medium = SEVERITIES.index("medium")
    return {alarm.rule for alarm in row(scanner, files).alarms if SEVERITIES.index(alarm.severity) >= medium}
