"""Writes several files so that all of them are written or none is."""

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path


def write_all(files: Mapping[Path, str]) -> None:
    """Write texts to files, each as it is given, line ends included.

    Raises:
        OSError: one of them cannot be written; then all are as they were.
    """
    before = {file: file.read_bytes() if file.exists() else None for file in files}
    staged: dict[Path, Path] = {}
    done: list[Path] = []
    try:
        for file, text in files.items():
            file.parent.mkdir(parents=True, exist_ok=True)
            staged[file] = _staged(file, text.encode())
        for file, written in staged.items():
            written.replace(file)
            done.append(file)
    except BaseException:
        for file in done:
            _restore(file, before[file])
        raise
    finally:
        for written in staged.values():
            written.unlink(missing_ok=True)


def _staged(file: Path, content: bytes) -> Path:
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    written = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        written.chmod(file.stat().st_mode & 0o777 if file.exists() else 0o644)
    except BaseException:
        written.unlink(missing_ok=True)
        raise
    return written


def _restore(file: Path, content: bytes | None) -> None:
    with contextlib.suppress(OSError):
        if content is None:
            file.unlink()
        else:
            file.write_bytes(content)
