"""The program: modules by name, the code in them, and what an import means."""

from __future__ import annotations

import functools
from collections import Counter
from itertools import takewhile
from typing import TYPE_CHECKING, TypeVar, cast

from archwise.engine import ir
from archwise.engine.import_roots import ImportRoots

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from archwise.engine.values import Values

Kind = TypeVar("Kind", bound=ir.Op)
_NARROWING = frozenset({"is", "is-not"}) | ir.FLOWING
_PACKAGE_FILE = "__init__"
_NO_NAMES: frozenset[str] = frozenset()


class Code:
    """A scope of the program: a module's, class's or function's."""

    __slots__ = ("_by_kind", "index", "module", "owner", "parent", "scope", "tested", "values")

    def __init__(self, module: Module, index: int, scope: ir.Scope) -> None:
        self.module = module
        self.index = index
        self.scope = scope
        parent: Code | None = module.codes[scope.parent] if scope.parent >= 0 else None
        self.parent = parent
        is_method = parent is not None and parent.scope.kind == "class" and scope.kind != "class"
        self.owner: Code | None = parent if is_method else None
        """The class this is a method of."""
        self.values: list[Values | None] = [None] * len(scope.ops)
        self.tested = _tested(scope) if len(scope.blocks) > 1 else _NO_NAMES
        """The last identifiers of what its conditions say the type of."""
        self._by_kind: dict[type[ir.Op], list[int]] | None = None

    def __repr__(self) -> str:
        return f"<{self.key}>"

    @property
    def key(self) -> str:
        """The module and the qualified name: what the scope is called wherever in its file it stands."""
        return f"{self.module.name}:{self.scope.qualname}"

    @property
    def name(self) -> str:
        """The name as a person would say it: ``Class.method``."""
        return self.scope.qualname.replace(".<locals>", "") or self.module.program.imported_as(self.module)

    def operations(self, kind: type[Kind]) -> list[tuple[int, Kind]]:
        """The operations of a kind with their indices, in source order: sorted once, for all who ask."""
        if self._by_kind is None:
            self._by_kind = {}
            for index, op in enumerate(self.scope.ops):
                self._by_kind.setdefault(type(op), []).append(index)
        ops = cast("tuple[Kind, ...]", self.scope.ops)
        return [(index, ops[index]) for index in self._by_kind.get(kind, ())]

    @property
    def defined_in(self) -> int:
        """The block of the enclosing scope in which this one is defined."""
        if self.parent is None:
            return 0
        outer = self.parent.scope
        for binding in outer.bindings.get(self.scope.name, ()):
            made = outer.ops[binding.value]
            if isinstance(made, ir.Define) and self.module.codes[made.scope] is self:
                return binding.block
        return 0

    def block_of(self, index: int) -> int:
        """The block an operation stands in."""
        return getattr(self.scope.ops[index], "block", 0)

    def callee(self, index: int) -> int:
        """What an operation calls; itself where it is no call."""
        op = self.scope.ops[index]
        return op.function if isinstance(op, ir.Call) else index

    def callee_name(self, index: int) -> str:
        """The last identifier of what an operation calls, or of itself, as it is written."""
        return ir.identifier(self.scope.ops[self.callee(index)])

    @property
    def decorators(self) -> tuple[tuple[Code, int], ...]:
        """Its decorators, outermost first: operations of the scope around it."""
        parent = self.parent
        return tuple((parent, index) for index in self.scope.decorators) if parent is not None else ()

    @property
    def decorator_names(self) -> tuple[str, ...]:
        """The last identifiers of its decorators as they are written: ``fixture`` of ``@pytest.fixture(…)``."""
        return tuple(code.callee_name(index) for code, index in self.decorators)

    def around(self, block: int) -> Iterator[ir.Block]:
        """A block and those it stands in, the innermost first."""
        while block >= 0:
            found = self.scope.blocks[block]
            yield found
            block = found.parent

    def conditions(self, block: int) -> Iterator[ir.Test]:
        """What is known to hold where a block runs, the innermost condition first."""
        return (test for each in self.around(block) for test in each.tests)

    def hides(self, name: str) -> bool:
        """Whether this function, or one around it, binds a name, so that it is not the module's."""
        here: Code | None = self
        while here is not None and here.parent is not None:
            if name in here.scope.bindings or any(parameter.name == name for parameter in here.scope.parameters):
                return True
            here = here.parent
        return False

    def is_within(self, block: int, outer: int) -> bool:
        """Whether a block is another one, or stands inside it."""
        while block > outer:
            block = self.scope.blocks[block].parent
        return block == outer

    @property
    def inner(self) -> Iterator[Code]:
        """The scopes that stand in this one itself, in source order."""
        return (code for code in self.module.codes if code.parent is self)

    @property
    def whole(self) -> Iterator[Code]:
        """This scope and all that stand inside it, however deep."""
        return (code for code in self.module.codes if code is self or self.encloses(code))

    def encloses(self, other: Code) -> bool:
        """Whether another scope stands inside this one."""
        parent = other.parent
        while parent is not None:
            if parent is self:
                return True
            parent = parent.parent
        return False


