"""A file takes another's place, whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def replace_file(file: Path, content: bytes) -> None:
    """Writes a file beside its place and moves it there in one step.

    Raises:
        OSError: it cannot be written; what was there is still there.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=temporary_name(file), dir=file.parent)
    try:
        with naming(file), os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


@contextmanager
def naming(file: Path) -> Iterator[None]:
    """Has an error name the file that was to be written: the system names none once one is open.

    Raises:
        OSError: as it came, with a name.
    """
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(file)
        raise


def temporary_name(file: Path) -> str:
    """How the names begin of what is written beside a file, and left there by a run that is killed."""
    return f".{file.name}-"
