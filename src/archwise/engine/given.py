"""What a value is made from of that which callers give a function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.program import Code

_SHARED = frozenset({"app", "state", "settings", "config", "configuration", "conf", "cfg", "environment", "env"})
"""What requests and calls are handed that is the same for all of them, by its usual names."""


def parameter_in(code: Code, index: int) -> str:
    """The first parameter that an operation's value is made from, as far as it may differ with each call.

    Neither the receiver of a method does, nor what is asked of the application or its settings.
    """
    own = {parameter.name for parameter in code.scope.parameters[code.owner is not None :]}
    seen = {index}
    pending = [index]
    while pending:
        here = pending.pop()
        name = ir.identifier(code.scope.ops[here])
        if any(word in _SHARED for word in name.lower().split("_")):
            continue
        if isinstance(code.scope.ops[here], ir.Name) and name in own:
            return name
        fresh = [each for each in _made_from(code, here) if each not in seen]
        seen.update(fresh)
        pending += fresh
    return ""


def _made_from(code: Code, index: int) -> Iterator[int]:
    """The operations whose values an operation's value is made from, within its function."""
    op = code.scope.ops[index]
    if isinstance(op, ir.Name):
        yield from (binding.value for binding in code.scope.bindings.get(op.id, ()))
    elif isinstance(op, ir.Call):
        yield from op.given
        if isinstance(code.scope.ops[op.function], ir.Attribute):
            yield op.function
    elif isinstance(op, ir.Item):
        yield from (op.value, op.key)
    elif isinstance(op, ir.Operation):
        yield from (op.value, op.operand)
    elif isinstance(op, ir.Mapping):
        yield from (*op.keys, *op.values)
    elif isinstance(op, ir.Display):
        yield from op.items
    elif isinstance(op, ir.Formatted):
        yield from op.parts
    elif isinstance(op, ir.Either):
        yield from op.options
    elif isinstance(op, (ir.Attribute, ir.Await, ir.Element, ir.Enter, ir.Unpack)):
        yield op.value
