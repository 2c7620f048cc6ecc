"""What an object has by a name that its class's ``__getattr__`` asks another object for, and gives as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.values import NOTHING, FunctionValue, Instance, Value, Values, class_of, union

if TYPE_CHECKING:
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code


class Delegation:
    """Finds the object that is asked in an instance's place."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._asking: set[tuple[Code, str]] = set()

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
        self._asking.discard((owner, name))
        return found

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


def _delegates(code: Code) -> tuple[int, ...]:
    """The objects that a ``__getattr__`` asks for the name it is asked for, where what they give is all that it gives.

    One that wraps what it gets, in a coroutine or a call on another thread, passes nothing on.
    """
    scope = code.scope
    if len(scope.parameters) != 2:
        return ()
    asked = scope.parameters[1].name
    found: list[int] = []
    for index in scope.results:
        op = scope.ops[index]
        bindings = scope.bindings.get(op.id, ()) if isinstance(op, ir.Name) else ()
        op = scope.ops[bindings[0].value] if len(bindings) == 1 else op
        if isinstance(op, ir.Constant):
            continue
        if not isinstance(op, ir.Call) or ir.identifier(scope.ops[op.function]) != "getattr":
            return ()
        if [ir.identifier(scope.ops[name]) for name in op.arguments[1:2]] != [asked]:
            return ()
        found.append(op.arguments[0])
    return tuple(found)
