"""Turns a file into its summary."""

import codecs
import gc
import hashlib
import io
import os
import stat
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from archwise.engine import ir

_encode = msgspec.msgpack.Encoder().encode
_PYTHON = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
_DEEPEST = 20_000


class WorkerError(Exception):
    """A process that read files is gone; the message says what to do."""


class Read(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What came of one file: its summary, encoded, or why there is none; no digest where it could not be opened."""

    path: str
    summary: bytes
    reason: str = ""
    line: int | None = None
    lines: int = 0
    digest: bytes = b""


def prepare() -> None:
    """Readies a process for parsing: no collector (trees die young), room for nesting, no warnings about the code."""
    gc.disable()
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _DEEPEST))
    warnings.simplefilter("ignore", SyntaxWarning)
    warnings.simplefilter("ignore", DeprecationWarning)


@contextmanager
def prepared() -> Iterator[None]:
    """This process as `prepare` makes it, for a while."""
    collecting, limit = gc.isenabled(), sys.getrecursionlimit()
    with warnings.catch_warnings():
        prepare()
        try:
            yield
        finally:
            sys.setrecursionlimit(limit)
            if collecting:
                gc.enable()


def read(path: str) -> Read:
    """One file's summary, or the reason why it has none."""
    from archwise.engine.extract import summarise  # what parses is not needed where nothing has changed

    try:
        source = _content(path)
    except OSError as error:
        return Read(path, b"", f"cannot be read: {error.strerror or error}")
    digest = digest_of(source)
    try:
        return Read(path, _encode(summarise(source)), digest=digest)
    except Exception as error:
        reason, line = _refusal(error, source)
        return Read(path, b"", reason, line, lines_of(source), digest)


def _content(path: str) -> bytes:
    if not stat.S_ISREG(Path(path).stat().st_mode):  # a pipe would keep its reader waiting
        raise OSError("it is not a regular file")
    return Path(path).read_bytes()


def _refusal(error: Exception, source: bytes) -> tuple[str, int | None]:
    """Why there is no summary, and the line at fault."""
    if isinstance(error, (RecursionError, MemoryError)):
        return f"nests too deeply for {_PYTHON}", None
    if source.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "is UTF-16, which Python does not read: save it as UTF-8", None
    if b"\0" in source:
        return "holds null bytes, so it is not Python source", source.count(b"\n", 0, source.index(b"\0")) + 1
    if not isinstance(error, SyntaxError):
        if debugging():
            raise error
        return f"internal error: {type(error).__name__}: {error} (please report it)", None
    return _undecoded(source) or (f"{_PYTHON} cannot parse it: {error.msg}", error.lineno or None)


def debugging() -> bool:
    """Whether an error of our own is to be shown whole."""
    return os.environ.get("ARCHWISE_DEBUG") == "1"


def _undecoded(source: bytes) -> tuple[str, int] | None:
    """That the bytes are not of the encoding they should be, where that is what is wrong."""
    import tokenize

    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
    except SyntaxError:  # it looks at the first lines' bytes too
        encoding = "utf-8"
    try:
        source.decode(encoding)
    except UnicodeDecodeError as error:
        named = encoding.removesuffix("-sig").upper()
        remedy = "save it as that, or declare its encoding" if named == "UTF-8" else "declare its encoding as it is"
        return f"is not {named}: {remedy}", source.count(b"\n", 0, error.start) + 1
    except (LookupError, ValueError):
        return None
    return None


def lines_of(source: bytes) -> int:
    """How many lines a source has."""
    return source.count(b"\n") + (not source.endswith(b"\n"))


def digest_of(content: bytes) -> bytes:
    """The content hash of a file."""
    return hashlib.blake2b(content, digest_size=16).digest()


def decode(summary: bytes) -> ir.Summary:
    """A summary as `read` encoded it.

    Raises:
        msgspec.MsgspecError: the bytes are of another version.
    """
    return _DECODER.decode(summary)


_DECODER = msgspec.msgpack.Decoder(ir.Summary)