class Module:
    """One file of the program."""

    __slots__ = ("codes", "is_package", "is_test", "name", "path", "program", "rebound", "summary")

    def __init__(self, program: Program, name: str, path: str, is_package: bool, summary: ir.Summary) -> None:
        self.program = program
        self.name = name
        self.path = path
        self.is_test = _is_test_path(path)
        self.is_package = is_package
        self.summary = summary
        self.codes: list[Code] = []
        for index, scope in enumerate(summary.scopes):
            self.codes.append(Code(self, index, scope))
        self.rebound = frozenset(name for scope in summary.scopes for name in scope.globals)
        """The names that some function may bind again."""

    def __repr__(self) -> str:
        return f"<module {self.name}>"

    @property
    def code(self) -> Code:
        """The module's own scope."""
        return self.codes[0]

    @property
    def has_main(self) -> bool:
        """Whether it has a block for when it is run itself."""
        return any(block.kind == "main" for block in self.code.scope.blocks)

    def bound_once(self, name: str) -> ir.Binding | None:
        """Where the module binds a name, if that always happens when it is imported whole, and nowhere else."""
        bindings = self.code.scope.bindings.get(name, ())
        if len(bindings) != 1 or name in self.rebound:
            return None
        always = all(block.kind in ("scope", "rest") for block in self.code.around(bindings[0].block))
        return bindings[0] if always else None

    def calls(self, name: str) -> Iterator[tuple[Code, int]]:
        """The calls whose last identifier is a name: the scope that each stands in, and its operation there."""
        called = self.summary.called.get(name, ())
        for scope, index in zip(called[::2], called[1::2], strict=True):
            yield self.codes[scope], index


