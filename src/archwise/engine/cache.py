"""Keeps summaries by content and reports by everything they depend on, between runs."""

import contextlib
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

import msgspec

from archwise.engine.read import Read

_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# Made by archwise; safe to delete.\n"
_SEAL = 8
"""Bytes of checksum at the head of a sealed file."""


class Entry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A file as it was last seen, and where its summary lies in the store; no length where it has none."""

    modified: int
    size: int
    digest: bytes
    offset: int
    length: int
    reason: str
    line: int | None
    lines: int


class Index(msgspec.Struct, array_like=True, gc=False):
    """The files of one project, by their paths as the system spells them."""

    store: str
    entries: dict[bytes, Entry]


class Cache:
    """One project's cache folder. Whatever is wrong with it, a run goes on without it."""

    def __init__(self, folder: Path, version: str) -> None:
        """``version`` names the engine that made the entries: another one's are not read."""
        self._folder = folder
        self._version = version
        self._index = Index("", {})
        self._store = b""
        self._loaded = False
        with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError):
            self._index = msgspec.msgpack.decode(self._sealed(self._index_name), type=Index)

    @property
    def _index_name(self) -> str:
        return f"{self._version}.index"

    def knows(self, path: str) -> bool:
        """Whether a file was there at the last run."""
        return os.fsencode(path) in self._index.entries

    def digest(self, path: str, stat: os.stat_result) -> bytes | None:
        """The content hash of a file that has not changed since it was last seen, by its time and size."""
        entry = self._index.entries.get(os.fsencode(path))
        if entry is not None and entry.modified == stat.st_mtime_ns and entry.size == stat.st_size:
            return entry.digest
        return None

    def find(self, path: str, digest: bytes) -> Read | None:
        """What was read of a file with this content."""
        entry = self._index.entries.get(os.fsencode(path))
        return self.earlier(path) if entry is not None and entry.digest == digest else None

    def earlier(self, path: str) -> Read | None:
        """What was read of a file when it was last seen."""
        entry = self._index.entries.get(os.fsencode(path))
        if entry is None:
            return None
        if not entry.length:
            return Read(path, b"", entry.reason, entry.line, entry.lines, entry.digest)
        store = self._bytes()
        summary = store[entry.offset : entry.offset + entry.length]
        return Read(path, summary, digest=entry.digest) if len(summary) == entry.length else None

    def _bytes(self) -> bytes:
        if not self._loaded:
            self._loaded = True
            with contextlib.suppress(OSError):
                self._store = (self._folder / self._index.store).read_bytes() if self._index.store else b""
            if hashlib.blake2b(self._store, digest_size=8).hexdigest() not in self._index.store:
                self._store = b""
        return self._store

    def keep(self, reads: Iterable[tuple[Read, os.stat_result]]) -> None:
        """Replaces the index and the store by what this run has read."""
        entries: dict[bytes, Entry] = {}
        blobs: list[bytes] = []
        offset = 0
        for each, stat in reads:
            size = len(each.summary)
            entries[os.fsencode(each.path)] = Entry(
                stat.st_mtime_ns, stat.st_size, each.digest, offset, size, each.reason, each.line, each.lines
            )
            blobs.append(each.summary)
            offset += size
        store = b"".join(blobs)
        name = f"{self._version}-{hashlib.blake2b(store, digest_size=8).hexdigest()}.summaries"
        if not (self._folder / name).exists():
            self._write(name, store)
        self._seal(self._index_name, msgspec.msgpack.encode(Index(name, entries)))
        self._drop_all_but(name, ".summaries", keep=2)
        self._drop_all_but(self._index_name, ".index", keep=2)

    def report(self, key: str) -> bytes | None:
        """The report kept under a key."""
        return self._sealed(f"{key}.report") or None

    def keep_report(self, key: str, report: bytes) -> None:
        """Keeps a report; earlier ones make room."""
        self._seal(f"{key}.report", report)
        self._drop_all_but(f"{key}.report", ".report", keep=4)

    def _sealed(self, name: str) -> bytes:
        """The content of a file that is as it was written; nothing where it is not."""
        with contextlib.suppress(OSError):
            kept = (self._folder / name).read_bytes()
            if _checksum(kept[_SEAL:]) == kept[:_SEAL]:
                return kept[_SEAL:]
        return b""

    def _seal(self, name: str, content: bytes) -> None:
        self._write(name, _checksum(content) + content)

    def _write(self, name: str, content: bytes) -> None:
        """Writes a file whole or not at all, whoever else writes it at the same time."""
        with contextlib.suppress(OSError):
            if not self._folder.exists():
                self._folder.mkdir(parents=True, exist_ok=True)
                (self._folder / "CACHEDIR.TAG").write_text(_TAG)
                (self._folder / ".gitignore").write_text("*\n")
            handle, temporary = tempfile.mkstemp(dir=self._folder)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                Path(temporary).replace(self._folder / name)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise

    def _drop_all_but(self, name: str, suffix: str, keep: int) -> None:
        with contextlib.suppress(OSError):
            others = [file for file in self._folder.glob(f"*{suffix}") if file.name != name]
            others.sort(key=lambda file: (file.stat().st_mtime_ns, file.name), reverse=True)
            for file in others[keep - 1 :]:
                file.unlink(missing_ok=True)


def _checksum(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_SEAL).digest()


def user_folder() -> Path | None:
    """Where the user's own caches are kept on this system, if the user has a home."""
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local")) / "archwise" / "cache"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "archwise"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "archwise"
