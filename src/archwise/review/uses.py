"""Which packages the application imports, where, and how often it calls what it has from them."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.layers import is_application, is_script
from archwise.report.style import plural
from archwise.review.model import Place, Seen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from archwise.engine.analysis import Analysis
    from archwise.engine.program import Code, Module


IN_PROCESS = ("fastapi.BackgroundTasks", "starlette.background", "fastapi.background")
"""What runs work after the response, in the same process."""
SERVED = frozenset({"endpoint", "websocket"})
"""The roles of what answers requests."""
MANAGED = "/management/commands/"
"""Where Django finds what somebody runs by hand."""
_ADAPTED = frozenset({"data-layer", "database-driver"})
"""Decisions that a package may leave to who installs it, and offer adapters for."""
_OFFERED = 0.4
"""Share of the modules up to which what nothing else imports is an adapter, and no program whose start is not seen."""
_BESIDE = 0.2
"""Share of the modules up to which a script that imports them, one through another, is none of the program's."""
_EXAMPLES = frozenset({"examples", "example", "demo", "demos"})
_MOST = 40
_Imported = tuple[str, Place]
"""What is imported, by its full name, and where."""


class Trace(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What imports of some modules say: of a factor its value, of a decision the option taken.

    ``besides`` are names below ``modules`` that say nothing, such as exceptions. ``name`` is what people call it, where
    the option goes by another. ``tests`` are looked at, where it is set, instead of the application. ``plain`` counts
    only where nothing else speaks for its decision, and only if no less than that share of the modules imports it.
    With ``importers`` the modules that import one that does count for that share too. Where ``calls`` names a function,
    only modules that call it count: to others the import serves something else.
    """

    modules: tuple[str, ...]
    besides: tuple[str, ...] = ()
    factor: str = ""
    value: str = ""
    decision: str = ""
    option: str = ""
    name: str = ""
    tests: bool = False
    plain: float | None = None
    importers: bool = False
    calls: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    framework: dict[str, str]
    trace: tuple[Trace, ...]


def traces() -> tuple[Trace, ...]:
    """What imports say."""
    return _file().trace


def modules_of(decision: str, option: str) -> list[str]:
    """What a program imports that has taken an option of a decision."""
    return [name for each in traces() if (each.decision, each.option) == (decision, option) for name in each.modules]


def factor_modules(factor: str, value: str) -> tuple[str, ...]:
    """What a program imports of which a factor has a value."""
    return next(trace.modules for trace in traces() if (trace.factor, trace.value) == (factor, value))


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
        self.shown = shown

    @functools.cached_property
    def application(self) -> tuple[Module, ...]:
        """Its modules, by name."""
        modules = self._analysis.program.by_name
        found = tuple(module for module in modules if is_application(module))
        scripts = tuple(module for module in modules if is_script(module))
        # Where most of what there is are scripts, they are the program, whatever their folder or files are called;
        # beside what serves requests they are there to be run now and then.
        served = any(root.role in SERVED and root.code.module in found for root in self._analysis.roots)
        are_program = len(scripts) > len(found) and not served
        return tuple(m for m in modules if m in {*found, *scripts}) if are_program else found

    @functools.cached_property
    def examples(self) -> tuple[Module, ...]:
        """The modules of programs that show how this one is used; what a package of it holds is a part of it."""
        program = self._analysis.program
        own = {program.imported_as(module).partition(".")[0] for module in self.application if module.is_package}
        return tuple(
            module
            for module in program.by_name
            if not module.is_test and not _EXAMPLES.isdisjoint(program.folders_of(module))
            if program.imported_as(module).partition(".")[0] not in own
        )

    @functools.cached_property
    def tests(self) -> tuple[Module, ...]:
        """The test modules, by name."""
        return tuple(m for m in self._analysis.program.by_name if m.is_test)

    def of(self, names: Iterable[str], *, besides: tuple[str, ...] = (), tests: bool = False) -> list[Place]:
        """Where modules first import something of these names or below them, others left out: one place a module."""
        index = self._in_tests if tests else self._in_application
        found: dict[str, Place] = {}
        for name in names:
            for full, place in index.get(name, ()):
                if not any(full == other or full.startswith(f"{other}.") for other in besides):
                    found.setdefault(place.path, place)
        return sorted(found.values())

    def factor(self, factor: str) -> Seen | None:
        """The value of a factor that most modules speak for by what they import."""
        return self._ranked([(trace.value, trace) for trace in traces() if trace.factor == factor])

    def option(self, decision: str) -> Seen | None:
        """The option of a decision that most modules speak for by what they import."""
        wanted = [trace for trace in traces() if trace.decision == decision and not trace.tests]
        if decision in _ADAPTED or not self._serves:
            wanted = [trace for trace in wanted if not self._is_extra(trace)]
        found = self._ranked([(trace.option, trace) for trace in wanted if trace.plain is None])
        return found or self._ranked([(trace.option, trace) for trace in wanted if self._is_shared(trace)])

    def _is_extra(self, trace: Trace) -> bool:
        """Whether only modules show it that the program itself never runs: an adapter that it offers to others."""
        places = self.traced(trace)
        return bool(places) and all(place.path in self._offered for place in places)

    @functools.cached_property
    def _offered(self) -> frozenset[str]:
        """The modules within packages that nothing imports and no framework or command starts.

        Of what serves nobody also those that only such modules import, as long as most are none of them.
        """
        started = {root.code.module for root in self._analysis.roots}
        within = {
            module
            for module in self.application
            if "." in self._analysis.program.imported_as(module) and module not in started and not module.has_main
        }
        found = {module for module in within if not module.is_package and not self._analysis.imports.to(module)}
        if not self._serves:
            apart = self._apart(within)
            found |= apart if len(apart) <= _OFFERED * len(self.application) else set()
        return frozenset(self.shown(module.path) for module in found)

    @functools.cached_property
    def _serves(self) -> bool:
        return any(root.role in SERVED for root in self._analysis.roots)

    def _apart(self, modules: set[Module]) -> set[Module]:
        """Those of some modules that none of the others imports, nor brings with it as the package around it."""
        own, found = set(self.application), modules
        name = self._analysis.program.imported_as
        importers = {module: {each.importer for each in self._analysis.imports.to(module)} for module in modules}
        while True:
            others = own - found
            around = {".".join(parts[:n]) for m in others for parts in (name(m).split("."),) for n in range(len(parts))}
            left = {module for module in found if not importers[module] & others and name(module) not in around}
            if left == found:
                return found
            found = left

    def reached(self, modules: Iterable[Module], *, called: bool) -> frozenset[Module]:
        """Modules and what they import, one through another; with ``called`` also what functions import as they run."""
        found, ahead = set(modules), list(modules)
        while ahead:
            each_of = self._analysis.imports.of(ahead.pop())
            targets = {each.target for each in each_of if each.when == "import" or (called and each.when == "call")}
            ahead.extend(targets - found)
            found |= targets
        return frozenset(found)

    @functools.cached_property
    def alone(self) -> frozenset[str]:
        """The modules that nothing imports or starts, and that lead to little of the program: scripts beside it."""
        started = {root.code.module for root in self._analysis.roots}
        ends = (
            module
            for module in self.application
            if not (module.is_package or module in started or self._analysis.imports.to(module))
            if not module.path.endswith("/__main__.py")
        )
        part = _BESIDE * len(self.application)
        return frozenset(self.shown(m.path) for m in ends if len(self.reached([m], called=True)) <= part)

    def _is_shared(self, trace: Trace) -> bool:
        if trace.plain is None:
            return False
        paths = {place.path for place in self.traced(trace)}
        if trace.importers:
            using = [module for module in self.application if self.shown(module.path) in paths]
            paths |= {self.shown(each.importer.path) for module in using for each in self._analysis.imports.to(module)}
        return bool(paths) and len(paths) >= trace.plain * len(self.application)

    def corner(self, decision: str) -> Seen | None:
        """The option of a decision that too few modules speak for to be how the program does it."""
        wanted = [t for t in traces() if t.decision == decision and t.plain and not self._is_extra(t)]
        return self._ranked([(trace.option, trace) for trace in wanted if not self._is_shared(trace)])

    def _ranked(self, wanted: list[tuple[str, Trace]]) -> Seen | None:
        """The value that most modules speak for; among equals the one listed first."""
        found = [(value, self.traced(trace)) for value, trace in wanted]
        found = [(value, places) for value, places in found if places]
        if not found:
            return None
        value, places = max(found, key=lambda item: len(item[1]))
        names = {option: trace.name for option, trace in reversed(wanted)}
        others = ", ".join(f"{names[other] or other} in {len(rest)}" for other, rest in found if other != value)
        why = f"imported in {plural(len(places), 'module')}" + (f"; {others}" if others else "")
        return Seen(value, why, tuple(places[:_MOST]), names[value])

    def traced(self, trace: Trace) -> list[Place]:
        """The modules that a trace counts."""
        found = self.of(trace.modules, besides=trace.besides, tests=trace.tests)
        return [place for place in found if place.path in self._calling(trace.calls)] if trace.calls else found

    def _calling(self, name: str) -> frozenset[str]:
        return frozenset(self.shown(module.path) for module in self.application if any(module.calls(name)))

    def calls(self, names: Iterable[str]) -> list[Place]:
        """Calls of what modules of the application have imported from these names, as far as it is called by name."""
        wanted = tuple(names)
        importing = {place.path for place in self.of(wanted)}
        return sorted(
            place
            for module in self.application
            if self.shown(module.path) in importing
            for place in self._called(module, wanted)
        )

    def calling(self, module: Module, names: Iterable[str]) -> Iterator[Place]:
        """The calls in a module of whatever goes by one of these names, where they stand."""
        for name in names:
            for code, index in module.calls(name):
                yield self.place(module, getattr(code.scope.ops[index], "line", 1), f"calls {name}")

    def making(self, names: Mapping[str, Iterable[str]]) -> list[Place]:
        """Where modules first call something of these names, of packages that they import: one place a module."""
        found: dict[str, Place] = {}
        for module in self.application:
            called = [name for root, each in names.items() if root in module.summary.imports for name in each]
            for place in self.calling(module, called):
                found.setdefault(place.path, place)
        return sorted(found.values())

    def bases(self, code: Code) -> tuple[str, ...]:
        """The classes of others that a class derives from."""
        return tuple(self._analysis.inference.classes.external_bases(code))

    def place(self, module: Module, line: int, what: str) -> Place:
        """A place in a module."""
        return Place(self.shown(module.path), line, what)

    @functools.cached_property
    def _in_application(self) -> dict[str, list[_Imported]]:
        return self._index(self.application)

    @functools.cached_property
    def _in_tests(self) -> dict[str, list[_Imported]]:
        return self._index(self.tests)

    @functools.cached_property
    def own(self) -> frozenset[str]:
        """What the program's own modules are imported by."""
        program = self._analysis.program
        return frozenset(program.imported_as(module) for module in program.modules.values())

    def _index(self, modules: Iterable[Module]) -> dict[str, list[_Imported]]:
        """What is imported, each time with its place, by its own name and by those that it lies below."""
        found: dict[str, list[_Imported]] = {}
        for module in modules:
            seen: set[str] = set()
            for full, line in imported_by(module):
                if full in seen:
                    continue
                seen.add(full)
                place = self.place(module, line, f"imports {full}")
                parts = full.split(".")
                names = [".".join(parts[:count]) for count in range(1, len(parts) + 1)]
                if self.own.isdisjoint(names[1:]):
                    for name in names:
                        if name not in self.own:
                            found.setdefault(name, []).append((full, place))
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


def imported_by(module: Module) -> Iterator[tuple[str, int]]:
    """What a module imports by its full name, each time with the line."""
    for code in module.codes:
        for op in code.scope.ops:
            if type(op) is ir.Import and not op.level:
                yield (f"{op.module}.{op.name}" if op.name and op.name != "*" else op.module), op.line


def _is_from(op: ir.AnyOp, names: tuple[str, ...]) -> bool:
    if type(op) is not ir.Import or op.level:
        return False
    full = f"{op.module}.{op.name}" if op.name else op.module
    return any(full == name or full.startswith(f"{name}.") or name.startswith(f"{full}.") for name in names)
