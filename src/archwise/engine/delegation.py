"""What ``__getattr__`` gives: what another object has by the name, as it is or called, or a callable for any name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.arguments import Arguments
from archwise.engine.descriptors import bound
from archwise.engine.values import (
    NOTHING,
    FunctionValue,
    Instance,
    Literal,
    Method,
    Partial,
    Value,
    Values,
    class_of,
    is_known,
    union,
)

if TYPE_CHECKING:
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

_PLAIN = frozenset({"abc", "builtins", "typing"})
"""Packages whose classes have no names that a program asks its own objects for."""


class Delegation:
    """Finds the object that is asked in an instance's place."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._asking: set[tuple[Code, str]] = set()
        self._intercepting: dict[Code, bool] = {}

    def attribute(self, receiver: Value, name: str) -> Values:
        """What ``receiver.name`` gives, where the receiver's class has nothing of that name itself."""
        cls = class_of(receiver)
        if cls is None or name.startswith("__"):
            return NOTHING
        owner = self._inference.classes.defining(cls, "__getattr__")
        if owner is None or (owner, name) in self._asking:
            return NOTHING
        self._asking.add((owner, name))
        found = union(*(self._inference.attribute(held, name) for held in self._asked(owner, receiver)))
        if not is_known(found) and not self._may_have_others(cls):
            found = self._made(owner, receiver, name)
        self._asking.discard((owner, name))
        return found

    def _may_have_others(self, cls: Code) -> bool:
        """Whether a class derives from another package's, which may have the names that it does not have itself."""
        return any(base.partition(".")[0] not in _PLAIN for base in self._inference.classes.external_bases(cls))

    def _made(self, owner: Code, receiver: Value, name: str) -> Values:
        """The callable that ``__getattr__`` makes for any name: a call of what is far away."""
        asked = Arguments(((Literal("str", name),),))
        found = union(
            *(
                self._inference.calls.result(bound(value, receiver), asked)
                for value in self._inference.names.read(owner, "__getattr__", 0, len(owner.scope.ops))
            )
        )
        return (
            found if all(isinstance(value, (FunctionValue, Instance, Method, Partial)) for value in found) else NOTHING
        )

    def intercepts(self, cls: Code) -> bool:
        """Whether the ``__getattribute__`` of a class gives something else than what its objects have by a name."""
        found = self._intercepting.get(cls)
        if found is None:
            self._intercepting[cls] = False
            found = self._intercepting[cls] = self._finds_otherwise(cls)
        return found

    def _finds_otherwise(self, cls: Code) -> bool:
        owner = self._inference.classes.defining(cls, "__getattribute__")
        values = self._inference.names.read(owner, "__getattribute__", 0, len(owner.scope.ops)) if owner else NOTHING
        return any(isinstance(value, FunctionValue) and not _looks_up_only(value.code) for value in values)

    def _asked(self, owner: Code, receiver: Value) -> Values:
        """The objects that the ``__getattr__`` of a class asks on behalf of one of its instances."""
        found: list[Values] = []
        for value in self._inference.names.read(owner, "__getattr__", 0, len(owner.scope.ops)):
            if isinstance(value, FunctionValue):
                found += [self._inference.values(value.code, index) for index in _delegates(value.code)]
        held = union(*found)
        if isinstance(receiver, Instance) and receiver.environment:
            held = self._inference.substitution.apply(held, receiver.environment)
        return held


def _looks_up_only(code: Code) -> bool:
    """Whether a ``__getattribute__`` returns nothing but what another one gives."""
    given = (_bound_once(code, index) for index in code.scope.results)
    return all(
        isinstance(op, ir.Call) and ir.identifier(code.scope.ops[op.function]) == "__getattribute__" for op in given
    )


def _bound_once(code: Code, index: int) -> ir.AnyOp:
    """An operation, or the one whose value a name has for good."""
    op = code.scope.ops[index]
    bindings = code.scope.bindings.get(op.id, ()) if isinstance(op, ir.Name) else ()
    return code.scope.ops[bindings[0].value] if len(bindings) == 1 else op


def _delegates(code: Code) -> tuple[int, ...]:
    """The objects that a ``__getattr__`` asks for the name it is asked for, where what they give is all that it gives.

    One that wraps what it gets, in a coroutine or a call on another thread, passes nothing on; a plain function that
    calls it does.
    """
    scope = code.scope
    if len(scope.parameters) != 2:
        return ()
    asked = scope.parameters[1].name
    found: list[int] = []
    for index in scope.results:
        op = _bound_once(code, index)
        if isinstance(op, ir.Constant):
            continue
        if isinstance(op, ir.Define):
            op = _called_by(code.module.codes[op.scope], scope)
        if not isinstance(op, ir.Call) or ir.identifier(scope.ops[op.function]) != "getattr":
            return ()
        if [ir.identifier(scope.ops[name]) for name in op.arguments[1:2]] != [asked]:
            return ()
        found.append(op.arguments[0])
    return tuple(found)


def _called_by(wrapper: Code, around: ir.Scope) -> ir.AnyOp:
    """What is bound to the name, of the scope around it, that a plain function calls."""
    scope = wrapper.scope
    if scope.is_async or scope.is_generator or any(name != "wraps" for name in wrapper.decorator_names):
        return ir.Unknown()
    for _, call in wrapper.operations(ir.Call):
        function = scope.ops[call.function]
        bindings = around.bindings.get(function.id, ()) if isinstance(function, ir.Name) else ()
        if len(bindings) == 1 and isinstance(function, ir.Name) and function.id not in scope.bindings:
            op = around.ops[bindings[0].value]
            if isinstance(op, ir.Call) and ir.identifier(around.ops[op.function]) == "getattr":
                return op
    return ir.Unknown()
