"""How installed skills differ from what the lock says was installed."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from archwise.skills.agents import Scope, agents
from archwise.skills.errors import SkillError
from archwise.skills.install import places, read, state
from archwise.skills.lock import Lock, Locked
from archwise.skills.skill import MANIFEST

Change = Literal["missing", "changed", "added", "removed", "mode", "unreadable", "interrupted", "link"]


class Difference(msgspec.Struct, frozen=True):
    """One thing at a place that is not as locked; ``path`` is "" where the whole folder is meant."""

    skill: str
    place: str
    change: Change
    path: str = ""

    def __str__(self) -> str:
        said = {
            "missing": "is missing: `archwise skill sync` puts it back",
            "changed": "changed since it was installed",
            "added": "was added since it was installed",
            "removed": "was removed since it was installed",
            "mode": "became executable, or is no longer",
            "unreadable": "cannot be read as a skill",
            "interrupted": "is as before an update that was cut short: `archwise skill sync` finishes it",
            "link": "is a link, or no folder",
        }
        return f"{self.place}{'/' if self.path else ''}{self.path} {said[self.change]}"


def differences(scope: Scope, entry: Locked) -> list[Difference]:
    """Everything about an installed skill that is not as locked, at all its places."""
    return [each for place in places(scope, entry) for each in _at(place, entry)]


def unmanaged(scope: Scope, lock: Lock) -> list[Path]:
    """Skills in agents' folders that archwise has not put there."""
    ours = {place for entry in lock.skills.values() for place in places(scope, entry)}
    found = set()
    for name in agents():
        try:
            folder = scope.folder(name)
        except SkillError:
            continue
        if folder.is_dir():
            found |= {each for each in folder.iterdir() if each not in ours and (each / MANIFEST).is_file()}
    return sorted(found)


def _at(place: Path, entry: Locked) -> Iterator[Difference]:
    match state(place, entry):
        case "current":
            return
        case "absent":
            yield Difference(entry.name, str(place), "missing")
        case "replaced":
            yield Difference(entry.name, str(place), "interrupted")
        case "link":
            yield Difference(entry.name, str(place), "link")
        case _:
            yield from _edits(place, entry)


def _edits(place: Path, entry: Locked) -> Iterator[Difference]:
    try:
        files, executable = read(place, entry.files)
    except SkillError:
        yield Difference(entry.name, str(place), "unreadable")
        return
    if (place / ".git").exists():
        yield Difference(entry.name, str(place), "added", ".git")
    for path in sorted(files.keys() | entry.files.keys()):
        if path not in files:
            yield Difference(entry.name, str(place), "removed", path)
        elif path not in entry.files:
            yield Difference(entry.name, str(place), "added", path)
        elif hashlib.sha256(files[path]).hexdigest() != entry.files[path]:
            yield Difference(entry.name, str(place), "changed", path)
        elif (path in executable) != (path in entry.executable):
            yield Difference(entry.name, str(place), "mode", path)
