"""Checks a code base: reads its files, runs the rules, settles suppressions."""

import functools
import hashlib
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from archwise.engine import projectfiles
from archwise.engine.cache import Cache, user_folder
from archwise.engine.files import discover as discover_files
from archwise.engine.files import located, text_of
from archwise.engine.read import Read, decode, digest_of, prepared
from archwise.engine.templates import files as templates
from archwise.findings import Report, shown
from archwise.settings import Settings, file_in
from archwise.settle import Judged, settled

if TYPE_CHECKING:
    from archwise.judge import Look

Progress = Callable[[str, int, int], None]


def discover(paths: Sequence[Path], settings: Settings) -> list[str]:
    """The files a check of ``paths`` would read."""
    return [text_of(path) for path in _discover(paths, settings)]


def check(
    paths: Sequence[Path], settings: Settings, progress: Progress | None = None, look: "Look | None" = None
) -> Report:
    """What the rules that are on find at and below ``paths``.

    ``progress`` is told the stage, how many of its steps are done, and how many there are. ``look`` is shown the
    program itself: then no kept report will do.

    Raises:
        KnowledgeError: a knowledge file of the project is not of the schema.
        WorkerError: the system has ended a process that read files.
    """
    started = time.perf_counter()
    tell = progress or _silent
    files = _discover(paths, settings)
    with prepared():
        report = _Run(files, settings, _root(paths, settings), tell, look).report()
    return msgspec.structs.replace(report, seconds=round(time.perf_counter() - started, 3))


def _discover(paths: Sequence[Path], settings: Settings) -> list[Path]:
    exclude = (*settings.exclude, *settings.extend_exclude)
    return discover_files(paths, exclude, respect_gitignore=settings.respect_gitignore)


def _root(paths: Sequence[Path], settings: Settings) -> Path:
    """What paths are shown relative to: the project, or the nearest folder that holds all that is checked."""
    root = located(settings.root)
    folders = [path if path.is_dir() else path.parent for path in map(located, paths)]
    if all(folder.is_relative_to(root) for folder in folders):
        return root
    return Path(os.path.commonpath(folders))


def _silent(stage: str, done: int, total: int) -> None:
    pass


