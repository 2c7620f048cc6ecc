"""What classes of the program have from those of other packages that they derive from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.values import (
    NOTHING,
    ClassValue,
    ExternalInstance,
    ExternalMethod,
    FunctionValue,
    Instance,
    Self,
    Value,
    Values,
)

if TYPE_CHECKING:
    from archwise.engine.inference import Inference


def inherited(inference: Inference, base: str, name: str, receiver: Value | None) -> Values:
    """What another package's class gives a name, read through ``receiver`` or through nothing in particular."""
    facts = inference.facts
    text = facts.attribute(base, name)
    if text is None:
        is_method = facts.method(base, name) is not None or facts.boundary(f"{base}.{name}") is not None
        if is_method or facts.registers(base, name):
            return (ExternalMethod(ExternalInstance(base), name, receiver),)
        return NOTHING
    given = _handed_up(inference, receiver, name) if text == "arg0" else ()
    if "[self]" in text and isinstance(receiver, ClassValue):
        receiver = Instance(receiver.code)
    return inference.annotations.text(text, receiver if "self" in text else _instance_of(receiver, base), given)


def _handed_up(inference: Inference, receiver: Value | None, name: str) -> tuple[Values, ...]:
    """What the constructor of a class hands to that of another package's, which keeps it under a name."""
    cls = receiver.cls if isinstance(receiver, Self) else getattr(receiver, "code", None)
    owner = inference.classes.defining(cls, "__init__") if cls is not None else None
    made = inference.names.read(owner, "__init__", 0, len(owner.scope.ops)) if owner is not None else ()
    for code in (value.code for value in made if isinstance(value, FunctionValue)):
        for _, op in code.operations(ir.Call):
            function = code.scope.ops[op.function]
            if isinstance(function, ir.Attribute) and function.name == "__init__":
                given = (*op.arguments[:1], *(value for key, value in op.keywords if key == name))
                return tuple(inference.values(code, index) for index in given)
    return ()


def _instance_of(receiver: Value | None, base: str) -> ExternalInstance:
    """The receiver seen as an instance of another package's class: its first type argument is its own type."""
    if isinstance(receiver, ClassValue):
        return ExternalInstance(base, ((Instance(receiver.code),),))
    if isinstance(receiver, (Instance, Self)):
        return ExternalInstance(base, ((receiver,),))
    return ExternalInstance(base)
