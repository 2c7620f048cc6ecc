"""The order of a map's parts: who is imported stands below, and what runs against that closes a cycle."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Pair = tuple[str, str]
"""An importing part and one that it imports."""


def closing(imports: Mapping[Pair, int]) -> frozenset[Pair]:
    """The pairs that close a cycle beside stronger ones: cut there, few imports are to be moved."""
    ahead: dict[str, set[str]] = {}
    found = set()
    for source, target in sorted(imports, key=lambda pair: (-imports[pair], pair)):
        if reaches(ahead, target, source):
            found.add((source, target))
        else:
            ahead.setdefault(source, set()).add(target)
    return frozenset(found)


def depths(parts: Iterable[str], imports: Mapping[Pair, int]) -> dict[str, int]:
    """How many imports lead down to each part, cycles cut."""
    depth = dict.fromkeys(parts, 0)
    kept = imports.keys() - closing(imports)
    for _ in range(len(depth)):
        for source, target in kept:
            depth[target] = max(depth[target], depth[source] + 1)
    return depth


def reaches(ahead: Mapping[str, set[str]], start: str, goal: str) -> bool:
    """Whether one part leads to another, through others or at once."""
    pending, seen = [start], {start}
    while pending:
        here = pending.pop()
        if here == goal:
            return True
        fresh = ahead.get(here, set()) - seen
        seen |= fresh
        pending += fresh
    return False
