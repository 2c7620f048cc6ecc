"""By which names code is reached that does something: judged by names alone, so that nothing is evaluated."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from archwise.engine import ir

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archwise.engine.program import Code, Program


class Spread:
    """Who mentions the functions of a program by which name: calls, and reads of properties."""

    def __init__(self, program: Program, properties: frozenset[str]) -> None:
        """``properties`` are the names that run code where they are read."""
        self._program = program
        self._properties = properties

    @functools.cached_property
    def functions(self) -> frozenset[str]:
        """The names of the program's functions and classes."""
        return frozenset(code.scope.name for code in self._program.codes() if code.scope.kind != "module")

    @functools.cached_property
    def _methods(self) -> frozenset[str]:
        """Those that are methods' names only, which no bare name means."""
        free = {code.scope.name for code in self._program.codes() if code.owner is None}
        return self.functions - free

    def run_by(self, code: Code, op: ir.Call) -> tuple[str, ...]:
        """The names of the functions of the program that a call may run."""
        function = code.scope.ops[op.function]
        if isinstance(function, ir.Attribute):
            return (function.name,) if function.name in self.functions else ()
        if not isinstance(function, ir.Name):
            return ()
        if function.id in self.functions:
            return () if function.id in self._methods else (function.id,)
        return tuple(name for name in _renamed(code, function.id) if name in self.functions)

    def names(self, doing: Iterable[Code]) -> frozenset[str]:
        """The names by which code is reached that is among ``doing``, or that reaches such code itself."""
        found: set[str] = set()
        waiting = list(doing)
        seen = set(waiting)
        while waiting:
            for name in self._known_as(waiting.pop()):
                if name not in found:
                    found.add(name)
                    fresh = [code for code in self._mentions.get(name, ()) if code not in seen]
                    seen.update(fresh)
                    waiting.extend(fresh)
        return frozenset(found)

    def _known_as(self, code: Code) -> Iterator[str]:
        """The names that lead into a function: its own, its class's where it makes the object, what it decorates."""
        yield code.scope.name
        if code.scope.name == "__init__" and code.owner is not None:
            yield from self._family(code.owner.scope.name)
        if code.parent is not None and code.parent.scope.kind == "function":
            yield from self._decorated.get(code.parent.scope.name, ())

    def _family(self, name: str) -> Iterator[str]:
        """A class and those derived from it."""
        seen = {name}
        waiting = [name]
        while waiting:
            yield (last := waiting.pop())
            fresh = self._heirs.get(last, set()) - seen
            seen |= fresh
            waiting.extend(fresh)

    @functools.cached_property
    def _heirs(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for cls in self._program.classes:
            for base in cls.scope.bases:
                if cls.parent is not None:
                    found.setdefault(ir.identifier(cls.parent.scope.ops[base]), set()).add(cls.scope.name)
        return found

    @functools.cached_property
    def _decorated(self) -> dict[str, set[str]]:
        """The functions that a decorator stands before."""
        found: dict[str, set[str]] = {}
        for code in self._program.codes():
            for name in decorators(code):
                found.setdefault(name, set()).add(code.scope.name)
        return found

    @functools.cached_property
    def _mentions(self) -> dict[str, set[Code]]:
        found: dict[str, set[Code]] = {}
        for module in self._program.modules.values():
            for name in module.summary.called if not module.is_test else ():
                for code, index in module.calls(name):
                    op = code.scope.ops[index]
                    for other in self.run_by(code, op) if isinstance(op, ir.Call) else ():
                        found.setdefault(other, set()).add(code)
            for code in module.codes if self._properties and not module.is_test else ():
                for _, op in code.operations(ir.Attribute):
                    if op.name in self._properties:
                        found.setdefault(op.name, set()).add(code)
        return found


def decorators(code: Code) -> Iterator[str]:
    """The names of what stands before a function's definition."""
    parent = code.parent
    if parent is None or code.scope.kind != "function":
        return
    for index in code.scope.decorators:
        op = parent.scope.ops[index]
        yield ir.identifier(parent.scope.ops[op.function] if isinstance(op, ir.Call) else op)


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
