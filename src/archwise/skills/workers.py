"""Processes that run scanners: side by side, each stopped when it takes too long, and none able to take the panel down.

Scanners of other people crash, hang and start tools of their own, so none runs in the process that installs. A worker
sees neither the user's home nor what the environment holds beside paths and the language.
"""

import gc
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from itertools import islice
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self, cast

from archwise.skills.scanners import SLOW_TO_START
from archwise.skills.scanners.scanner import Alarm, BatchScanner, Row, Scanner, SkippedError, Status, UnavailableError
from archwise.skills.skill import Skill

_MOST_ALARMS = 200
"""A scanner that has more to say about one skill is not heard out."""
_BATCH, _BATCH_BYTES = 64, 32 << 20
"""How many skills, and how much of them, a scanner that is slow to start is handed at once."""
_KEPT_VARIABLES = ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "LANG", "LC_ALL", "SYSTEMROOT", "XDG_CACHE_HOME")


class _Job(NamedTuple):
    """A scanner, and the skills that it looks at in one go: their numbers."""

    name: str
    numbers: tuple[int, ...]


class _Worker:
    """A process, the skill it holds, and the job it is busy with since a moment."""

    def __init__(self, home: str) -> None:
        context = (
            multiprocessing.get_context("fork") if sys.platform == "linux" else multiprocessing.get_context("spawn")
        )
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, home), daemon=True)
        self._process.start()
        theirs.close()
        self._holds: tuple[int, ...] = ()
        self.job: _Job | None = None
        self.started = 0.0

    def begin(self, job: _Job, skills: Sequence[Skill]) -> None:
        held = job.numbers == self._holds
        self.connection.send((job.name, None if held else [skills[number] for number in job.numbers]))
        self._holds = job.numbers
        self.job, self.started = job, time.monotonic()

    def end(self) -> None:
        """Stops the process and every tool that it has started."""
        if hasattr(os, "killpg") and self._process.pid is not None and self._process.is_alive():
            try:
                os.killpg(self._process.pid, signal.SIGKILL)
            except ProcessLookupError:  # it has not yet become the leader of a group of its own
                self._process.kill()
        else:
            self._process.kill()
        self._process.join()
        self.connection.close()


class Workers:
    """A few processes, for as long as a block lasts. ``limit`` is in seconds, for one scanner and one skill."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._workers: list[_Worker] = []
        self._home = tempfile.TemporaryDirectory(prefix="archwise-scan-", ignore_cleanup_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.end()
        self._home.cleanup()

    def scan(self, skills: Sequence[Skill], names: Sequence[str]) -> Iterator[tuple[int, Row]]:
        """The row of each scanner for each skill, with the skill's number, as they come."""
        jobs = deque(_jobs(skills, names))
        self._workers = [_Worker(self._home.name) for _ in range(min(_processors(), len(jobs)))]
        for worker in self._workers:
            _take(worker, jobs, skills)
        while busy := {worker.connection: worker for worker in self._workers if worker.job}:
            first = min(worker.started for worker in busy.values())
            heard = wait(list(busy), timeout=max(0.0, first + self._limit - time.monotonic()))
            for connection in cast("list[Connection]", heard):
                yield from self._answer(busy[connection], jobs)
            for worker in self._late(busy.values()):
                yield from self._replaced(worker, jobs, f"took longer than {self._limit:g} s")
            for worker in self._workers:
                if not worker.job:
                    _take(worker, jobs, skills)

    def _answer(self, worker: _Worker, jobs: deque[_Job]) -> Iterator[tuple[int, Row]]:
        job = cast("_Job", worker.job)
        try:
            rows: list[Row] = worker.connection.recv()
        except (EOFError, OSError):
            yield from self._replaced(worker, jobs, "ended its process")
            return
        worker.job = None
        if len(rows) > 1 and any(row.status == "failed" for row in rows):
            jobs.extendleft(_Job(job.name, (number,)) for number in reversed(job.numbers))
        else:
            yield from zip(job.numbers, rows, strict=True)

    def _late(self, busy: Iterable[_Worker]) -> list[_Worker]:
        now = time.monotonic()
        return [worker for worker in busy if worker.job and now >= worker.started + self._limit]

    def _replaced(self, worker: _Worker, jobs: deque[_Job], why: str) -> Iterator[tuple[int, Row]]:
        """Where one skill of several is to blame, each is looked at again, alone."""
        name, numbers = cast("_Job", worker.job)
        worker.end()
        self._workers[self._workers.index(worker)] = _Worker(self._home.name)
        if len(numbers) > 1:
            jobs.extendleft(_Job(name, (number,)) for number in reversed(numbers))
        else:
            yield numbers[0], Row(name, _title(name), "failed", reason=why, seconds=time.monotonic() - worker.started)


