"""What happens when a module is the first to be imported: a cycle meets modules that have only half run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archwise.engine.imports import Import, Imports
    from archwise.engine.program import Module, Program


class Failure(msgspec.Struct, frozen=True):
    """An import that fails with ``ImportError`` where ``first`` is imported before any other module of the program.

    ``waiting`` are the modules then half run, each imported by the one before; the last holds the failing statement.
    """

    first: Module
    failing: Import
    waiting: tuple[Module, ...]


def failures(program: Program, imports: Imports, starts: Iterable[Module]) -> Iterator[Failure]:
    """The failures that importing each of these modules first meets."""
    after: dict[tuple[Module, ...], _Run] = {}
    for start in starts:
        packages = _packages(program, start)
        if packages not in after:
            after[packages] = _Run(imports, program)
            all(map(after[packages].load, packages))
        run = after[packages].copy()
        if not run.load(start) and run.failing is not None:
            yield Failure(start, run.failing, run.waiting)


def _packages(program: Program, module: Module) -> tuple[Module, ...]:
    """The packages around a module, which Python imports before it."""
    parts = module.name.split(".")
    around = (program.modules.get(".".join(parts[:count])) for count in range(1, len(parts)))
    return tuple(package for package in around if package is not None and package.is_package)


class _Run:
    """One start of an interpreter."""

    def __init__(self, imports: Imports, program: Program) -> None:
        self._program = program
        self._imports = imports
        self._done: set[Module] = set()
        self._at: dict[Module, int] = {}
        self.failing: Import | None = None
        self.waiting: tuple[Module, ...] = ()

    def copy(self) -> _Run:
        """Another one that has done the same so far."""
        other = _Run(self._imports, self._program)
        other._done, other.failing, other.waiting = set(self._done), self.failing, self.waiting
        return other

    def load(self, module: Module) -> bool:
        """Runs a module's body, after those of the packages around it, unless it has begun to; says whether it can."""
        if self.failing is not None:
            return False
        return self._is_begun(module) or all(map(self._run, (*_packages(self._program, module), module)))

    def _is_begun(self, module: Module) -> bool:
        return module in self._done or module in self._at

    def _run(self, module: Module) -> bool:
        if self._is_begun(module):
            return True
        self._at[module] = 0
        for each in self._imports.of(module):
            if each.when != "import" or each.code is not module.code:
                continue
            if module.code.block_of(each.op):
                continue  # whether it runs, and what becomes of its failure, is not known
            self._at[module] = each.op
            if not self.load(each.target):
                return False
            if self._is_missing(each):
                self.failing, self.waiting = each, tuple(self._at)
                return False
        del self._at[module]
        self._done.add(module)
        return True

    def _is_missing(self, each: Import) -> bool:
        """Whether the name is not yet there, since its module has only run up to an import of its own."""
        reached = self._at.get(each.target)
        if reached is None or each.name in ("", "*"):
            return False
        scope = each.target.code.scope
        if "__getattr__" in scope.bindings or any(star < reached for star in scope.stars):
            return False
        if f"{each.target.name}.{each.name}" in self._program.modules:
            return False  # where a package has no such name yet, Python imports the module of that name
        given = scope.bindings.get(each.name, ())
        return bool(given) and all(binding.order > reached for binding in given)
