"""By which names a library's classes and functions can be imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.contexts import is_test
from archwise.engine.values import ClassValue, FunctionValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.analysis import Analysis
    from archwise.engine.program import Code, Module, Program

_MOST_NAMES = 6


class Naming:
    """The public classes and functions of a library, by the names that it gives them."""

    def __init__(self, analysis: Analysis, root: str) -> None:
        """``root`` is the name that the library is imported by."""
        self._names: dict[Code, list[str]] = {}
        for module in sorted(analysis.program.modules.values(), key=lambda each: each.name):
            place = analysis.program.imported_as(module)
            if place.partition(".")[0] != root or is_test(module.code):
                continue
            for name, code in _bound(analysis, module):
                if module.is_package or code.module is module:
                    self._names.setdefault(code, []).append(f"{place}.{name}")

    def __iter__(self) -> Iterator[Code]:
        return iter(self._names)

    def of(self, code: Code) -> tuple[str, ...]:
        """Its names, the one that people import first; none where it has no public one."""
        return tuple(sorted(self._names.get(code, ()), key=_rank)[:_MOST_NAMES])


def _rank(name: str) -> tuple[bool, int, int, str]:
    return "._" in name, name.count("."), len(name), name


def _bound(analysis: Analysis, module: Module) -> Iterator[tuple[str, Code]]:
    """What the public names of a module stand for, where that is one class or function of the library."""
    for name in sorted(_names(analysis.program, module)):
        values = () if name.startswith("_") else analysis.inference.names.of_module(module, name)
        if len(values) == 1 and isinstance(values[0], (ClassValue, FunctionValue)):
            yield name, values[0].code


def _names(program: Program, module: Module) -> set[str]:
    """The names that a module binds, itself or by importing all that another one has."""
    found = set(module.code.scope.bindings)
    for star in module.code.scope.stars:
        op = module.code.scope.ops[star]
        full = program.absolute(module, op.level, op.module) if isinstance(op, ir.Import) else None
        source = program.modules.get(full) if full else None
        if source is not None:
            found |= set(source.code.scope.bindings)
    return found
