"""Reads many files, in several processes where that pays."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import cast

from archwise.engine.read import Read, WorkerError, prepare, read

_WORTH_A_POOL = 1_500_000
_CHUNK = 400_000
_FILE = 1_000
"""Bytes of source: below the first one process is faster; a worker takes about the second at a time; a file costs
as much as the third before a byte of it is read."""
_MOST = 60
"""Windows lets a process wait for no more."""

_Worker = tuple[BaseProcess, Connection]


def read_all(files: Sequence[tuple[Path, int]], workers: int | None, tick: Callable[[int], None]) -> Iterator[Read]:
    """Reads files, given with their sizes in bytes; ``tick`` is told how many more are done.

    Raises:
        WorkerError: the system has ended a worker.
    """
    chunks = list(_chunks(files))
    count = min(workers or _processors(), len(chunks), _MOST)
    if count > 1 and sum(size for _, size in files) > _WORTH_A_POOL:
        yield from _in_processes(chunks, count, tick)
        return
    for path, _ in files:
        yield read(str(path))
        tick(1)


def _processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _in_processes(chunks: list[list[str]], count: int, tick: Callable[[int], None]) -> Iterator[Read]:
    """Gives each worker a chunk at a time.

    Each has a pipe of its own, so that one that is killed closes it, even halfway through an answer: the executor of
    the standard library would wait for the other half.
    """
    with _keyboard_held():
        workers = [_start() for _ in range(count)]
    try:
        busy = [connection for _, connection in workers]
        for connection in busy:
            connection.send(chunks.pop())
        while busy:
            for connection in cast("list[Connection]", wait(busy)):
                done: list[Read] = connection.recv()
                if chunks:
                    connection.send(chunks.pop())
                else:
                    busy.remove(connection)
                tick(len(done))
                yield from done
    except (EOFError, OSError) as error:
        advice = "the system may be out of memory, --workers 1 needs least"
        raise WorkerError(f"a process that read files was killed: {advice}") from error
    finally:
        for process, connection in workers:
            process.terminate()
            process.join()
            connection.close()


@contextmanager
def _keyboard_held() -> Iterator[None]:
    """Interrupts wait, here and in the processes that are started meanwhile: a new one does not yet ignore them."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start() -> _Worker:
    context = multiprocessing.get_context("fork") if sys.platform == "linux" else multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def _work(connection: Connection) -> None:
    """A worker's life: it leaves the keyboard to its parent, and does not outlive it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    prepare()
    while True:
        connection.send([read(path) for path in connection.recv()])


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _chunks(files: Sequence[tuple[Path, int]]) -> Iterator[list[str]]:
    chunk: list[str] = []
    total = 0
    for path, size in files:
        chunk.append(str(path))
        total += size + _FILE
        if total >= _CHUNK:
            yield chunk
            chunk, total = [], 0
    if chunk:
        yield chunk
