"""Puts skills where agents look for them, so that a crash leaves the old state or the new, and nothing of the user's
is overwritten.

A skill is written beside its place first; then the two change places in one step of the file system. The lock is
written between: it names the new content, and the old as what it replaces, until all places have it.
"""

import contextlib
import shutil
import stat
import tempfile
from collections.abc import Container, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from archwise.skills import lock as locks
from archwise.skills.agents import Scope
from archwise.skills.errors import RefusedError, SkillError
from archwise.skills.exchange import exchange
from archwise.skills.folder import FolderTree
from archwise.skills.lock import Lock, Locked
from archwise.skills.replace import naming, temporary_name
from archwise.skills.skill import Skill, digest
from archwise.skills.tree import SKIPPED_FOLDERS

State = Literal["absent", "current", "replaced", "edited", "foreign", "link"]
"""Of a place: nothing there; as locked; as before an update that was cut short; changed since; not put there by
archwise; a link, or no folder."""

_STAGING = ".archwise-"


def places(scope: Scope, entry: Locked) -> dict[Path, tuple[str, ...]]:
    """The folders of an installed skill, each with the agents that read it there; links in agents' folders followed."""
    found: dict[Path, tuple[str, ...]] = {}
    for agent in entry.agents:
        place = scope.folder(agent) / entry.name
        found[place] = (*found.get(place, ()), agent)
    return found


def state(place: Path, entry: Locked | None) -> State:
    """What is found at a place of a skill."""
    try:
        mode = place.lstat().st_mode
    except FileNotFoundError:
        return "absent"
    if not stat.S_ISDIR(mode):
        return "link"
    if entry is None:
        return "foreign"
    if (place / ".git").exists():
        return "edited"
    try:
        found = digest(*read(place, entry.files))
    except SkillError:
        return "edited"
    return "current" if found == entry.digest else "replaced" if found == entry.replaces else "edited"


def read(place: Path, known: Container[str]) -> tuple[dict[str, bytes], frozenset[str]]:
    """The files of an installed skill, and which are executable. What running its scripts leaves behind does not count,
    unless it is among the ``known`` files.

    Raises:
        SkillError: one cannot be read, or is no file.
    """
    tree = FolderTree(place, skipped=())
    entries = {
        path: entry
        for path, entry in tree.entries.items()
        if path in known or not SKIPPED_FOLDERS.intersection(path.split("/")[:-1])
    }
    for path, entry in entries.items():
        if entry.kind not in ("file", "executable"):
            raise RefusedError(f"{place / path} is no file")
    executable = frozenset(path for path, entry in entries.items() if entry.kind == "executable")
    return tree.read(entries), executable


class _Staged(msgspec.Struct, frozen=True):
    """A skill written beside its place, and whether the place holds something that it takes the place of."""

    folder: Path
    place: Path
    replaces: bool

    def swap(self) -> None:
        if self.replaces:
            exchange(self.folder, self.place)
        else:
            self.folder.rename(self.place)

    def swap_back(self) -> None:
        if self.replaces:
            exchange(self.folder, self.place)
        else:
            self.place.rename(self.folder)

    def drop(self) -> None:
        shutil.rmtree(self.folder.parent, ignore_errors=True)


def install(scope: Scope, lock: Lock, entry: Locked, skill: Skill, *, overwrite: bool = False) -> Lock:
    """Puts a skill at all its places and into the lock, and returns the lock. Under ``lock.held``.

    ``overwrite`` replaces what was edited or put there by others: the caller has set it aside.

    Raises:
        SkillError: a place holds what archwise has not put there, or what was edited since.
        OSError: something cannot be written; all is as it was.
    """
    known = lock.skills.get(entry.name)
    states = {place: state(place, known) for place in places(scope, entry)}
    for place, found in states.items():
        if found == "link" or not overwrite:
            _refuse(place, found, skill)
    staged: list[_Staged] = []
    swapped: list[_Staged] = []
    try:
        for place, found in states.items():
            staged.append(_stage(skill, place, replaces=found != "absent"))
        under_way = msgspec.structs.replace(entry, replaces=known.digest if known else "")
        locks.write(scope.lock, lock.with_skill(under_way))
        for each in staged:
            each.swap()
            swapped.append(each)
        done = lock.with_skill(entry)
        locks.write(scope.lock, done)
    except BaseException:
        for each in swapped:
            each.swap_back()
        if locks.read(scope.lock) != lock:
            locks.write(scope.lock, lock)
        raise
    finally:
        for each in staged:
            each.drop()
    return done


def _refuse(place: Path, found: State, skill: Skill | None = None) -> None:
    if found in ("absent", "current", "replaced"):
        return
    if skill is not None and found != "link":
        with contextlib.suppress(SkillError):
            if (
                digest(*read(place, skill.files)) == skill.digest()
            ):  # the same skill, put there by hand or by another installer
                return
    what = {
        "link": "is a link or a file, and archwise did not put it there: remove it first",
        "foreign": "is there already, and archwise did not put it there; --force replaces it and keeps a copy",
        "edited": "was edited since it was installed; --force replaces it and keeps a copy",
    }
    raise SkillError(f"{place} {what[found]}")


def remove(scope: Scope, lock: Lock, entry: Locked, agents: Sequence[str], *, overwrite: bool = False) -> Lock:
    """Takes a skill away from agents, and out of the lock when none is left. Under ``lock.held``.

    Raises:
        SkillError: a place was edited since.
        OSError: something cannot be written; all is as it was.
    """
    kept = msgspec.structs.replace(entry, agents=tuple(each for each in entry.agents if each not in agents))
    going = [place for place in places(scope, entry) if place not in places(scope, kept)]
    for place in going:
        if (found := state(place, entry)) == "link" or not overwrite:
            _refuse(place, found)
    moved: dict[Path, Path] = {}
    try:
        for place in going:
            if place.exists():
                aside = Path(tempfile.mkdtemp(prefix=_STAGING, dir=place.parent)) / place.name
                moved[place] = aside
                place.rename(aside)
        left = lock.with_skill(kept) if kept.agents else lock.without(entry.name)
        locks.write(scope.lock, left)
    except BaseException:
        for place, aside in moved.items():
            if aside.exists():
                aside.rename(place)
        raise
    finally:
        for aside in moved.values():
            shutil.rmtree(aside.parent, ignore_errors=True)
    return left


def set_aside(place: Path, shelf: Path) -> Path:
    """Copies an edited skill out of the agents' sight before it is replaced, and returns where to.

    Raises:
        OSError: it cannot be copied.
    """
    shelf.mkdir(parents=True, exist_ok=True)
    copy = Path(tempfile.mkdtemp(prefix=f"{place.name}-", dir=shelf))
    shutil.copytree(place, copy, symlinks=True, dirs_exist_ok=True)
    return copy


def sweep(scope: Scope, agents: Sequence[str]) -> None:
    """Removes what a run that was killed has left beside the skills and their lock. Under ``lock.held``."""
    for left in scope.lock.parent.glob(temporary_name(scope.lock) + "*"):
        left.unlink(missing_ok=True)
    for agent in agents:
        with contextlib.suppress(SkillError):
            for left in scope.folder(agent).glob(f"{_STAGING}*"):
                shutil.rmtree(left, ignore_errors=True)


def _stage(skill: Skill, place: Path, *, replaces: bool) -> _Staged:
    place.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=place.parent))
    folder = staging / place.name
    try:
        folder.mkdir()
        for path, data in skill.files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            with naming(place), file.open("xb") as stream:
                stream.write(data)
            if path in skill.executable:
                file.chmod(file.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    return _Staged(folder, place, replaces)
