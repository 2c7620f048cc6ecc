"""An archive as a source: read in memory, never unpacked on disk."""

import bz2
import gzip
import hashlib
import io
import lzma
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, cast

from archwise.skills.errors import RefusedError, SkillError
from archwise.skills.paths import shown
from archwise.skills.tree import MOST_ENTRIES, MOST_FILE, Entry, Kind

SUFFIXES = (".zip", ".skill", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
"""``.skill`` is a zip archive, as agents' own packagers write it."""

_MOST_ARCHIVE, _MOST_UNPACKED = 50_000_000, 200_000_000
"""Bytes of an archive, and of all that is read out of it."""


_BROKEN = (
    zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, OSError, ValueError, RuntimeError,
)  # fmt: skip


class ArchiveTree:
    """The files of a zip or tar archive. One folder that holds everything is left away."""

    commit = ""

    def __init__(self, file: Path) -> None:
        """Raises SkillError: the archive cannot be read, or is no archive."""
        try:
            with file.open("rb") as stream:
                data = stream.read(_MOST_ARCHIVE + 1)
        except OSError as error:
            raise SkillError(f"{file}: {error.strerror or error}") from error
        if len(data) > _MOST_ARCHIVE:
            raise RefusedError(f"{file}: an archive may have {_MOST_ARCHIVE:,} bytes")
        self.name = _stem(file)
        self.digest = hashlib.sha256(data).hexdigest()
        self._contents: dict[str, bytes] = {}
        self.entries: dict[str, Entry] = {}
        try:
            members = _zipped(data) if zipfile.is_zipfile(io.BytesIO(data)) else _tarred(data)
            self._take(members)
        except _BROKEN as error:
            raise SkillError(f"{file}: not an archive that can be read: {error}") from error
        self._without_wrapper()

    def _take(self, members: Iterable[tuple[str, Kind, bytes]]) -> None:
        total = 0
        for path, kind, data in members:
            if path in self.entries:
                raise RefusedError(f"{shown(path)} is in the archive twice")
            total += len(data)
            if total > _MOST_UNPACKED or len(self.entries) >= MOST_ENTRIES:
                raise RefusedError(f"an archive may unpack to {_MOST_UNPACKED:,} bytes in {MOST_ENTRIES:,} files")
            self.entries[path] = Entry(kind, len(data))
            self._contents[path] = data

    def _without_wrapper(self) -> None:
        tops = {path.partition("/")[0] for path in self.entries}
        if len(tops) == 1 and all("/" in path for path in self.entries) and (top := tops.pop()) not in ("..", ".", ""):
            self.name = top
            self.entries = {path.partition("/")[2]: entry for path, entry in self.entries.items()}
            self._contents = {path.partition("/")[2]: data for path, data in self._contents.items()}

    def read(self, paths: Iterable[str]) -> dict[str, bytes]:
        """The contents of files and the targets of links."""
        return {path: self._contents[path] for path in paths}


def _zipped(data: bytes) -> Iterator[tuple[str, Kind, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if len(archive.infolist()) > MOST_ENTRIES:
            raise RefusedError(f"the archive has more than {MOST_ENTRIES:,} files")
        for member in archive.infolist():
            if member.is_dir():
                continue
            if member.flag_bits & 1:
                raise RefusedError(f"{shown(member.filename)} is encrypted, so nobody can look into it")
            with archive.open(member) as stream:
                yield member.filename, _kind(member.external_attr >> 16), _limited(member.filename, stream)


def _tarred(data: bytes) -> Iterator[tuple[str, Kind, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(_decompressed(data)), mode="r:") as archive:
        for member in archive:
            name = member.name.removeprefix("./")
            if member.isdir():
                continue
            if member.issym():
                yield name, "link", member.linkname.encode()
            elif member.isreg():
                kind: Kind = "executable" if member.mode & stat.S_IXUSR else "file"
                yield name, kind, _limited(name, cast("IO[bytes]", archive.extractfile(member)))
            else:
                yield name, "other", b""


def _decompressed(data: bytes) -> bytes:
    """The tar inside, at most as large as is allowed: headers too can be bombs."""
    for magic, opened in ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ", lzma.open)):
        if data.startswith(magic):
            with opened(io.BytesIO(data)) as stream:
                data = stream.read(_MOST_UNPACKED + 1)
            if len(data) > _MOST_UNPACKED:
                raise RefusedError(f"the archive unpacks to more than {_MOST_UNPACKED:,} bytes")
    return data


def _limited(path: str, stream: IO[bytes]) -> bytes:
    """A member's content: what it really unpacks to, not what the archive says of it."""
    data = stream.read(MOST_FILE + 1)
    if len(data) > MOST_FILE:
        raise RefusedError(f"{shown(path)} unpacks to more than {MOST_FILE:,} bytes")
    return data


def _kind(mode: int) -> Kind:
    if stat.S_ISLNK(mode):
        return "link"
    if stat.S_IFMT(mode) and not stat.S_ISREG(mode):
        return "other"
    return "executable" if mode & stat.S_IXUSR else "file"


def _stem(file: Path) -> str:
    name = file.name
    suffix = next((suffix for suffix in SUFFIXES if name.lower().endswith(suffix)), "")
    return name[: len(name) - len(suffix)]
