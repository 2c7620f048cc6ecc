"""What a definition becomes under its decorators."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.arguments import Arguments
from archwise.engine.values import (
    UNKNOWN_VALUES,
    Accessor,
    ClassValue,
    External,
    ExternalInstance,
    ExternalMethod,
    FunctionValue,
    Instance,
    Managed,
    Method,
    Offloaded,
    Partial,
    Value,
    Values,
    union,
)

if TYPE_CHECKING:
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

_PROPERTIES = frozenset(
    {
        "property",
        "cached_property",
        "abstractproperty",
        "hybrid_property",
        "computed_field",
        "reify",
        "under_cached_property",
    }
)
_KEPT_PROPERTIES = frozenset({"cached_property", "reify", "under_cached_property"})
_CACHES = frozenset({"cache", "lru_cache", "alru_cache"})
_MANAGERS = frozenset({"contextmanager", "asynccontextmanager"})
_DISPATCHES = frozenset({"singledispatch", "singledispatchmethod"})
_ACCESSORS = frozenset({"setter", "getter", "deleter"})
_KEPT = (FunctionValue, Method, Offloaded, Instance, Partial, Managed, Accessor)


class Decorators:
    """Applies decorators."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._kinds: dict[Code, frozenset[str]] = {}

    def kinds(self, code: Code) -> frozenset[str]:
        """What its decorators make of a function: ``static``, ``class``, ``property``, ``kept``, …"""
        found = self._kinds.get(code)
        if found is None:
            found = self._kinds[code] = frozenset(self._find_kinds(code))
        return found

    def _find_kinds(self, code: Code) -> list[str]:
        written = code.decorator_names
        found = [_KINDS[name] for name in written if name in _KINDS]
        if not _KEPT_PROPERTIES.isdisjoint(written):
            found.append("kept")
        if any(self._is_opaque(*decorator) for decorator in code.decorators):
            found.append("opaque")
        return found

    def _is_opaque(self, code: Code, index: int) -> bool:
        """Whether nothing is known of a decorator, so that it may make anything of a function."""
        if code.callee_name(index) in _TRANSPARENT:
            return False
        values = self._inference.values(code, code.callee(index))
        return not any(self._is_understood(value) for value in values)

    def _is_understood(self, value: Value) -> bool:
        if isinstance(value, (FunctionValue, Method, ClassValue, Instance)):
            return True
        facts = self._inference.facts
        if isinstance(value, External):
            return facts.knows(value.name) or value.name.partition(".")[0] in _STANDARD
        return isinstance(value, ExternalMethod) and facts.knows(f"{value.receiver.name}.{value.name}")

    def defined(self, code: Code, target: Code) -> Values:
        """The value a ``def``, ``class`` or ``lambda`` of ``code`` gives its name."""
        if target.scope.kind == "class":
            return (ClassValue(target),)
        own: Values = (FunctionValue(target),)
        values = own
        for index in reversed(target.scope.decorators):
            values = self._decorated(code, index, values, target)
            if values != own and self._is_opaque(code, index):
                values = union(values, UNKNOWN_VALUES)
        return values

    def sends_away(self, target: Code, above: int) -> bool:
        """Whether a decorator below another one has a function run elsewhere than where it is called."""
        values: Values = (FunctionValue(target),)
        for code, index in reversed(target.decorators):
            if index == above:
                break
            values = self._decorated(code, index, values, target)
        return any(
            isinstance(value, Offloaded) or (isinstance(value, FunctionValue) and value.code.scope.is_async)
            for value in values
        )

    def _decorated(self, code: Code, index: int, values: Values, target: Code) -> Values:
        written = code.callee_name(index)
        value = values[0]
        if written in _ACCESSORS:
            op = code.scope.ops[index]
            if isinstance(op, ir.Attribute):
                earlier = self._inference.values(code, op.value)
                known = [v for v in earlier if isinstance(v, Accessor)]
                if written == "setter":
                    known = [Accessor(v.kind, v.function, value) for v in known]
                return tuple(known) or values
        if written == "staticmethod":
            return (Accessor("static", value),)
        if written == "classmethod":
            return (Accessor("class", value),)
        if written in _PROPERTIES:
            return values if isinstance(value, Accessor) else (Accessor("property", value),)
        if written in _MANAGERS:
            return (Managed(value),)
        if written in _CACHES or written == "overload":
            return values
        if written in _DISPATCHES:
            return (*values, *self._registered(code, target))
        if made := self._made(code, index):
            return (ExternalInstance(made),)
        found = self._applied(code, index, values)
        kept = tuple(v for v in found if isinstance(v, _KEPT) and not _is_plain_instance(self._inference, v))
        return kept or values

    def _registered(self, code: Code, target: Code) -> Values:
        """The functions that are registered with a generic one where it is defined: ``@name.register``."""
        ops, registering = code.scope.ops, f"{target.scope.name}.register"
        return tuple(
            FunctionValue(other)
            for other in code.inner
            if any(ir.path(ops, code.callee(index)) == registering for index in other.scope.decorators)
        )

    def _made(self, code: Code, index: int) -> str:
        """The class of the object that a framework's decorator puts in the function's place, if it does that."""
        facts = self._inference.facts
        for value in self._inference.values(code, code.callee(index)):
            if isinstance(value, ExternalMethod):
                return facts.made(value.receiver.name, value.name)
            if isinstance(value, External):
                owner, _, last = facts.canonical(value.name).rpartition(".")
                return facts.made(owner, last)
        return ""

    def _applied(self, code: Code, index: int, values: Values) -> Values:
        op = code.scope.ops[index]
        if isinstance(op, ir.Call):
            for factory in self._inference.values(code, op.function):
                offloaded = self._offloaded(factory, values)
                if offloaded is not None:
                    return (offloaded,)
        found: list[Value] = []
        for decorator in self._inference.values(code, index):
            offloaded = self._offloaded(decorator, values)
            if offloaded is not None:
                return (offloaded,)
            if not isinstance(decorator, (External, ExternalInstance, ExternalMethod)) or decorator in _MANAGING:
                found.extend(self._inference.calls.result((decorator,), Arguments((values,))))
        return tuple(found)

    def _offloaded(self, decorator: Value, values: Values) -> Offloaded | None:
        """The function run elsewhere, where a known decorator of another package does that."""
        name = ""
        if isinstance(decorator, External):
            name = decorator.name
        elif isinstance(decorator, ExternalMethod):
            name = f"{decorator.receiver.name}.{decorator.name}"
        boundary = self._inference.facts.boundary(name) if name else None
        if boundary is not None and boundary.callable == 0 and boundary.passes in ("thread", "process", "new-loop"):
            return Offloaded(boundary.passes, values, name)
        return None


_MANAGING = (External("contextlib.contextmanager"), External("contextlib.asynccontextmanager"))
_STANDARD = sys.stdlib_module_names | {"builtins"}
_TRANSPARENT = frozenset(
    {
        "staticmethod",
        "classmethod",
        "abstractmethod",
        "override",
        "overload",
        "final",
        "wraps",
        *_ACCESSORS,
        *_CACHES,
        *_DISPATCHES,
        *_MANAGERS,
        *_PROPERTIES,
    }
)
"""Decorators whose names say what they make."""
_KINDS = {
    "staticmethod": "static",
    "classmethod": "class",
    "abstractmethod": "abstract",
    "abstractproperty": "abstract",
    **dict.fromkeys(_PROPERTIES, "property"),
    **dict.fromkeys(_CACHES, "cache"),
    **dict.fromkeys(_MANAGERS, "manager"),
}


def _is_plain_instance(inference: Inference, value: Value) -> bool:
    """Whether a decorator gave an object that cannot be called or read through: it stands for something else."""
    defining = inference.classes.defining
    return isinstance(value, Instance) and not any(defining(value.code, name) for name in ("__call__", "__get__"))
