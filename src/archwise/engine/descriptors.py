"""What a class holds, as it is read through the class or an object of it: bound functions, what properties give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.values import (
    Accessor,
    ClassValue,
    FunctionValue,
    Instance,
    Managed,
    Method,
    Offloaded,
    Partial,
    Value,
    Values,
    class_of,
    union,
)

if TYPE_CHECKING:
    from archwise.engine.classes import Classes
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code


def bind(inference: Inference, value: Value, receiver: Value) -> Values:
    """What a class's value becomes when it is read through ``receiver``."""
    on_class = isinstance(receiver, ClassValue)
    if isinstance(receiver, Instance) and not receiver.exact:
        receiver = _narrowed(inference, value, receiver)
    if isinstance(value, Accessor):
        return _accessed(inference, value, receiver, on_class)
    if isinstance(value, Instance) and _describes(inference.classes, value.code, on_class):
        return inference.calls.result_of_method(value, "__get__")
    if on_class:
        return (value,)
    if isinstance(value, FunctionValue) and value.code.scope.kind != "class":
        return bound(value, receiver)
    if isinstance(value, Managed):
        return tuple(Managed(function) for function in bind(inference, value.function, receiver))
    if isinstance(value, Offloaded):
        function = union(*(bind(inference, inner, receiver) for inner in value.function))
        return (Offloaded(value.passes, function, value.name),)
    return (value,)


def bound(value: Value, receiver: Value) -> Values:
    """A function bound to a receiver, whatever the receiver is."""
    if isinstance(value, FunctionValue):
        return (Method(value.code, receiver, value.environment),)
    if isinstance(value, Managed):
        return tuple(Managed(function) for function in bound(value.function, receiver))
    return (value,)


def _accessed(inference: Inference, value: Accessor, receiver: Value, on_class: bool) -> Values:
    if value.kind == "static":
        return (value.function,)
    if isinstance(value.function, Partial):
        functions = union(*(bound(function, receiver) for function in value.function.function))
        return (Partial(functions, value.function.arguments, value.function.keywords),)
    if value.kind == "class":
        cls = class_of(receiver)
        return bound(value.function, ClassValue(cls) if cls is not None else receiver)
    if on_class:
        return (value,)
    return union(*(inference.calls.plain_result((getter,)) for getter in bound(value.function, receiver)))


def _describes(classes: Classes, cls: Code, on_class: bool) -> bool:
    """Whether an instance kept by a class is read through ``__get__``; ``on_class`` where it is asked of the class,
    which tells something only to those that look at it.
    """
    owner = classes.defining(cls, "__get__")
    if owner is None or not on_class:
        return owner is not None
    method = next((code for code in classes.methods(owner) if code.scope.name == "__get__"), None)
    names = [parameter.name for parameter in method.scope.parameters[2:3]] if method is not None else []
    return method is not None and any(op.id in names for _, op in method.operations(ir.Name))


def _narrowed(inference: Inference, value: Value, receiver: Instance) -> Instance:
    """The receiver of a method: of the class that defines it, or of one derived from that which does not itself."""
    function = value.function if isinstance(value, (Accessor, Managed)) else value
    owner = function.code.owner if isinstance(function, FunctionValue) else None
    if owner is None or not isinstance(function, FunctionValue):
        return receiver
    if owner in inference.classes.order(receiver.code):
        cls = receiver.code
    elif receiver.code in inference.classes.order(owner):
        cls = owner
    else:
        return receiver
    name = function.code.scope.name
    others = inference.classes.overriding(cls, name) if inference.classes.defining(cls, name) is owner else ()
    if cls is receiver.code and receiver.without.issuperset(others):
        return receiver
    return Instance(cls, receiver.environment, without=receiver.without.union(others))
