"""A library's source, as a program."""

from pathlib import Path
from typing import TYPE_CHECKING

from archwise.check import check
from archwise.judge import imported_roots
from archwise.settings import Settings, load

if TYPE_CHECKING:
    from archwise.engine.analysis import Analysis


def analysed(package: Path, workers: int | None = None) -> "Analysis":
    """The program that the package or module at a path is.

    Raises:
        WorkerError: the system has ended a process that read files.
    """
    settings = Settings(
        root=package.resolve().parent,
        ignore=("ALL",),
        exclude=(),
        respect_gitignore=False,
        cache=False,
        workers=workers,
    )
    return _program(package, settings)


def imports(project: Path, workers: int | None = None) -> frozenset[str]:
    """The first names of all that a project imports and does not hold itself.

    Raises:
        SettingsError: its settings cannot be used.
        WorkerError: the system has ended a process that read files.
    """
    settings = load(project).override(select=(), extend_select=(), ignore=("ALL",), workers=workers)
    program = _program(project, settings).program
    modules = program.modules.values()
    own = {name for module in modules for name in module.summary.imports if program.resolve(module, name)}
    return imported_roots(module.summary for module in modules) - own


def _program(path: Path, settings: Settings) -> "Analysis":
    found: list[Analysis] = []
    check([path], settings, look=lambda analysis, _: found.append(analysis))
    return found[0]
