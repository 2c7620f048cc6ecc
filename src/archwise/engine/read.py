"""Turns files into summaries, in several processes where that pays."""

import gc
import multiprocessing
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from pathlib import Path

import msgspec

from archwise.engine import ir
from archwise.engine.extract import summarise

_encode = msgspec.msgpack.Encoder().encode
_DEEPEST = 20_000
_WORTH_A_POOL = 1_500_000
_CHUNK = 400_000
"""Bytes of source: below the first one process is faster; a worker takes about the second at a time."""


class Read(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What came of one file: its summary, encoded, or why there is none."""

    path: str
    summary: bytes
    reason: str = ""
    line: int | None = None
    lines: int = 0


def read_all(files: Sequence[tuple[Path, int]], workers: int | None, tick: Callable[[int], None]) -> Iterator[Read]:
    """Reads files, given with their sizes in bytes; ``tick`` is told how many more are done."""
    count = workers or os.cpu_count() or 1
    if count > 1 and sum(size for _, size in files) > _WORTH_A_POOL:
        yield from _in_processes(files, count, tick)
        return
    prepare()
    for path, _ in files:
        yield read(str(path))
        tick(1)


def _in_processes(files: Sequence[tuple[Path, int]], count: int, tick: Callable[[int], None]) -> Iterator[Read]:
    method = "fork" if sys.platform == "linux" else "spawn"
    with ProcessPoolExecutor(count, multiprocessing.get_context(method), prepare) as pool:
        futures: list[Future[list[Read]]] = [pool.submit(_read_chunk, chunk) for chunk in _chunks(files)]
        try:
            for future in as_completed(futures):
                done = future.result()
                tick(len(done))
                yield from done
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


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


def prepare() -> None:
    """Readies a process for parsing: no collector (trees die young), room for deep nesting, no warnings about the code."""
    gc.disable()
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _DEEPEST))
    warnings.simplefilter("ignore", SyntaxWarning)
    warnings.simplefilter("ignore", DeprecationWarning)


def read(path: str) -> Read:
    """One file's summary, or the reason why it has none."""
    try:
        source = Path(path).read_bytes()
    except OSError as error:
        return Read(path, b"", f"cannot be read: {error.strerror or error}")
    try:
        return Read(path, _encode(summarise(source)))
    except SyntaxError as error:
        reason = f"Python {sys.version_info[0]}.{sys.version_info[1]} cannot parse it: {error.msg}"
        return Read(path, b"", reason, error.lineno, lines_of(source))
    except (RecursionError, MemoryError):
        return Read(path, b"", "nests too deeply to be parsed", None, lines_of(source))
    except ValueError as error:
        return Read(path, b"", f"is not Python source: {error}", None, lines_of(source))


def lines_of(source: bytes) -> int:
    """How many lines a source has."""
    return source.count(b"\n") + (not source.endswith(b"\n"))


def decode(summary: bytes) -> ir.Summary:
    """A summary as `read` encoded it.

    Raises:
        msgspec.MsgspecError: the bytes are of another version.
    """
    return _DECODER.decode(summary)


_DECODER = msgspec.msgpack.Decoder(ir.Summary)
