"""Keeps summaries by content and reports by everything they depend on, between runs."""

import contextlib
import hashlib
import os
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from archwise.engine.read import Read

_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# Made by archwise; safe to delete.\n"
_SEAL = 8
"""Bytes of checksum at the head of what is sealed."""
_MOST_STORES = 8


class Entry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A file as it was last seen, and where its sealed summary lies in which store; no length where it has none."""

    modified: int
    size: int
    digest: bytes
    store: int
    offset: int
    length: int
    reason: str
    line: int | None
    lines: int


class Index(msgspec.Struct, array_like=True, gc=False):
    """The files of one project, by their paths as the system spells them, and the stores of their summaries."""

    stores: tuple[str, ...]
    entries: dict[bytes, Entry]


class Cache:
    """One project's cache folder. Whatever is wrong with it, a run goes on without it."""

    def __init__(self, folder: Path, version: str) -> None:
        """``version`` names the engine that made the entries: another one's are not read."""
        self._folder = folder
        self._version = version
        self._index = Index((), {})
        self._stores: dict[int, bytes] = {}
        with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError):
            self._index = msgspec.msgpack.decode(self._content(self._index_name), type=Index)

    @property
    def _index_name(self) -> str:
        return f"{self._version}.index"

    def digest(self, path: str, stat: os.stat_result) -> bytes | None:
        """The content hash of a file that has not changed since it was last seen, by its time and size."""
        entry = self._index.entries.get(os.fsencode(path))
        if entry is not None and entry.modified == stat.st_mtime_ns and entry.size == stat.st_size:
            return entry.digest
        return None

    def last(self, path: str) -> bytes | None:
        """The content hash of a file when it was last seen."""
        entry = self._index.entries.get(os.fsencode(path))
        return entry.digest if entry is not None else None

    def earlier(self, path: str) -> Read | None:
        """What was read of a file when it was last seen."""
        entry = self._index.entries.get(os.fsencode(path))
        if entry is None:
            return None
        if not entry.length:
            return Read(path, b"", entry.reason, entry.line, entry.lines, entry.digest)
        summary = _unsealed(self._bytes(entry))
        if not summary:
            del self._index.entries[os.fsencode(path)]
            return None
        return Read(path, summary, digest=entry.digest)

    def _bytes(self, entry: Entry) -> bytes:
        store = self._stores.get(entry.store)
        if store is None:
            store = b""
            with contextlib.suppress(OSError):
                store = (self._folder / self._index.stores[entry.store]).read_bytes()
            self._stores[entry.store] = store
        return store[entry.offset : entry.offset + entry.length]

    def keep(self, fresh: Mapping[str, Read], stats: Mapping[str, os.stat_result]) -> None:
        """Adds what this run has read, and forgets the files that are gone.

        The summaries go to a store of their own; when there are many stores, all that is kept goes to one.
        """
        gathers = len(self._index.stores) >= _MOST_STORES
        reads = {path: fresh.get(path) or (self.earlier(path) if gathers else None) for path in stats}
        stores = () if gathers else self._index.stores
        entries: dict[bytes, Entry] = {}
        blobs: list[bytes] = []
        offset = 0
        for path, stat in stats.items():
            key, each = os.fsencode(path), reads[path]
            if each is not None and each.digest:
                blob = _sealed(each.summary) if each.summary else b""
                place = len(stores), offset, len(blob)
                entries[key] = Entry(
                    stat.st_mtime_ns, stat.st_size, each.digest, *place, each.reason, each.line, each.lines
                )
                blobs.append(blob)
                offset += len(blob)
            elif each is None and (entry := self._index.entries.get(key)) is not None:
                entries[key] = msgspec.structs.replace(entry, modified=stat.st_mtime_ns, size=stat.st_size)
        if offset:
            store = b"".join(blobs)
            name = f"{self._version}-{hashlib.blake2b(store, digest_size=8).hexdigest()}.summaries"
            self._write(name, store)
            stores += (name,)
        self._seal(self._index_name, msgspec.msgpack.encode(Index(stores, entries)))
        self._drop_all_but(stores, ".summaries", others=1)
        self._drop_all_but((self._index_name,), ".index", others=1)

    def report(self, key: str) -> bytes | None:
        """The report kept under a key."""
        return self._content(f"{key}.report") or None

    def keep_report(self, key: str, report: bytes) -> None:
        """Keeps a report; earlier ones make room."""
        self._seal(f"{key}.report", report)
        self._drop_all_but((f"{key}.report",), ".report", others=3)

    def _content(self, name: str) -> bytes:
        """The content of a file that is as it was written; nothing where it is not."""
        with contextlib.suppress(OSError):
            return _unsealed((self._folder / name).read_bytes())
        return b""

    def _seal(self, name: str, content: bytes) -> None:
        self._write(name, _sealed(content))

    def _write(self, name: str, content: bytes) -> None:
        """Writes a file whole or not at all, whoever else writes it at the same time."""
        with contextlib.suppress(OSError):
            if not self._folder.exists():
                self._folder.mkdir(parents=True, exist_ok=True)
                (self._folder / "CACHEDIR.TAG").write_text(_TAG)
                (self._folder / ".gitignore").write_text("*\n")
            import tempfile

            handle, temporary = tempfile.mkstemp(dir=self._folder)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                Path(temporary).replace(self._folder / name)
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise

    def _drop_all_but(self, names: Collection[str], suffix: str, others: int) -> None:
        """Removes files, but for some, and the latest others: a run at the same time may still read them."""
        with contextlib.suppress(OSError):
            found = [file for file in self._folder.glob(f"*{suffix}") if file.name not in names]
            found.sort(key=lambda file: (file.stat().st_mtime_ns, file.name), reverse=True)
            for file in found[others:]:
                file.unlink(missing_ok=True)


def _sealed(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_SEAL).digest() + content


def _unsealed(sealed: bytes) -> bytes:
    """What was sealed; nothing where it is not as it was."""
    content = sealed[_SEAL:]
    return content if _sealed(content) == sealed else b""


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
