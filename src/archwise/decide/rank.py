"""Which option a table takes: rows that must or forbid first, then a count of the rows that prefer.

Anyone can redo it by hand: list the rows that hold, strike out what they block, count the rest. Among equals the
option that the table lists first is taken, and tables list the simplest first.
"""

from collections.abc import Iterable

import msgspec

from archwise.decide.context import Values, holds
from archwise.guide.model import Decision, Guide, Row


class NoOptionError(Exception):
    """The rows leave no option: the answers contradict each other."""


class Standing(msgspec.Struct, frozen=True):
    """How an option fares: the rows that prefer it, and those that block it."""

    option: str
    preferred: tuple[Row, ...]
    blocked: tuple[Row, ...]

    @property
    def points(self) -> int:
        """How many rows prefer it."""
        return len(self.preferred)


def blocks(row: Row, option: str) -> bool:
    """Whether a row that holds rules an option out."""
    return option in row.forbids or bool(row.must and option not in row.must)


def rank(decision: Decision, values: Values) -> list[Standing]:
    """The options, best first: those allowed by points, then those blocked, by how much blocks them."""
    return standings(decision, [row for row in decision.row if holds(row.when, values)])


def standings(decision: Decision, rows: list[Row]) -> list[Standing]:
    """How the options fare under the rows that hold, best first."""
    found = [
        Standing(
            option.id,
            tuple(row for row in rows if option.id in row.prefers),
            tuple(row for row in rows if blocks(row, option.id)),
        )
        for option in decision.option
    ]
    return sorted(found, key=lambda standing: (len(standing.blocked), -standing.points))


def choose(decision: Decision, values: Values) -> str:
    """The option taken, as ``rank`` would put it first.

    Raises:
        NoOptionError: every option is blocked.
    """
    points = {option.id: 0 for option in decision.option}
    for row in decision.row:
        if not holds(row.when, values):
            continue
        for option in row.prefers:
            if option in points:
                points[option] += 1
        for option in row.forbids:
            points.pop(option, None)
        if row.must:
            points = {option: count for option, count in points.items() if option in row.must}
    if not points:
        raise NoOptionError(decision.id)
    return max(points, key=points.__getitem__)


def resolve(guide: Guide, values: Values, wanted: Iterable[str] | None = None) -> dict[str, str]:
    """The choices that complete answers lead to, for the wanted decisions and those they build on.

    Raises:
        NoOptionError: the answers contradict each other.
    """
    names = set(guide.decisions) if wanted is None else upstream(guide, wanted)
    known = dict(values)
    for name, decision in guide.decisions.items():
        if name in names:
            known[name] = choose(decision, known)
    return {name: known[name] for name in guide.decisions if name in names}


def upstream(guide: Guide, wanted: Iterable[str]) -> set[str]:
    """Decisions, and all those they build on."""
    return set().union(*(guide.upstream[name] for name in wanted))


def factors_of(guide: Guide, decisions: Iterable[str]) -> tuple[str, ...]:
    """The factors that can reach decisions, directly or through those they build on."""
    read = {name for decision in upstream(guide, decisions) for name in guide.decisions[decision].inputs}
    return tuple(name for name in guide.factors if name in read)
