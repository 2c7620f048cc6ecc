"""A folder on this machine as a source."""

import os
import stat
from collections.abc import Container, Iterable, Iterator
from pathlib import Path

from archwise.skills.errors import RefusedError, SkillError
from archwise.skills.paths import shown
from archwise.skills.tree import MOST_ENTRIES, MOST_FILE, SKIPPED_FOLDERS, Entry, Kind


class FolderTree:
    """The files below a folder, less those in folders that others make. Links are listed, never followed."""

    commit = digest = ""

    def __init__(self, root: Path, skipped: Container[str] = SKIPPED_FOLDERS) -> None:
        """Raises SkillError: the folder cannot be listed."""
        self._skipped = skipped
        self.name = root.resolve().name
        self._root = root
        self.entries: dict[str, Entry] = dict(self._listed())

    def _listed(self) -> Iterator[tuple[str, Entry]]:
        count, pending = 0, [""]
        while pending:
            prefix = pending.pop()
            try:
                found = sorted(os.scandir(self._root / prefix), key=lambda entry: entry.name)
            except OSError as error:
                raise SkillError(f"{shown(os.fspath(self._root / prefix))}: {error.strerror or error}") from error
            for entry in found:
                if (count := count + 1) > MOST_ENTRIES:
                    raise RefusedError(f"{self._root}: more than {MOST_ENTRIES:,} files")
                path = prefix + entry.name
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in self._skipped:
                        pending.append(f"{path}/")
                else:
                    status = entry.stat(follow_symlinks=False)
                    yield path, Entry(_kind(status.st_mode), status.st_size)

    def read(self, paths: Iterable[str]) -> dict[str, bytes]:
        """The contents of files and the targets of links.

        Raises:
            SkillError: one cannot be read, is no longer a file, or has grown too large.
        """
        return {path: self._read(path) for path in paths}

    def _read(self, path: str) -> bytes:
        file = self._root / path
        try:
            if self.entries[path].kind == "link":
                return os.fsencode(file.readlink())
            descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
            with os.fdopen(descriptor, "rb") as stream:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise RefusedError(f"{shown(path)} changed while it was read")
                data = stream.read(MOST_FILE + 1)
        except OSError as error:
            raise SkillError(f"{shown(os.fspath(file))}: {error.strerror or error}") from error
        if len(data) > MOST_FILE:
            raise RefusedError(f"{shown(path)} has more than {MOST_FILE:,} bytes")
        return data


def _kind(mode: int) -> Kind:
    if stat.S_ISLNK(mode):
        return "link"
    if not stat.S_ISREG(mode):
        return "other"
    return "executable" if mode & stat.S_IXUSR and os.name != "nt" else "file"
