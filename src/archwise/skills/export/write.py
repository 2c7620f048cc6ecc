"""Brings an exported folder up to date, and says what is stale. What was edited by hand is not overwritten."""

import hashlib
import stat
from pathlib import Path
from typing import Literal

import msgspec

from archwise.skills.errors import SkillError
from archwise.skills.export.render import Exported
from archwise.skills.paths import check_path

RECORD = "exported.json"
"""Beside the export: the SHA-256 of every file that it wrote, so that it knows its own."""


class Stale(msgspec.Struct, frozen=True):
    """A file of an export that is not as it should be."""

    path: str
    why: Literal["missing", "outdated", "edited", "left over"]

    def __str__(self) -> str:
        return f"{self.path}: {self.why}"


def stale(exported: Exported, folder: Path) -> list[Stale]:
    """The files that an export would write or remove.

    Raises:
        SkillError: the record cannot be read.
    """
    record = _record(folder)
    found = []
    for path, data in exported.files.items():
        there = _content(folder / path)
        if there is None:
            found.append(Stale(path, "missing"))
        elif there != data:
            found.append(Stale(path, "outdated" if _hash(there) == record.get(path) else "edited"))
    for path, known in record.items():
        there = _content(folder / path)
        if path not in exported.files and there is not None:
            found.append(Stale(path, "left over" if _hash(there) == known else "edited"))
    if not found and record != _hashes(exported):
        found.append(Stale(RECORD, "missing" if not record else "outdated"))
    return found


def write(exported: Exported, folder: Path, *, overwrite: bool = False) -> list[Stale]:
    """Writes what is stale, removes what is left over, and returns what was.

    Raises:
        SkillError: a file was edited by hand, and ``overwrite`` is not wished; nothing is written then.
        OSError: one cannot be written.
    """
    found = stale(exported, folder)
    if (edited := [each.path for each in found if each.why == "edited"]) and not overwrite:
        raise SkillError(f"{folder / edited[0]} was edited by hand, and is generated: --force overwrites it")
    for each in found:
        if each.path in exported.files:
            _write(folder / each.path, exported.files[each.path], executable=each.path in exported.executable)
        elif each.path != RECORD:
            (folder / each.path).unlink()
    if found:
        record = msgspec.json.format(msgspec.json.encode(_hashes(exported)), indent=2) + b"\n"
        _write(folder / RECORD, record, executable=False)
    return found


def _write(file: Path, data: bytes, *, executable: bool) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    if executable:
        file.chmod(file.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


def _record(folder: Path) -> dict[str, str]:
    content = _content(folder / RECORD)
    try:
        found = msgspec.json.decode(content, type=dict[str, str]) if content is not None else {}
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SkillError(f"{folder / RECORD}: {error}") from error
    return {check_path(path): known for path, known in found.items()}


def _hashes(exported: Exported) -> dict[str, str]:
    return {path: _hash(data) for path, data in exported.files.items()}


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _content(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
