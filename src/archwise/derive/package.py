"""A library's source, as a program."""

from pathlib import Path
from typing import TYPE_CHECKING

from archwise.check import Progress, check
from archwise.settings import Settings

if TYPE_CHECKING:
    from archwise.engine.analysis import Analysis


def analysed(package: Path, workers: int | None = None, progress: Progress | None = None) -> "Analysis":
    """The program that the package or module at a path is.

    Raises:
        WorkerError: the system has ended a process that read files.
    """
    found: list[Analysis] = []
    settings = Settings(
        root=package.resolve().parent,
        ignore=("ALL",),
        exclude=(),
        respect_gitignore=False,
        cache=False,
        workers=workers,
    )
    check([package], settings, progress, lambda analysis, _: found.append(analysis))
    return found[0]