class Program:
    """All files, named by their place below the root."""

    def __init__(self, summaries: Mapping[str, ir.Summary]) -> None:
        """``summaries`` are keyed by path relative to the root, POSIX."""
        self.modules: dict[str, Module] = {}
        self.packages: set[str] = set()
        self.folders: set[str] = {""}
        for path in sorted(summaries):
            self._add(path, summaries[path])
        self.import_roots = ImportRoots(self)
        self._resolved: dict[tuple[str, str], str | None] = {}
        self._imported_as: dict[Module, str] = {}

    def _add(self, path: str, summary: ir.Summary) -> None:
        parts = path.removesuffix(".py").removesuffix(".pyi").split("/")
        is_package = parts[-1] == _PACKAGE_FILE
        if is_package:
            parts.pop()
        name = ".".join(part.replace(".", "_") for part in parts)
        if is_package:
            self.packages.add(name)
        self.modules[name] = Module(self, name, path, is_package, summary)
        folder = name if is_package else name.rpartition(".")[0]
        while folder and folder not in self.folders:
            self.folders.add(folder)
            folder = folder.rpartition(".")[0]

    @functools.cached_property
    def by_name(self) -> tuple[Module, ...]:
        """All modules, by name."""
        return tuple(self.modules[name] for name in sorted(self.modules))

    def codes(self) -> Iterator[Code]:
        """All scopes, by module name, in source order."""
        return (code for module in self.by_name for code in module.codes)

    @functools.cached_property
    def called(self) -> dict[str, list[tuple[Code, int]]]:
        """All calls by the last identifier of what is called, each list in the order of `codes`."""
        found: dict[str, list[tuple[Code, int]]] = {}
        for module in self.by_name:
            codes = module.codes
            for name, sites in module.summary.called.items():
                places = [(codes[scope], index) for scope, index in zip(sites[::2], sites[1::2], strict=True)]
                if name in found:
                    found[name] += places
                else:
                    found[name] = places
        return found

    def calls(self, *names: str) -> Iterator[tuple[Code, int, ir.Call]]:
        """The calls of what is called by a name, its last identifier: by the names given, each in order of `codes`."""
        for name in names:
            for code, index in self.called.get(name, ()):
                op = code.scope.ops[index]
                if isinstance(op, ir.Call):
                    yield code, index, op

    def speaks_of(self, name: str) -> bool:
        """Whether the program imports a module or what it holds, by its full name, or names it in a string."""
        for code in self.codes():
            for _, op in code.operations(ir.Import):
                if f"{op.module}.{op.name}" == name or f"{op.module}.".startswith(f"{name}."):
                    return True
            if any(op.kind == "str" and op.text.startswith(name) for _, op in code.operations(ir.Constant)):
                return True
        return False

    @functools.cached_property
    def classes(self) -> tuple[Code, ...]:
        """All classes, in the order of `codes`."""
        return tuple(code for code in self.codes() if code.scope.kind == "class")

    def absolute(self, importer: Module, level: int, module: str) -> str | None:
        """The full name below the root of what ``from <level dots>module`` means, or None where it is no part of it."""
        if level == 0:
            return self.resolve(importer, module)
        parts = importer.name.split(".") if importer.name else []
        keep = len(parts) - level + (1 if importer.is_package else 0)
        if keep < 0:
            return None
        return ".".join([*parts[:keep], *([module] if module else [])])

    def resolve(self, importer: Module, dotted: str) -> str | None:
        """The full name of an absolute import, or None where it names no module of the program."""
        folder = importer.name if importer.is_package else importer.name.rpartition(".")[0]
        known = self._resolved.get((folder, dotted), "")
        if known == "":
            known = self._resolved[folder, dotted] = self.import_roots.find(folder, dotted)
        return known

    def folders_of(self, module: Module) -> tuple[str, ...]:
        """The folders that a module lies in, below the one that all modules lie in."""
        return tuple(module.name.split(".")[self._shared_depth : -1])

    @functools.cached_property
    def minor_folders(self) -> frozenset[str]:
        """The uppermost folders that hold less than half of the modules, tests apart."""
        held = Counter("".join(self.folders_of(each)[:1]) for each in self.modules.values() if not each.is_test)
        return frozenset(folder for folder, count in held.items() if 2 * count < held.total())

    @functools.cached_property
    def _shared_depth(self) -> int:
        """How many folders all modules have in common."""
        levels = zip(*(module.name.split(".")[:-1] for module in self.modules.values()), strict=False)
        return sum(1 for _ in takewhile(lambda names: len(set(names)) == 1, levels))

    def exists(self, name: str) -> bool:
        """Whether a module or a folder of modules has this full name."""
        return name in self.modules or name in self.folders

    def is_in_package(self, folder: str) -> bool:
        """Whether a folder or module lies in a package: imports below start further up, and all of it is here."""
        while folder := folder.rpartition(".")[0]:
            if folder in self.packages:
                return True
        return False

    def imported_as(self, module: Module) -> str:
        """The name by which code imports a module: its full name less what stands above its import root."""
        found = self._imported_as.get(module)
        if found is None:
            found = self._imported_as[module] = self._find_imported_as(module)
        return found

    def _find_imported_as(self, module: Module) -> str:
        parts = module.name.split(".")
        for position, part in enumerate(parts):
            prefix = ".".join(parts[: position + 1])
            if prefix in self.packages or (part in self._imported and self.resolve(module, part) == prefix):
                return ".".join(parts[position:])
        below = parts[1:] or parts  # the folder that is checked is no package
        return ".".join(below[1:] if below[0] == "src" and len(below) > 1 else below)

    @functools.cached_property
    def _imported(self) -> frozenset[str]:
        """The first names of all absolute imports."""
        return frozenset(name for module in self.modules.values() for name in module.summary.imports)


def _tested(scope: ir.Scope) -> frozenset[str]:
    tests = [test for block in scope.blocks for test in block.tests]
    lacking = [test.path.rpartition(".")[0] for test in tests if test.kind == "none"]
    narrowed = [test.path.rpartition(".")[2] for test in tests if test.kind in _NARROWING]
    return frozenset((*narrowed, *(path for path in lacking if path and path != "self")))


def _is_test_path(path: str) -> bool:
    """Whether the file of this path is a test module, by the names that pytest and projects give those."""
    parts = path.split("/")
    name = parts[-1]
    return (
        name.startswith("test_")
        or name.endswith("_test.py")
        or name in ("conftest.py", "tests.py")
        or bool({"tests", "test", "testing"} & set(parts[:-1]))
    )
