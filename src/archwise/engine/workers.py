"""Reads many files, in several processes where that pays."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from pathlib import Path

from archwise.engine.read import Read, WorkerError, prepare, read

_WORTH_A_POOL = 1_500_000
_CHUNK = 400_000
"""Bytes of source: below the first one process is faster; a worker takes about the second at a time."""
_MOST = 60
"""Windows lets a process wait for no more."""


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


def _in_processes(chunks: Sequence[list[str]], count: int, tick: Callable[[int], None]) -> Iterator[Read]:
    method = "fork" if sys.platform == "linux" else "spawn"
    others = multiprocessing.active_children()
    with ProcessPoolExecutor(count, multiprocessing.get_context(method), _start_worker) as pool:
        futures: list[Future[list[Read]]] = [pool.submit(_read_chunk, chunk) for chunk in chunks]
        try:
            for future in as_completed(futures):
                done = future.result()
                tick(len(done))
                yield from done
        except BrokenProcessPool as error:
            advice = "the system may be out of memory, --workers 1 needs least"
            raise WorkerError(f"a process that read files was killed: {advice}") from error
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in multiprocessing.active_children():
                if worker not in others:
                    worker.terminate()
            raise


def _start_worker() -> None:
    """A worker leaves the keyboard to its parent, and does not outlive it."""
    prepare()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _chunks(files: Sequence[tuple[Path, int]]) -> Iterator[list[str]]:
    chunk: list[str] = []
    total = 0
    for path, size in files:
        chunk.append(str(path))
        total += size
        if total >= _CHUNK:
            yield chunk
            chunk, total = [], 0
    if chunk:
        yield chunk


def _read_chunk(paths: list[str]) -> list[Read]:
    return [read(path) for path in paths]
