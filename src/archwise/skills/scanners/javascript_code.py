"""JavaScript and TypeScript: what no skill's program should do."""

from collections.abc import Iterable, Iterator, Sequence

from archwise.skills.scanners import flow, rules
from archwise.skills.scanners.reading import Snippet, snippets
from archwise.skills.scanners.scanner import Alarm, SkippedError, installed
from archwise.skills.skill import Skill

NAME = "javascript-code"
TITLE = "JavaScript code"
_RULES = "javascript_code.toml"


def version() -> str:
    """The parser's version, and the state of the rules.

    Raises:
        UnavailableError: the parser is not installed.
    """
    parser = f"tree-sitter-typescript {installed('tree-sitter-typescript')}"
    return f"{parser}, {rules.version(_RULES)}, {rules.version(flow.ROLES)}"


def scan(skill: Skill) -> Iterable[Alarm]:
    """What its programs do that none should.

    Raises:
        SkippedError: there are none.
        UnavailableError: the parser is not installed.
    """
    code = snippets(skill, "javascript")
    if not code:
        raise SkippedError("no JavaScript in this skill")
    version()
    return rules.gravest(_alarms(code))


def _alarms(code: Sequence[Snippet]) -> Iterator[Alarm]:
    for snippet in code:
        yield from rules.alarms(_RULES, snippet)
    yield from flow.alarms(code, "javascript")
