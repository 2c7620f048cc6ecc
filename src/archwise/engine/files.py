"""Finds the Python files below paths."""

import errno
import fnmatch
import functools
import os
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from archwise.engine.templates import files as templates

_SUFFIXES = (".py",)
_INSTALLED = ".dist-info"
_COPIES = 2
"""Packages with an installer's record, from which on a folder is where copies of others' packages were put …"""
_COPIED = frozenset({
    "bs4", "certifi", "chardet", "charset_normalizer", "colorama", "dateutil", "html5lib", "idna", "markupsafe",
    "pkg_resources", "requests", "setuptools", "soupsieve", "urllib3", "webencodings", "wrapt", "zipp",
})  # fmt: skip
_NAMED = 4
"""… and how many of the packages that are copied most, where no record tells."""
NOT_CODE = {".ipynb": "notebooks", ".pyi": "stubs"}
"""Files that look like code, by suffix, and are never read as such."""


def discover(paths: Sequence[Path], exclude: Iterable[str], *, respect_gitignore: bool) -> list[Path]:
    """The Python files at and below ``paths``, absolute and sorted, each once.

    A file that is named itself is taken whatever ``exclude`` says, unless it is a template, a notebook or a stub.
    Links to folders are not followed, and a folder that packages were installed into is passed over.
    A folder that cannot be listed stands for the files in it, so that it is reported as one that cannot be read.
    """
    patterns = tuple(exclude)
    found: dict[Path, None] = {}
    for path in paths:
        path = located(path)
        if path.is_dir():
            below = list(_walk(path, patterns))
            found.update(dict.fromkeys(_unignored(path, below) if respect_gitignore else below))
        elif path.suffix not in NOT_CODE and path.suffix not in templates.SUFFIXES:
            found[path] = None
    return sorted(found)


def located(path: Path) -> Path:
    """Where a path that someone named lies; a link to a file stays the link."""
    return path.resolve() if path.is_dir() else path.parent.resolve() / path.name


def text_of(path: Path) -> str:
    """A path as text, with slashes, whatever bytes the system has it in."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


def _walk(folder: Path, patterns: tuple[str, ...]) -> Iterator[Path]:
    closed: list[Path] = []

    def note(error: OSError) -> None:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR):  # it has gone in the meantime
            closed.append(Path(error.filename))

    for directory, names, files in os.walk(folder, onerror=note):
        relative = os.path.relpath(directory, folder).replace(os.sep, "/")
        prefix = "" if relative == "." else f"{relative}/"
        if prefix and _holds_copies(names, files):
            names.clear()
            continue
        names[:] = sorted(name for name in names if not _excluded(name, prefix + name, patterns))
        for name in files:
            if name.endswith(_SUFFIXES) and not _excluded(name, prefix + name, patterns):
                yield Path(directory, name)
    yield from closed


def _holds_copies(folders: Sequence[str], files: Sequence[str]) -> bool:
    """Whether packages of others were put here, so that it is a folder of the import path and no package itself."""
    recorded = sum(name.endswith(_INSTALLED) for name in folders) >= _COPIES
    return recorded or ("__init__.py" not in files and len(_COPIED.intersection(folders)) >= _NAMED)


def _excluded(name: str, relative: str, patterns: tuple[str, ...]) -> bool:
    excluded = _as_one(patterns)
    return excluded.match(name) is not None or excluded.match(relative) is not None


@functools.cache
def _as_one(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """A pattern that matches what any of these globs does; without globs, nothing."""
    return re.compile("|".join(map(fnmatch.translate, patterns)) or r"(?!)")


def _unignored(folder: Path, files: list[Path]) -> list[Path]:
    """The files that Git does not ignore; all of them outside a checkout, or in a folder that is ignored itself."""
    if not files or not any((parent / ".git").exists() for parent in (folder, *folder.parents)):
        return files
    given = "\0".join(str(file) for file in (folder / "x", *files))
    command = ["git", "-C", str(folder), "check-ignore", "--stdin", "-z"]
    try:
        done = subprocess.run(command, input=os.fsencode(given), capture_output=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return files
    ignored = {os.fsdecode(name) for name in done.stdout.split(b"\0")}
    if str(folder / "x") in ignored:
        return files
    return [file for file in files if str(file) not in ignored]
