"""The panel: every scanner looks at a skill, each in a process that can be stopped, and answers with a row of its own.

A row that is not clean says so: whatever was skipped, did not run or failed is never counted as clean.
"""

from collections.abc import Iterable, Iterator, Sequence

from archwise.skills.scanners import SCANNERS
from archwise.skills.scanners.scanner import Row
from archwise.skills.skill import Skill
from archwise.skills.workers import Workers

LIMIT = 60.0
"""Seconds that one scanner may take for one skill."""


class UnknownScannerError(Exception):
    """A scanner was asked for that the panel has not."""


def scan(skill: Skill, wanted: Iterable[str] | None = None, limit: float = LIMIT) -> tuple[Row, ...]:
    """What each wanted scanner says of a skill (all, if none is named), in the panel's order.

    Raises:
        UnknownScannerError: a wanted scanner is not one of the panel.
    """
    return next(scan_all([skill], wanted, limit))


def scan_all(
    skills: Sequence[Skill], wanted: Iterable[str] | None = None, limit: float = LIMIT
) -> Iterator[tuple[Row, ...]]:
    """The rows of each skill, in order; ``limit`` is in seconds, for one scanner and one skill.

    Raises:
        UnknownScannerError: a wanted scanner is not one of the panel.
    """
    asked = set(SCANNERS if wanted is None else wanted)
    if unknown := sorted(asked.difference(SCANNERS)):
        raise UnknownScannerError(f"no scanner is called {unknown[0]!r}: there are {', '.join(SCANNERS)}")
    names = [name for name in SCANNERS if name in asked]
    rows: dict[int, dict[str, Row]] = {number: {} for number in range(len(skills))}
    ready = 0
    with Workers(limit) as workers:
        for number, row in workers.scan(skills, names):
            rows[number][row.scanner] = row
            while ready < len(skills) and len(rows[ready]) == len(names):
                done = rows.pop(ready)
                yield tuple(done[name] for name in names)
                ready += 1


def capabilities(skills: Sequence[Skill], limit: float = LIMIT) -> list[Row]:
    """What each skill can do, whether good or bad: a row apart from the panel, never counted with it."""
    with Workers(limit) as workers:
        found = dict(workers.scan(skills, ["capabilities"]))
    return [found[number] for number in range(len(skills))]


def headline(rows: Sequence[Row]) -> str:
    """How many of all rows are clean: "7 of 9 reported clean"."""
    return f"{sum(row.status == 'clean' for row in rows)} of {len(rows)} reported clean"
