"""Whose methods the object before a dot has, judged by how it is written: nothing is evaluated."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from archwise.engine import ir

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from archwise.engine.program import Code, Program

NOBODYS: frozenset[str] = frozenset()
_PLAIN = frozenset({"list", "dict", "set", "tuple", "frozenset", "str", "int", "defaultdict", "OrderedDict", "Counter"})
"""What makes something of Python's own."""
_DICTS = frozenset(
    {
        *("GET", "POST", "FILES", "META", "COOKIES", "query_params"),
        *("cleaned_data", "validated_data", "initial_data", "kwargs"),
    }
)
"""Attributes of requests, views, forms and serializers that hold dicts."""


class Receivers:
    """Reads receivers."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._families: dict[str, frozenset[str]] = {}
        self._names: dict[tuple[Code, str], frozenset[str] | None] = {}

    def classes(self, code: Code, index: int) -> frozenset[str] | None:
        """The names of the program's classes whose methods something may have; None where it may have any's."""
        op = code.scope.ops[index]
        match op:
            case ir.Attribute():
                return NOBODYS if op.name in _DICTS else None
            case ir.Call() if ir.identifier(code.scope.ops[op.function]) == "super":
                return self._around(code)
            case ir.Call():
                return self._made_by(code, op)
            case ir.Constant() | ir.Display() | ir.Mapping() | ir.Formatted():
                return NOBODYS
            case ir.Name():
                key = code, op.id
                if key not in self._names:
                    self._names[key] = self._named(code, op.id)
                return self._names[key]
        return None

    def may_be_module(self, code: Code, index: int) -> bool:
        """Whether something is imported, or reached from what is."""
        op = code.scope.ops[index]
        while isinstance(op, ir.Attribute):
            op = code.scope.ops[op.value]
        if not isinstance(op, ir.Name):
            return False
        bindings = _bindings(code, op.id)
        return any(isinstance(each, ir.Import) for _, each in bindings) or not bindings

    def heirs(self, name: str) -> frozenset[str]:
        """The names of a class and of those derived from it."""
        return _closure([name], self._heirs)

    def family(self, name: str) -> frozenset[str]:
        """The names of the classes whose methods an instance of a class, or of one derived from it, may have."""
        found = self._families.get(name)
        if found is None:
            found = self._families[name] = _closure(self.heirs(name), self._bases)
        return found

    def _named(self, code: Code, name: str) -> frozenset[str] | None:
        """The classes of what a name holds: a method's own object, or all that it is bound to."""
        holder: Code | None = code
        while holder is not None:
            if holder is not code.module.code and any(each.name == name for each in holder.scope.parameters):
                return self._of_parameter(holder, name)
            if name in holder.scope.bindings and (holder is code or holder.scope.kind != "class"):
                break
            holder = holder.parent
        return self._bound(code, name)

    def _of_parameter(self, code: Code, name: str) -> frozenset[str] | None:
        if code.owner is None or name in code.scope.bindings or code.scope.parameters[0].name != name:
            return None
        return None if "staticmethod" in code.decorator_names else self.family(code.owner.scope.name)

    def _bound(self, code: Code, name: str) -> frozenset[str] | None:
        found = NOBODYS
        bindings = _bindings(code, name)
        for holder, op in bindings:
            classes = self._of_value(holder, op)
            if classes is None:
                return None
            found |= classes
        return found if bindings else None

    def _of_value(self, code: Code, op: ir.AnyOp) -> frozenset[str] | None:
        """The classes of what a binding binds."""
        match op:
            case ir.Constant() | ir.Display() | ir.Mapping() | ir.Formatted():
                return NOBODYS
            case ir.Call():
                return self._made_by(code, op)
            case ir.Import():
                if self._program.absolute(code.module, op.level, op.module) is None:
                    return NOBODYS
                return self.family(op.name) if op.name in self._bases else None
            case ir.Define():
                scope = code.module.codes[op.scope].scope
                return self.family(scope.name) if scope.kind == "class" else None
        return None

    def _made_by(self, code: Code, op: ir.Call) -> frozenset[str] | None:
        """The classes of what a call makes, where it names one."""
        function = code.scope.ops[op.function]
        if not isinstance(function, ir.Name):
            return None
        if function.id in self._bases:
            return self.family(function.id)
        return NOBODYS if function.id in _PLAIN else None

    def _around(self, code: Code) -> frozenset[str] | None:
        """The classes that ``super()`` may lead to."""
        holder: Code | None = code
        while holder is not None:
            if holder.owner is not None:
                return self.family(holder.owner.scope.name)
            holder = holder.parent
        return None

    @functools.cached_property
    def _bases(self) -> dict[str, set[str]]:
        """The bases of each class, by name."""
        found: dict[str, set[str]] = {}
        for cls in self._program.classes:
            bases = found.setdefault(cls.scope.name, set())
            if cls.parent is not None:
                bases.update(ir.identifier(cls.parent.scope.ops[base]) for base in cls.scope.bases)
        return found

    @functools.cached_property
    def _heirs(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for name, bases in self._bases.items():
            for base in bases:
                found.setdefault(base, set()).add(name)
        return found


def _closure(names: Iterable[str], further: Mapping[str, set[str]]) -> frozenset[str]:
    """Names, and all that they lead to."""
    seen = set(names)
    waiting = list(seen)
    while waiting:
        fresh = further.get(waiting.pop(), set()) - seen
        seen |= fresh
        waiting.extend(fresh)
    return frozenset(seen)


def _bindings(code: Code, name: str) -> list[tuple[Code, ir.AnyOp]]:
    """What binds a name where it is read, each with the scope that does."""
    holder: Code | None = code
    while holder is not None:
        bindings = holder.scope.bindings.get(name, ()) if holder is code or holder.scope.kind != "class" else ()
        if bindings and name not in holder.scope.globals:
            return [(holder, holder.scope.ops[binding.value]) for binding in bindings]
        holder = holder.parent
    return []
