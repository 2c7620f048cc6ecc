"""Fetches again what a lock names: the same content at the same commit, or what the source has now."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

import msgspec

from archwise.skills.candidate import Candidate, candidates
from archwise.skills.errors import SkillError
from archwise.skills.lock import Locked


def restored(entries: Iterable[Locked], base: Path) -> Iterator[tuple[Candidate, Locked]]:
    """Each skill as it was installed.

    Raises:
        SkillError: the source no longer has it, or has something else under the same name.
    """
    for candidate, entry in _fetched(entries, base, pinned=True):
        if candidate.skill.digest() != entry.digest:
            raise SkillError(f"{entry.name}: {entry.source} no longer has what was installed: update or remove it")
        yield candidate, msgspec.structs.replace(entry, replaces="")


def latest(entries: Iterable[Locked], base: Path) -> Iterator[tuple[Candidate, Locked]]:
    """Each skill as its source has it now, beside the entry it was installed by.

    Raises:
        SkillError: the source no longer has it.
    """
    return _fetched(entries, base, pinned=False)


def _fetched(entries: Iterable[Locked], base: Path, *, pinned: bool) -> Iterator[tuple[Candidate, Locked]]:
    """Each source is fetched once for all that comes from it."""

    def origin(entry: Locked) -> tuple[str, str, str]:
        return (entry.source.location, entry.source.ref, entry.commit if pinned else "")

    for (_, _, commit), group in groupby(sorted(entries, key=origin), key=origin):
        together = list(group)
        with together[0].source.open(base, commit=commit) as tree:
            for entry in together:
                (found,) = candidates(tree, entry.source, [entry.path])
                yield (found.repaired() if entry.repaired else found), entry
