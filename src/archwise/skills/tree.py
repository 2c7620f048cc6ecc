"""What a source holds: its files by path, whether they come from Git, a folder or an archive.

A tree lists before it reads, so that nothing is read that is too large, points elsewhere or is no file; and a skill is
read into memory once, so that what is scanned is what is installed.
"""

import posixpath
from collections.abc import Iterable, Mapping
from typing import Literal, Protocol

import msgspec

from archwise.skills.errors import RefusedError, SkillError
from archwise.skills.paths import check_collisions, check_path, shown
from archwise.skills.skill import MANIFEST, Skill

Kind = Literal["file", "executable", "link", "module", "other"]

MOST_ENTRIES = 200_000
"""Files a source may have."""
MOST_FILES, MOST_BYTES, MOST_FILE = 2_000, 50_000_000, 10_000_000
"""Files, bytes and bytes a file that one skill may have."""
_LINK = 4_096
_MANIFEST = 1_000_000
_DEPTH = 10
"""Folders down to which skills are looked for."""
SKIPPED_FOLDERS = frozenset((".git", ".hg", ".svn", "node_modules", "__pycache__"))


class Entry(msgspec.Struct, frozen=True):
    """A path of a tree, and its size in bytes as far as it is known without reading."""

    kind: Kind
    size: int


class Tree(Protocol):
    """A source, fetched and pinned.

    ``name`` is what its root folder is called, ``commit`` the Git commit it was read at and ``digest`` the SHA-256 of
    the archive, each empty where there is none.
    """

    @property
    def name(self) -> str: ...

    @property
    def commit(self) -> str: ...

    @property
    def digest(self) -> str: ...

    @property
    def entries(self) -> Mapping[str, Entry]: ...

    def read(self, paths: Iterable[str]) -> dict[str, bytes]:
        """The contents of files and the targets of links.

        Raises:
            SkillError: one cannot be read, or is larger than it was said to be.
        """


def skill_folders(tree: Tree, below: str = "") -> list[str]:
    """The folders that hold a SKILL.md, in order; "" is the root."""
    found = set()
    for path in tree.entries:
        folder, name = posixpath.split(path)
        if name.lower() == MANIFEST.lower() and _within(folder, below) and _looked_into(folder):
            found.add(folder)
    return sorted(found)


def load(tree: Tree, folder: str) -> Skill:
    """The skill in a folder of a tree, whole.

    Raises:
        RefusedError: it holds what cannot be installed safely everywhere; the message names the file.
        SkillError: there is no such folder, or it cannot be read.
    """
    prefix = f"{folder}/" if folder else ""
    inside = {path.removeprefix(prefix): entry for path, entry in tree.entries.items() if path.startswith(prefix)}
    if not inside:
        raise SkillError(f"{tree.name}: there is no folder {shown(folder)}")
    _check(inside, folder or tree.name)
    links = {path for path, entry in inside.items() if entry.kind == "link"}
    contents = tree.read(prefix + path for path in inside)
    files = {path: contents[prefix + path] for path in inside if path not in links}
    executable = {path for path, entry in inside.items() if entry.kind == "executable"}
    for path in links:
        target = _target(path, contents[prefix + path], inside)
        files[path] = files[target]
        executable |= {path} & ({path} if target in executable else set())
    return Skill.of(posixpath.basename(folder) or tree.name, files, frozenset(executable))


def _check(entries: Mapping[str, Entry], folder: str) -> None:
    where = shown(folder)
    if len(entries) > MOST_FILES:
        raise RefusedError(f"{where} has {len(entries):,} files; a skill may have {MOST_FILES:,}")
    for path, entry in entries.items():
        check_path(path)
        if entry.kind == "module":
            raise RefusedError(f"{shown(path)} is a Git submodule: a skill must hold its files itself")
        if entry.kind == "other":
            raise RefusedError(f"{shown(path)} is no file: devices, sockets and pipes are not taken")
        if entry.size > (_LINK if entry.kind == "link" else MOST_FILE):
            raise RefusedError(f"{shown(path)} has {entry.size:,} bytes; a file of a skill may have {MOST_FILE:,}")
    if (size := sum(entry.size for entry in entries.values())) > MOST_BYTES:
        raise RefusedError(f"{where} has {size:,} bytes; a skill may have {MOST_BYTES:,}")
    check_collisions(entries)


def _target(path: str, raw: bytes, entries: Mapping[str, Entry]) -> str:
    text = raw.decode("utf-8", "replace")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(path), text))
    if text.startswith("/") or target not in entries or entries[target].kind not in ("file", "executable"):
        raise RefusedError(f"{shown(path)} is a link to {shown(text)}, which is no file of the skill")
    return target


def _within(folder: str, below: str) -> bool:
    return not below or folder == below or folder.startswith(f"{below}/")


def _looked_into(folder: str) -> bool:
    parts = folder.split("/")
    return len(parts) <= _DEPTH and not SKIPPED_FOLDERS.intersection(parts)