class _Run:
    """One check of a fixed list of files."""

    def __init__(
        self, files: list[Path], settings: Settings, root: Path, tell: Progress, look: "Look | None" = None
    ) -> None:
        self.files, self.settings, self.root, self.tell, self.look = files, settings, root, tell, look
        self.beside = projectfiles.find(root, files)
        self.templates = templates.find(root, files)
        folder = self._cache_folder() if settings.cache else None
        self.version = _version() if folder else ""
        self.cache = Cache(folder, self.version) if folder else None

    def _cache_folder(self) -> Path | None:
        settings = self.settings
        if settings.cache_dir is not None:
            return settings.root / settings.cache_dir
        project = (self.root / "pyproject.toml").is_file() or (self.root / ".git").exists()
        if project and os.access(self.root, os.W_OK):
            return self.root / ".archwise_cache"
        folder = user_folder()
        return folder and folder / hashlib.blake2b(os.fsencode(self.root), digest_size=8).hexdigest()

    def report(self) -> Report:
        """What an earlier run found where nothing it depends on has changed, else what is found now."""
        stats, digests = self._identify()
        judged = self._kept(digests) if len(digests) == len(stats) and self.look is None else None
        if judged is None:
            fresh = self._read([file for file in self.files if not self._is_kept(str(file), digests)], stats)
            judged = self._moved(fresh)
            if judged is None:
                kept = self._unchanged(fresh)
                fresh |= self._read(
                    [file for file in self.files if str(file) not in fresh and str(file) not in kept], stats
                )
                judged = self._judge(fresh | kept)
            if self.cache is not None:
                seen = {path: stat for path, stat in stats.items() if path not in fresh or fresh[path].digest}
                self.cache.keep(fresh, seen)
                if not judged.failed:
                    read = {path: each.digest for path, each in fresh.items()}
                    key = self._key({path: read.get(path) or digests[path] for path in seen})
                    self.cache.keep_report(key, msgspec.msgpack.encode(judged))
        findings = settled(judged, self.settings)
        return Report(
            text_of(self.root),
            findings,
            len(self.files),
            judged.lines,
            judged.unread,
            judged.typed,
            unmatched=judged.unmatched,
            failed=judged.failed,
            unheeded=tuple(text_of(file.relative_to(self.root)) for file in self._unheeded()),
        )

    def _unheeded(self) -> Iterator[Path]:
        """The settings of projects inside this one."""
        for folder in sorted({file.parent for file in self.beside if file.parent != located(self.settings.root)}):
            if (file := file_in(folder)) is not None:
                yield file

    def _kept(self, digests: Mapping[str, bytes]) -> Judged | None:
        """What was found when the files had these contents, where that is still known."""
        kept = self.cache.report(self._key(digests)) if self.cache is not None else None
        return msgspec.msgpack.decode(kept, type=Judged) if kept is not None else None

    def _moved(self, fresh: Mapping[str, Read]) -> Judged | None:
        """What the last run found, where all that has changed since is on which lines code stands."""
        if self.cache is None or self.look is not None:
            return None
        from archwise.engine.moved import lines_moved
        from archwise.fixes.propose import source_of
        from archwise.moved import moved

        known = {path: digest for path in map(str, self.files) if (digest := self.cache.last(path)) is not None}
        judged = self._kept(known)
        for path, read in fresh.items():
            kept = self.cache.earlier(path)
            if judged is None or kept is None or not (kept.summary and read.summary):
                return None
            before, after = decode(kept.summary), decode(read.summary)
            lines = lines_moved(before, after)
            if lines is None:
                return None
            place = shown(self._named(path), self._base, self.root)
            source = source_of(Path(path), read.digest)
            judged = moved(judged, place, lines, after.lines - before.lines, after.suppressions, source)
        return judged

    def _identify(self) -> tuple[dict[str, os.stat_result], dict[str, bytes]]:
        """The files' stats, and the content hashes of those that were there at the last run."""
        stats: dict[str, os.stat_result] = {}
        digests: dict[str, bytes] = {}
        for file in self.files:
            path = str(file)
            try:
                stats[path] = file.stat()
            except OSError:
                continue
            if self.cache is not None and self.cache.last(path) is not None:
                digest = self.cache.digest(path, stats[path]) or _digest(path, stats[path])
                if digest is not None:
                    digests[path] = digest
        return stats, digests

    def _key(self, digests: Mapping[str, bytes]) -> str:
        """Names all that a report depends on."""
        known = hashlib.blake2b(digest_size=16)
        settings = self.settings
        on = sorted(settings.rules)
        known.update(
            repr(
                (self.version, self.root, on, settings.per_file_ignores, settings.knowledge, settings.declared)
            ).encode()
        )
        for given in settings.knowledge:
            if isinstance(given, str):
                known.update(_content(self.settings.root / given))
        for file in (*self.beside, *self.templates):
            known.update(os.fsencode(file) + b"\0" + _content(file) + b"\0")
        for file in self.files:
            known.update(os.fsencode(file) + b"\0" + digests.get(str(file), b"") + b"\0")
        return known.hexdigest()

    def _is_kept(self, path: str, digests: Mapping[str, bytes]) -> bool:
        """Whether a file has the content that was last read of it."""
        return self.cache is not None and path in digests and self.cache.last(path) == digests[path]

    def _unchanged(self, fresh: Mapping[str, Read]) -> dict[str, Read]:
        """The kept summaries of the files that were not read now."""
        if self.cache is None:
            return {}
        paths = (path for path in map(str, self.files) if path not in fresh)
        return {path: kept for path in paths if (kept := self.cache.earlier(path)) is not None}

    def _read(self, files: list[Path], stats: Mapping[str, os.stat_result]) -> dict[str, Read]:
        """What reading some of the files gives."""
        done = len(self.files) - len(files)

        def tick(count: int) -> None:
            nonlocal done
            done += count
            self.tell("reading", done, len(self.files))

        from archwise.engine.workers import read_all

        sized = [(file, stats[str(file)].st_size if str(file) in stats else 0) for file in files]
        return {each.path: each for each in read_all(sized, self.settings.workers, tick)}

    def _judge(self, reads: dict[str, Read]) -> Judged:
        from archwise.judge import judge

        named = {self._named(path): reads[path] for path in sorted(reads)}
        beside = {self._named(file): projectfiles.read(file) for file in self.beside}
        pages = {self._named(file): projectfiles.read(file) for file in self.templates}
        return judge(named, beside, pages, self.settings, self.root, self._base, self.tell, self.look)

    def _named(self, path: str | Path) -> str:
        """What the program calls a file: its path relative to the base."""
        return text_of(Path(os.path.relpath(path, self._base)))

    @functools.cached_property
    def _base(self) -> Path:
        """A folder above every import root: above the packages that the files lie in."""
        base = Path(os.path.commonpath({self.root, *(file.parent for file in self.files)}))
        while (base / "__init__.py").is_file() and base != base.parent:
            base = base.parent
        return base.parent


def _digest(path: str, status: os.stat_result) -> bytes | None:
    """The content hash of a file whose time has changed, so perhaps nothing else."""
    try:
        return digest_of(Path(path).read_bytes()) if stat.S_ISREG(status.st_mode) else None
    except OSError:
        return None


def _version() -> str:
    """Names what a result depends on besides the code: Python, and this release, or in a checkout its files' state."""
    folder = Path(__file__).parent
    state = hashlib.blake2b(sys.version.encode(), digest_size=8)
    records = [*folder.parent.glob("archwise-*.dist-info/RECORD")]
    if records:  # an installation lists the hashes of its files
        for record in sorted(records):
            state.update(_content(record))
        return state.hexdigest()
    for path in sorted(_own_files(folder)):
        status = Path(path).stat()
        state.update(f"{path}{status.st_mtime_ns}{status.st_size}".encode())
    return state.hexdigest()


def _own_files(folder: Path) -> Iterator[str]:
    yield from (str(path) for path in folder.glob("*.py"))
    for part in ("engine", "fixes", "knowledge", "rules"):
        for directory, _, names in os.walk(folder / part):
            yield from (f"{directory}/{name}" for name in names if name.endswith((".py", ".toml")))


def _content(file: Path) -> bytes:
    """A file's content, nothing where it cannot be read."""
    try:
        return file.read_bytes()
    except OSError:
        return b""
