"""Form: whether SKILL.md is as the Agent Skills specification asks, so that agents load it as its author meant."""

from collections.abc import Iterator

from archwise.skills.scanners.scanner import Alarm, Severity
from archwise.skills.skill import MANIFEST, Skill
from archwise.skills.specification import problems

NAME = "specification"
TITLE = "Specification and front matter"

_SEVERITIES: dict[str, Severity] = {"fatal": "medium", "warning": "low", "note": "info"}


def version() -> str:
    """The specification's year: it carries no version."""
    return "agentskills 2026"


def scan(skill: Skill) -> Iterator[Alarm]:
    """What keeps agents from loading the skill, or departs from the specification."""
    for problem in problems(skill):
        yield Alarm(problem.rule, _SEVERITIES[problem.weight], MANIFEST, problem.line, problem.message)
