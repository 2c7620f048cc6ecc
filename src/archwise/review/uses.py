"""Which packages the application imports, where, and how often it calls what it has from them."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.contexts import is_test_path
from archwise.engine.layers import is_application
from archwise.review.model import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from archwise.engine.analysis import Analysis
    from archwise.engine.program import Module


class Trace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What imports of some modules say: of a factor its value, of a decision the option taken.

    ``name`` is what people call it, where the option goes by another. ``tests`` are looked at, where it is set, instead
    of the application.
    """

    modules: tuple[str, ...]
    factor: str = ""
    value: str = ""
    decision: str = ""
    option: str = ""
    name: str = ""
    tests: bool = False


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    framework: dict[str, str]
    trace: tuple[Trace, ...]


def traces() -> tuple[Trace, ...]:
    """What imports say."""
    return _file().trace


def modules_of(decision: str, option: str) -> list[str]:
    """What a program imports that has taken an option of a decision."""
    return [name for each in traces() if (each.decision, each.option) == (decision, option) for name in each.modules]


def frameworks() -> dict[str, str]:
    """The web framework that an import root is of: as its decision names it, or as people do."""
    return _file().framework


@functools.cache
def _file() -> _File:
    text = resources.files(__package__).joinpath("traces.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _File)


class Uses:
    """The modules of the application (tests, migrations and examples apart) and what they import."""

    def __init__(self, analysis: Analysis, shown: Callable[[str], str]) -> None:
        """``shown`` turns a path of the program into one for people."""
        self._analysis = analysis
        self._shown = shown

    @functools.cached_property
    def application(self) -> tuple[Module, ...]:
        """Its modules, by name."""
        program = self._analysis.program
        modules = (module for _, module in sorted(program.modules.items()))
        return tuple(module for module in modules if is_application(module, program.imported_as(module)))

    @functools.cached_property
    def tests(self) -> tuple[Module, ...]:
        """The test modules, by name."""
        return tuple(m for _, m in sorted(self._analysis.program.modules.items()) if is_test_path(m.path))

    def of(self, names: Iterable[str], *, tests: bool = False) -> list[Place]:
        """Where modules first import something of these names or below them: one place a module."""
        index = self._in_tests if tests else self._in_application
        found: dict[str, Place] = {}
        for name in names:
            for place in (*index.get(name, ()),):
                found.setdefault(place.path, place)
        return sorted(found.values())

    def calls(self, names: Iterable[str]) -> list[Place]:
        """Calls of what modules of the application have imported from these names, as far as it is called by name."""
        wanted = tuple(names)
        importing = {place.path for place in self.of(wanted)}
        return sorted(
            place
            for module in self.application
            if self._shown(module.path) in importing
            for place in self._called(module, wanted)
        )

    def calling(self, module: Module, names: Iterable[str]) -> Iterator[Place]:
        """The calls in a module of whatever goes by one of these names, where they stand."""
        for name in names:
            for code, index in module.calls(name):
                yield self.place(module, getattr(code.scope.ops[index], "line", 1), f"calls {name}")

    def place(self, module: Module, line: int, what: str) -> Place:
        """A place in a module."""
        return Place(self._shown(module.path), line, what)

    @functools.cached_property
    def _in_application(self) -> dict[str, list[Place]]:
        return self._index(self.application)

    @functools.cached_property
    def _in_tests(self) -> dict[str, list[Place]]:
        return self._index(self.tests)

    @functools.cached_property
    def _own(self) -> frozenset[str]:
        """What the program's own modules are imported by."""
        program = self._analysis.program
        return frozenset(program.imported_as(module) for module in program.modules.values())

    def _index(self, modules: Iterable[Module]) -> dict[str, list[Place]]:
        found: dict[str, list[Place]] = {}
        for module in modules:
            seen: set[str] = set()
            for full, line in _imported(module):
                parts = full.split(".")
                for count in range(1, len(parts) + 1):
                    name = ".".join(parts[:count])
                    if name not in seen and name not in self._own:
                        seen.add(name)
                        found.setdefault(name, []).append(self.place(module, line, f"imports {full}"))
        return found

    def _called(self, module: Module, names: tuple[str, ...]) -> Iterator[Place]:
        bound = {
            name
            for name, bindings in module.code.scope.bindings.items()
            for binding in bindings
            if _is_from(module.code.scope.ops[binding.value], names)
        }
        for code in module.codes:
            ops = code.scope.ops
            for op in ops:
                if type(op) is ir.Call:
                    base = ops[op.function]
                    path = ir.identifier(base)
                    while type(base) is ir.Attribute:
                        base = ops[base.value]
                    if type(base) is ir.Name and base.id in bound:
                        yield self.place(module, op.line, f"{code.name} calls {path}")


def _imported(module: Module) -> Iterator[tuple[str, int]]:
    for code in module.codes:
        for op in code.scope.ops:
            if type(op) is ir.Import and not op.level:
                yield (f"{op.module}.{op.name}" if op.name and op.name != "*" else op.module), op.line


def _is_from(op: ir.AnyOp, names: tuple[str, ...]) -> bool:
    if type(op) is not ir.Import or op.level:
        return False
    full = f"{op.module}.{op.name}" if op.name else op.module
    return any(full == name or full.startswith(f"{name}.") or name.startswith(f"{full}.") for name in names)
