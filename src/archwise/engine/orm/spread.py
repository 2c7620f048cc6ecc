"""By which names code is reached that does something: judged by names alone, so that nothing is evaluated."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Union

from archwise.engine import ir
from archwise.engine.orm.receivers import Receivers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archwise.engine.program import Code, Program

Key = Union["Code", str]
"""A way to reach code: a function itself, a bare name, ``.name`` on anything, ``@name`` on a row."""


class Spread:
    """Who mentions the functions of a program by which name: calls, and reads of properties."""

    def __init__(self, program: Program, properties: frozenset[str], of_rows: frozenset[Code]) -> None:
        """``properties`` are the names that run code where they are read, ``of_rows`` the functions that rows have."""
        self._program = program
        self._properties = properties
        self._of_rows = of_rows
        self.receivers = Receivers(program)

    @functools.cached_property
    def functions(self) -> frozenset[str]:
        """The names of the program's functions and classes."""
        return frozenset(code.scope.name for code in self._program.codes() if code.scope.kind != "module")

    @functools.cached_property
    def _free(self) -> frozenset[str]:
        """Those that are not methods' names only, which no bare name means."""
        codes = (code for code in self._program.codes() if code.scope.kind != "module")
        return frozenset(code.scope.name for code in codes if code.owner is None)

    @functools.cached_property
    def _methods(self) -> dict[str, dict[str, list[Code]]]:
        """The program's methods, by their names and those of their classes."""
        found: dict[str, dict[str, list[Code]]] = {}
        for code in self._program.codes():
            if code.owner is not None:
                found.setdefault(code.scope.name, {}).setdefault(code.owner.scope.name, []).append(code)
        return found

    def _methods_of(self, classes: frozenset[str], name: str) -> Iterator[Code]:
        """The methods of a name that classes of these names define; a name may have thousands, a family, too."""
        methods = self._methods.get(name, {})
        owners = methods if len(methods) < len(classes) else sorted(classes)
        for owner in owners:
            if owner in classes:
                yield from methods.get(owner, ())

    @functools.cached_property
    def _kept(self) -> frozenset[str]:
        """The names of attributes that objects are given, which may be functions."""
        return frozenset(store.name for code in self._program.codes() for store in code.scope.stores if not store.item)

    def run_by(self, code: Code, op: ir.Call) -> tuple[Key, ...]:
        """How functions of the program are reached that a call may run."""
        function = code.scope.ops[op.function]
        if isinstance(function, ir.Attribute):
            return self._run_on(code, function) if function.name in self.functions else ()
        if not isinstance(function, ir.Name):
            return ()
        if function.id in self.functions:
            return (function.id,) if function.id in self._free else ()
        return tuple(
            key for name in _renamed(code, function.id) if name in self.functions for key in (name, f".{name}")
        )

    def _run_on(self, code: Code, function: ir.Attribute) -> tuple[Key, ...]:
        name = function.name
        classes = self.receivers.classes(code, function.value)
        if classes is None:
            is_free = name in self._free and self.receivers.may_be_module(code, function.value)
            return (f".{name}", name) if is_free else (f".{name}",)
        return tuple(self._methods_of(classes, name)) or ((f".{name}", name) if classes and name in self._kept else ())

    def read_on(self, code: Code, op: ir.Attribute) -> tuple[Key, ...]:
        """How properties of rows are reached that reading an attribute may run."""
        classes = self.receivers.classes(code, op.value)
        if classes is None:
            return (f"@{op.name}",)
        return tuple(each for each in self._methods_of(classes, op.name) if each in self._of_rows)

    def names(self, doing: Iterable[Code]) -> frozenset[Key]:
        """How code is reached that is among ``doing``, or that reaches such code itself."""
        found: set[Key] = set()
        waiting = list(doing)
        seen = set(waiting)
        while waiting:
            for key in self._known_as(waiting.pop()):
                if key not in found:
                    found.add(key)
                    fresh = [code for code in self._mentions.get(key, ()) if code not in seen]
                    seen.update(fresh)
                    waiting.extend(fresh)
        return frozenset(found)

    def _known_as(self, code: Code) -> Iterator[Key]:
        """What leads into a function: itself, its class where it makes the object, what it decorates."""
        yield from self._keys(code)
        if code.scope.name == "__init__" and code.owner is not None:
            yield from self.receivers.heirs(code.owner.scope.name)
        if code.parent is not None and code.parent.scope.kind == "function":
            for decorated in self._decorated.get(code.parent.scope.name, ()):
                yield from self._keys(decorated)

    def _keys(self, code: Code) -> Iterator[Key]:
        name = code.scope.name
        if code.owner is None:
            yield name
            return
        yield code
        yield f".{name}"
        if code in self._of_rows:
            yield f"@{name}"

    @functools.cached_property
    def _decorated(self) -> dict[str, list[Code]]:
        """The functions that a decorator stands before."""
        found: dict[str, list[Code]] = {}
        for code in self._program.codes():
            for name in code.decorator_names if code.scope.kind == "function" else ():
                found.setdefault(name, []).append(code)
        return found

    @functools.cached_property
    def _mentions(self) -> dict[Key, set[Code]]:
        found: dict[Key, set[Code]] = {}
        for module in self._program.modules.values():
            for name in module.summary.called if not module.is_test else ():
                for code, index in module.calls(name):
                    op = code.scope.ops[index]
                    for other in self.run_by(code, op) if isinstance(op, ir.Call) else ():
                        found.setdefault(other, set()).add(code)
            for code in module.codes if self._properties and not module.is_test else ():
                for _, op in code.operations(ir.Attribute):
                    for key in self.read_on(code, op) if op.name in self._properties else ():
                        found.setdefault(key, set()).add(code)
        return found


def _renamed(code: Code, name: str) -> Iterator[str]:
    """The names that a function may have where it is defined, which is called by another."""
    holder: Code | None = code
    while holder is not None:
        for binding in holder.scope.bindings.get(name, ()):
            op = holder.scope.ops[binding.value]
            if isinstance(op, ir.Define):
                yield holder.module.codes[op.scope].scope.name
            elif isinstance(op, ir.Either):
                yield from (ir.identifier(holder.scope.ops[option]) for option in op.options)
            else:
                yield op.name if isinstance(op, ir.Import) else ir.identifier(op)
        holder = holder.parent
