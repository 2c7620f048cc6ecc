"""JavaScript and TypeScript: what no skill's program should do."""

from collections.abc import Iterator

from archwise.skills.scanners import rules
from archwise.skills.scanners.reading import snippets
from archwise.skills.scanners.scanner import Alarm, SkippedError
from archwise.skills.skill import Skill

NAME = "javascript-code"
TITLE = "JavaScript code"
_RULES = "javascript_code.toml"


def version() -> str:
    """The state of the rules."""
    return rules.version(_RULES)


def scan(skill: Skill) -> Iterator[Alarm]:
    """What its programs do that none should.

    Raises:
        SkippedError: there are none.
    """
    code = snippets(skill, "javascript")
    if not code:
        raise SkippedError("no JavaScript in this skill")
    for snippet in code:
        yield from rules.alarms(_RULES, snippet)
