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
from typing import Self, cast

from archwise.skills.scanners.scanner import Alarm, Row, Scanner, SkippedError, Status, UnavailableError
from archwise.skills.skill import Skill

_MOST_ALARMS = 200
"""A scanner that has more to say about one skill is not heard out."""
_KEPT_VARIABLES = ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "LANG", "LC_ALL", "SYSTEMROOT", "XDG_CACHE_HOME")


class _Worker:
    """A process, the skill it holds, and the scanner it is busy with since a moment."""

    def __init__(self, home: str) -> None:
        context = (
            multiprocessing.get_context("fork") if sys.platform == "linux" else multiprocessing.get_context("spawn")
        )
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, home), daemon=True)
        self._process.start()
        theirs.close()
        self._holds = -1
        self.number, self.name, self.started = -1, "", 0.0

    def begin(self, number: int, skill: Skill, name: str) -> None:
        self.connection.send((name, skill if number != self._holds else None))
        self._holds = number
        self.number, self.name, self.started = number, name, time.monotonic()

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
        jobs = deque((number, name) for number in range(len(skills)) for name in names)
        self._workers = [_Worker(self._home.name) for _ in range(min(_processors(), len(jobs)))]
        for worker in self._workers:
            _take(worker, jobs, skills)
        while busy := {worker.connection: worker for worker in self._workers if worker.name}:
            first = min(worker.started for worker in busy.values())
            heard = wait(list(busy), timeout=max(0.0, first + self._limit - time.monotonic()))
            for connection in cast("list[Connection]", heard):
                yield self._answer(busy[connection])
            for worker in self._late(busy.values()):
                yield self._replaced(worker, f"took longer than {self._limit:g} s")
            for worker in self._workers:
                if not worker.name:
                    _take(worker, jobs, skills)

    def _answer(self, worker: _Worker) -> tuple[int, Row]:
        try:
            row: Row = worker.connection.recv()
        except (EOFError, OSError):
            return self._replaced(worker, "ended its process")
        worker.name = ""
        return worker.number, row

    def _late(self, busy: Iterable[_Worker]) -> list[_Worker]:
        now = time.monotonic()
        return [worker for worker in busy if worker.name and now >= worker.started + self._limit]

    def _replaced(self, worker: _Worker, why: str) -> tuple[int, Row]:
        worker.end()
        self._workers[self._workers.index(worker)] = _Worker(self._home.name)
        seconds = time.monotonic() - worker.started
        return worker.number, Row(worker.name, _title(worker.name), "failed", reason=why, seconds=seconds)


def _take(worker: _Worker, jobs: deque[tuple[int, str]], skills: Sequence[Skill]) -> None:
    if jobs:
        number, name = jobs.popleft()
        worker.begin(number, skills[number], name)


def look(name: str, skill: Skill) -> Row:
    """One scanner's row for a skill, made in this process."""
    started = time.monotonic()
    try:
        scanner = _scanner(name)
        title = scanner.TITLE
    except Exception as error:
        return Row(name, name, "failed", reason=_said(error))
    version, reason = "", ""
    alarms: tuple[Alarm, ...] = ()
    status: Status
    try:
        version = scanner.version()
        alarms = tuple(islice(scanner.scan(skill), _MOST_ALARMS))
        status = "flagged" if any(alarm.severity != "info" for alarm in alarms) else "clean"
    except SkippedError as error:
        status, reason = "skipped", str(error)
    except UnavailableError as error:
        status, reason = "did-not-run", str(error)
    except Exception as error:
        status, reason = "failed", _said(error)
    return Row(name, title, status, alarms, reason, version, time.monotonic() - started)


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
    held: Skill | None = None
    while True:
        name, skill = connection.recv()
        held = skill or held
        connection.send(look(name, cast("Skill", held)))


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
