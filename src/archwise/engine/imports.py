"""Which module imports which, of what, and when: while it is itself imported, when a function runs, for types only."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Literal

import msgspec

from archwise.engine import ir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.program import Code, Module, Program

When = Literal["import", "call", "typing"]
"""``import`` with the module itself, ``call`` when a function or script runs, ``typing`` under ``TYPE_CHECKING``."""


class Import(msgspec.Struct, frozen=True, gc=False):
    """One name of one import statement that leads to a module of the program.

    ``name`` is what is taken from ``target``, empty where that is the module itself.
    """

    code: Code
    op: int
    target: Module
    name: str
    when: When

    @property
    def importer(self) -> Module:
        """The module in which it stands."""
        return self.code.module

    @property
    def line(self) -> int:
        """The line of the statement."""
        line: int = getattr(self.code.scope.ops[self.op], "line", 1)
        return line


class Imports:
    """The imports of a program among its own modules."""

    def __init__(self, program: Program) -> None:
        self._program = program

    @functools.cached_property
    def all(self) -> tuple[Import, ...]:
        """Every import, by the importer's name, in source order."""
        return tuple(found for module in self._program.by_name for found in self.of(module))

    def of(self, module: Module) -> tuple[Import, ...]:
        """The imports that stand in a module, in source order."""
        return self._by_importer.get(module, ())

    def to(self, module: Module) -> tuple[Import, ...]:
        """The imports of a module or of something in it, by the importer's name."""
        return self._by_target.get(module, ())

    @functools.cached_property
    def _by_importer(self) -> dict[Module, tuple[Import, ...]]:
        return {module: tuple(self._find(module)) for module in self._program.modules.values()}

    @functools.cached_property
    def _by_target(self) -> dict[Module, tuple[Import, ...]]:
        found: dict[Module, list[Import]] = {}
        for each in self.all:
            found.setdefault(each.target, []).append(each)
        return {module: tuple(imports) for module, imports in found.items()}

    @functools.cached_property
    def graph(self) -> dict[Module, dict[Module, tuple[Import, ...]]]:
        """For each module those that Python runs while it imports it, each with the statements that ask for it."""
        found: dict[Module, dict[Module, tuple[Import, ...]]] = {}
        for each in self.all:
            if each.when == "import" and each.importer is not each.target:
                targets = found.setdefault(each.importer, {})
                targets[each.target] = (*targets.get(each.target, ()), each)
        return found

    def _find(self, module: Module) -> Iterator[Import]:
        for code in module.codes:
            ops = code.scope.ops
            for index, op in code.operations(ir.Import):
                if not _is_parent(op, ops[index + 1] if index + 1 < len(ops) else None):
                    found = self._target(module, op)
                    if found is not None:
                        yield Import(code, index, *found, _when(code, op))

    def _target(self, module: Module, op: ir.Import) -> tuple[Module, str] | None:
        program = self._program
        full = program.absolute(module, op.level, op.module)
        if full is None:
            return None
        source = program.modules.get(full)
        if not op.name:
            return (source, "") if source is not None else None
        child = program.modules.get(f"{full}.{op.name}" if full else op.name)
        if child is not None and (source is None or source is module or not self._rebinds(source, op.name)):
            return child, ""
        return (source, op.name) if source is not None else None

    def _rebinds(self, package: Module, name: str) -> bool:
        """Whether a package gives the name of one of its modules to something else."""
        ops = package.code.scope.ops
        for binding in package.code.scope.bindings.get(name, ()):
            op = ops[binding.value]
            if not isinstance(op, ir.Import) or op.name != name:
                return True
            if self._program.absolute(package, op.level, op.module) != package.name:
                return True
        return False


def _is_parent(op: ir.Import, following: ir.AnyOp | None) -> bool:
    """Whether this is the first name of ``import a.b``, of which the next operation is the whole."""
    return (
        not op.name
        and isinstance(following, ir.Import)
        and not following.name
        and following.line == op.line
        and following.module.startswith(f"{op.module}.")
    )


def _when(code: Code, op: ir.Import) -> When:
    if any(test.kind == "true" and test.path.endswith("TYPE_CHECKING") for test in code.conditions(op.block)):
        return "typing"
    if any(block.kind == "main" for block in code.around(op.block)):
        return "call"
    while code.scope.kind == "class" and code.parent is not None:
        code = code.parent
    return "import" if code.scope.kind == "module" else "call"