def _jobs(skills: Sequence[Skill], names: Sequence[str]) -> Iterator[_Job]:
    """Skill after skill, but scanners that are slow to start look at many skills at once, as soon as one needs it."""
    batched = [name for name in names if name in SLOW_TO_START]
    for numbers in _batches(skills):
        yield from (_Job(name, numbers) for name in batched)
        yield from (_Job(name, (number,)) for number in numbers for name in names if name not in batched)


def _batches(skills: Sequence[Skill]) -> Iterator[tuple[int, ...]]:
    batch: list[int] = []
    size = 0
    for number, skill in enumerate(skills):
        more = sum(map(len, skill.files.values()))
        if batch and (len(batch) == _BATCH or size + more > _BATCH_BYTES):
            yield tuple(batch)
            batch, size = [], 0
        batch.append(number)
        size += more
    if batch:
        yield tuple(batch)


def _take(worker: _Worker, jobs: deque[_Job], skills: Sequence[Skill]) -> None:
    if jobs:
        worker.begin(jobs.popleft(), skills)


def look(name: str, skills: Sequence[Skill]) -> list[Row]:
    """One scanner's row for each skill, made in this process."""
    started = time.monotonic()
    version, reason = "", ""
    found: list[tuple[Alarm, ...]] = [() for _ in skills]
    status: Status | None = None
    try:
        scanner = _scanner(name)
        version = scanner.version()
        if name in SLOW_TO_START:
            looked = cast("BatchScanner", scanner).scan_many(skills)
        else:
            looked = [scanner.scan(skill) for skill in skills]
        found = [tuple(islice(alarms, _MOST_ALARMS)) for alarms in looked]
    except SkippedError as error:
        status, reason = "skipped", str(error)
    except UnavailableError as error:
        status, reason = "did-not-run", str(error)
    except Exception as error:
        status, reason = "failed", _said(error)
    took = (time.monotonic() - started) / len(skills)
    title = _title(name)
    return [Row(name, title, status or _status(alarms), alarms, reason, version, took) for alarms in found]


def _status(alarms: Sequence[Alarm]) -> Status:
    return "flagged" if any(alarm.severity != "info" for alarm in alarms) else "clean"


def _work(connection: Connection, home: str) -> None:
    """A worker's life: it leaves the keyboard to its parent, and does not outlive it."""
    if hasattr(os, "setsid"):
        os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    gc.enable()
    _forget_environment(home)
    held: list[Skill] = []
    while True:
        name, skills = connection.recv()
        held = skills or held
        connection.send(look(name, held))


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _forget_environment(home: str) -> None:
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    kept.setdefault(
        "XDG_CACHE_HOME", str(Path("~/.cache").expanduser())
    )  # a scanner's compiled rules, kept between runs
    os.environ.clear()
    os.environ.update(kept, HOME=home, USERPROFILE=home, TMPDIR=home, TEMP=home, TMP=home)
    tempfile.tempdir = None


def _scanner(name: str) -> Scanner:
    return cast("Scanner", import_module(f"archwise.skills.scanners.{name.replace('-', '_')}"))


def _title(name: str) -> str:
    try:
        return _scanner(name).TITLE
    except Exception:
        return name


def _said(error: Exception) -> str:
    said = " ".join(str(error).split())
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
