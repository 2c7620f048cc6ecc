"""The lock file: what is installed, from where, byte for byte, and what the panel said of it."""

import hashlib
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import msgspec

from archwise.skills.errors import SkillError
from archwise.skills.paths import check_path
from archwise.skills.replace import replace_file
from archwise.skills.scanners.scanner import Row, Severity, Status
from archwise.skills.skill import Skill
from archwise.skills.source import Source
from archwise.skills.specification import Level

_PATIENCE = 60.0
"""Seconds to wait for another run that is changing the same skills."""


class Scanned(msgspec.Struct, frozen=True, omit_defaults=True):
    """What one scanner said when the skill was installed: its status, the worst severity, how many places."""

    status: Status
    version: str = ""
    worst: Severity | None = None
    alarms: int = 0


class Locked(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="kebab"):
    """An installed skill.

    ``digest`` is that of the installed folder, ``original`` that of the source's where a repair made them differ;
    ``files`` maps each path to the SHA-256 of its content. ``replaces`` is there while an update is under way: the
    digest that may still be found. ``accepted`` names the scanners whose alarms somebody has accepted.
    """

    name: str
    source: Source
    path: str = ""
    commit: str = ""
    archive: str = ""
    agents: tuple[str, ...]
    form: Level
    digest: str
    original: str = ""
    replaces: str = ""
    executable: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    files: dict[str, str]
    scan: dict[str, Scanned] = {}

    @property
    def repaired(self) -> bool:
        """Whether SKILL.md was repaired on its way."""
        return bool(self.original)


class Lock(msgspec.Struct, frozen=True):
    """Every installed skill of a scope, by name."""

    version: Literal[1] = 1
    skills: dict[str, Locked] = {}

    def with_skill(self, entry: Locked) -> "Lock":
        """The lock with a skill added or replaced."""
        return Lock(skills=dict(sorted({**self.skills, entry.name: entry}.items())))

    def without(self, name: str) -> "Lock":
        """The lock with a skill gone."""
        return Lock(skills={each: entry for each, entry in self.skills.items() if each != name})


def read(file: Path) -> Lock:
    """The lock that a file holds; an empty one where there is no file.

    Raises:
        SkillError: the file cannot be read, or is not a lock; nothing is guessed.
    """
    try:
        lock = msgspec.json.decode(file.read_bytes(), type=Lock)
    except FileNotFoundError:
        return Lock()
    except OSError as error:
        raise SkillError(f"{file}: {error.strerror or error}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SkillError(f"{file}: not a lock of skills: {error}; restore it from version control") from error
    for name, entry in lock.skills.items():
        if name != entry.name or "/" in check_path(name):
            raise SkillError(f"{file}: the entry {name!r} is not well formed")
    return lock


def write(file: Path, lock: Lock) -> None:
    """Replaces the lock file, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    replace_file(file, msgspec.json.format(msgspec.json.encode(lock), indent=2) + b"\n")


def hashes(skill: Skill) -> dict[str, str]:
    """The SHA-256 of each file."""
    return {path: hashlib.sha256(data).hexdigest() for path, data in skill.files.items()}


def scanned(rows: tuple[Row, ...]) -> Mapping[str, Scanned]:
    """What the lock keeps of the panel's rows."""
    return {row.scanner: Scanned(row.status, row.version, row.worst, len(row.alarms)) for row in rows}


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keeps other runs from changing the same skills meanwhile. Systems without ``flock`` are not guarded.

    Raises:
        SkillError: another run does not come to an end.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise SkillError(f"{folder}: another run has been changing skills here for a minute") from None
                time.sleep(0.05)
        yield
    finally:
        os.close(descriptor)
