"""The public side of a program: functions that other packages, frameworks or a package's exports hand on."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.layers import is_application
from archwise.engine.values import ClassValue, FunctionValue, ModuleValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from archwise.engine.imports import Imports
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code, Module
    from archwise.engine.root import Root

_INHERITING = frozenset({"object", "Generic", "Protocol", "ABC", "Enum", "Exception", "NamedTuple", "TypedDict"})
"""Bases of other packages whose methods one does not usually override."""
_NEEDLESS = frozenset({"self", "cls", "args", "kwargs"})
"""Parameters that need no type: a checker knows them, or nobody gives one."""
_ASKED = frozenset({"endpoint", "websocket", "task"})


class Use(msgspec.Struct, frozen=True, gc=False):
    """A public function and what makes it so: packages that use or export it, or (``asked``) a framework's request."""

    code: Code
    users: tuple[str, ...]
    asked: bool = False


class Public:
    """Finds what is public."""

    def __init__(self, inference: Inference, imports: Imports, roots: Callable[[], Iterable[Root]]) -> None:
        self._inference = inference
        self._imports = imports
        self._roots = roots

    @functools.cached_property
    def functions(self) -> tuple[Use, ...]:
        """The public functions, and public methods of public classes, in the order of the program."""
        used = self._used
        found: dict[Code, Use] = {}
        for module in self._inference.program.by_name:
            for code in module.codes:
                holder = code.owner or code
                if code.scope.kind == "function" and _is_named_publicly(code) and holder in used:
                    found[code] = Use(code, tuple(sorted(used[holder])))
        for root in self._roots():
            if root.role in _ASKED and is_application(root.code.module):
                found[root.code] = Use(root.code, (root.label,), asked=True)
        return tuple(use for use in found.values() if not self._inherits(use.code) and not _is_overloaded(use.code))

    @functools.cached_property
    def coverage(self) -> tuple[int, int]:
        """How many of the public functions are typed throughout, and how many there are."""
        typed = sum(not untyped(use) for use in self.functions)
        return typed, len(self.functions)

    def is_typed(self, code: Code, share: float) -> bool:
        """Whether so large a share of the public functions is typed throughout, in the program and in its part.

        A program may hold others, which are written in ways of their own.
        """
        parts = (self.coverage, self._coverage_by_part[self._part(code)])
        return all(typed >= share * public for typed, public in parts)

    @functools.cached_property
    def _coverage_by_part(self) -> dict[str, tuple[int, int]]:
        """The same for each package that stands in no other one."""
        found: dict[str, tuple[int, int]] = {}
        for use in self.functions:
            typed, public = found.get(self._part(use.code), (0, 0))
            found[self._part(use.code)] = typed + (not untyped(use)), public + 1
        return found

    def _part(self, code: Code) -> str:
        return self._inference.program.imported_as(code.module).partition(".")[0]

    # -- who uses what

    @functools.cached_property
    def _used(self) -> dict[Code, set[str]]:
        """The functions and classes of the application that code of another folder uses, and which packages do."""
        found: dict[Code, set[str]] = {}
        for module, name, importer in self._names():
            for value in self._inference.names.of_module(module, name):
                if isinstance(value, (FunctionValue, ClassValue)) and self._crosses(value.code.module, importer, name):
                    found.setdefault(value.code, set()).add(self.package(importer) or importer.name)
        return found

    def _names(self) -> Iterator[tuple[Module, str, Module]]:
        """The names that modules take from others, and who takes them."""
        for each in self._imports.all:
            if not is_application(each.importer):
                continue
            if each.name:
                if each.name != "*":
                    yield each.target, each.name, each.importer
            else:
                for name in self._read(each.importer, each.target):
                    yield each.target, name, each.importer

    def _read(self, importer: Module, target: Module) -> set[str]:
        """The attributes of an imported module that the importer reads."""
        found: set[str] = set()
        for code in importer.codes:
            for op in code.scope.ops:
                if type(op) is not ir.Attribute or op.name in found:
                    continue
                if type(code.scope.ops[op.value]) in (ir.Name, ir.Attribute) and any(
                    isinstance(value, ModuleValue) and value.module is target
                    for value in self._inference.values(code, op.value)
                ):
                    found.add(op.name)
        return found

    def _crosses(self, module: Module, importer: Module, name: str) -> bool:
        """Whether something of a module leaves its folder by being imported: used by another, exported by its own."""
        if not is_application(module) or importer is module:
            return False
        exported = importer.is_package and name in (importer.summary.exports or ())
        return exported or self.package(module) != self.package(importer)

    def package(self, module: Module) -> str:
        """The package that a module stands in, by the name it is imported by."""
        name = self._inference.program.imported_as(module)
        return name if module.is_package else name.rpartition(".")[0]

    def _inherits(self, code: Code) -> bool:
        """Whether a method may take its types from one that it overrides."""
        owner = code.owner
        if owner is None:
            return False
        classes = self._inference.classes
        if any(base.rpartition(".")[2] not in _INHERITING for base in classes.external_bases(owner)):
            return True
        return any(
            not isinstance(base, str) and code.scope.name in base.scope.bindings for base in classes.order(owner)[1:]
        )


def untyped(use: Use) -> tuple[str, ...]:
    """The parameters of a public function without a type, and ``return`` where what it gives has none.

    What an endpoint gives is a matter of its response schema.
    """
    scope = use.code.scope
    names = [p.name for p in scope.parameters if not p.annotation and p.name not in _NEEDLESS and p.name[0] != "_"]
    if not scope.returns_annotation and scope.name != "__init__" and not use.asked:
        names.append("return")
    return tuple(names)


def _is_overloaded(code: Code) -> bool:
    """Whether other definitions say what a function takes and gives."""
    return any(
        other.parent is code.parent and other.scope.name == code.scope.name and "overload" in other.decorator_names
        for other in code.module.codes
    )


def _is_named_publicly(code: Code) -> bool:
    """Whether neither the function nor what it stands in is named as private; of the special ones, ``__init__``."""
    name = code.scope.name
    if name.startswith("_") and name != "__init__":
        return False
    parts = code.module.name.split(".")
    owner = code.owner
    if owner is None and code.parent is not code.module.code:
        return False
    if owner is not None and (owner.parent is not code.module.code or owner.scope.name.startswith("_")):
        return False
    return not any(part.startswith("_") for part in parts)
