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
    """The files of one project."""

    store: str
    entries: dict[str, Entry]


class Cache:
    """One project's cache folder. Whatever is wrong with it, a run goes on without it."""

    def __init__(self, folder: Path, version: str) -> None:
        """``version`` names the engine that made the entries: another one's are not read."""
        self._folder = folder
        self._version = version
        self._index = Index("", {})
        self._store = b""
        self._loaded = False
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            self._index = msgspec.msgpack.decode(self._path("index").read_bytes(), type=Index)

    def digest(self, path: str, stat: os.stat_result) -> bytes | None:
        """The content hash of a file that has not changed since it was last seen, by its time and size."""
        entry = self._index.entries.get(path)
        if entry is not None and entry.modified == stat.st_mtime_ns and entry.size == stat.st_size:
            return entry.digest
        return None

    def find(self, path: str, digest: bytes) -> Read | None:
        """What was read of a file with this content."""
        entry = self._index.entries.get(path)
        if entry is None or entry.digest != digest:
            return None
        if not entry.length:
            return Read(path, b"", entry.reason, entry.line, entry.lines)
        store = self._bytes()
        summary = store[entry.offset : entry.offset + entry.length]
        return Read(path, summary) if len(summary) == entry.length else None

    def _bytes(self) -> bytes:
        if not self._loaded:
            self._loaded = True
            with contextlib.suppress(OSError):
                self._store = (self._folder / self._index.store).read_bytes() if self._index.store else b""
            if hashlib.blake2b(self._store, digest_size=8).hexdigest() not in self._index.store:
                self._store = b""
        return self._store

    def keep(self, reads: Iterable[tuple[Read, os.stat_result, bytes]]) -> None:
        """Replaces the index and the store by what this run has read."""
        entries: dict[str, Entry] = {}
        blobs: list[bytes] = []
        offset = 0
        for each, stat, digest in reads:
            size = len(each.summary)
            entries[each.path] = Entry(
                stat.st_mtime_ns, stat.st_size, digest, offset, size, each.reason, each.line, each.lines
            )
            blobs.append(each.summary)
            offset += size
        store = b"".join(blobs)
        name = f"{self._version}-{hashlib.blake2b(store, digest_size=8).hexdigest()}.summaries"
        if not (self._folder / name).exists():
            self._write(name, store)
        self._write(self._path("index").name, msgspec.msgpack.encode(Index(name, entries)))
        self._drop_all_but(name, ".summaries")

    def report(self, key: str) -> bytes | None:
        """The report kept under a key."""
        with contextlib.suppress(OSError):
            kept = (self._folder / f"{key}.report").read_bytes()
            if hashlib.blake2b(kept[8:], digest_size=8).digest() == kept[:8]:
                return kept[8:]
        return None

    def keep_report(self, key: str, report: bytes) -> None:
        """Keeps a report; earlier ones make room."""
        self._write(f"{key}.report", hashlib.blake2b(report, digest_size=8).digest() + report)
        self._drop_all_but(f"{key}.report", ".report", keep=4)

    def _path(self, name: str) -> Path:
        return self._folder / f"{self._version}.{name}"

    def _write(self, name: str, content: bytes) -> None:
        """Writes a file whole or not at all, whoever else writes it at the same time."""
        with contextlib.suppress(OSError):
            if not self._folder.exists():
                self._folder.mkdir(parents=True)
                (self._folder / "CACHEDIR.TAG").write_text(_TAG)
                (self._folder / ".gitignore").write_text("*\n")
            handle, temporary = tempfile.mkstemp(dir=self._folder)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                Path(temporary).replace(self._folder / name)
            except OSError:
                Path(temporary).unlink(missing_ok=True)

    def _drop_all_but(self, name: str, suffix: str, keep: int = 1) -> None:
        with contextlib.suppress(OSError):
            others = [file for file in self._folder.glob(f"*{suffix}") if file.name != name]
            others.sort(key=lambda file: (file.stat().st_mtime_ns, file.name), reverse=True)
            for file in others[keep - 1 :]:
                file.unlink(missing_ok=True)


def digest_of(content: bytes) -> bytes:
    """The content hash of a file."""
    return hashlib.blake2b(content, digest_size=16).digest()


def user_folder() -> Path:
    """Where the user's own caches are kept on this system."""
    home = Path("~").expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local")) / "archwise" / "cache"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "archwise"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "archwise"
