"""Two folders change places, in one step where the system has it: whoever looks sees the one or the other."""

import ctypes
import errno
import os
import sys
from pathlib import Path

_NOT_HERE = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)
_AT_FDCWD, _SWAP = -100, 2
"""``linux/fcntl.h`` and ``linux/fs.h`` (RENAME_EXCHANGE); macOS's RENAME_SWAP in ``sys/stdio.h`` is the same number."""


def exchange(one: Path, other: Path) -> None:
    """Swaps two folders of one file system.

    Raises:
        OSError: they cannot be moved; both are where they were.
    """
    code = _swapped(os.fsencode(one), os.fsencode(other))
    if code in _NOT_HERE:
        _in_three_steps(one, other)
    elif code:
        raise OSError(code, os.strerror(code), str(other))


def _swapped(one: bytes, other: bytes) -> int:
    """The system's own way: 0, or why not."""
    if os.name != "posix":
        return errno.ENOSYS
    library = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        failed = library.renameat2(_AT_FDCWD, one, _AT_FDCWD, other, _SWAP)
    elif sys.platform == "darwin" and hasattr(library, "renamex_np"):
        failed = library.renamex_np(one, other, _SWAP)
    else:
        return errno.ENOSYS
    return ctypes.get_errno() if failed else 0


def _in_three_steps(one: Path, other: Path) -> None:
    aside = one.with_name(f"{one.name}~")
    other.rename(aside)
    try:
        one.rename(other)
    except OSError:
        aside.rename(other)
        raise
    aside.rename(one)
