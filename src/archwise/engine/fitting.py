"""Whether a function of the program takes the arguments of a call: of several, one that does not is not meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.values import FunctionValue, Method, Value

if TYPE_CHECKING:
    from archwise.engine.classes import Classes
    from archwise.engine.program import Code

_PLAIN = frozenset({"staticmethod", "classmethod", "abstractmethod", "override", "final"})
"""Decorators that leave a function's parameters as they are."""


def takes(value: Value, call: ir.Call) -> bool:
    """Whether a value may be what a call calls; only a function that is not decorated says surely that it may not."""
    if not isinstance(value, (FunctionValue, Method)) or call.starred or not _is_as_written(value.code):
        return True
    parameters = value.code.scope.parameters[isinstance(value, Method) :]
    kinds = {parameter.kind for parameter in parameters}
    positional = [parameter for parameter in parameters if parameter.kind == "positional"]
    if "args" not in kinds and len(call.arguments) > len(positional):
        return False
    given = {name for name, _ in call.keywords}
    if "kwargs" not in kinds and not given <= {parameter.name for parameter in parameters}:
        return False
    given |= {parameter.name for parameter in positional[: len(call.arguments)]}
    return all(
        parameter.default or parameter.name in given
        for parameter in parameters
        if parameter.kind in ("positional", "keyword")
    )


def is_awaited_below(classes: Classes, value: Value) -> bool:
    """Whether a plain method is a coroutine function in a derived class: where it is awaited, that one is meant."""
    if not isinstance(value, Method) or value.code.scope.is_async or value.code.owner is None:
        return False
    name = value.code.scope.name
    below = classes.overriding(value.code.owner, name)
    return any(method.scope.is_async for cls in below for method in classes.methods(cls) if method.scope.name == name)


def _is_as_written(code: Code) -> bool:
    ops = code.parent.scope.ops if code.parent is not None else ()
    return all(ir.identifier(ops[index]) in _PLAIN for index in code.scope.decorators)
