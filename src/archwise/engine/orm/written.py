"""Lists of names that class bodies write out: columns of an admin list, fields of a serializer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.values import ClassValue

_PROPERTIES = ("property", "cached_property")

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.orm.domain import Place
    from archwise.engine.program import Code


def names(inference: Inference, code: Code, index: int) -> list[str] | None:
    """The strings of a list in a class body, also of one made of others; None where one of those is not seen."""
    found = places(inference, code, index)
    return [name for name, _ in found] if found is not None else None


def places(inference: Inference, code: Code, index: int) -> list[tuple[str, Place]] | None:
    """The same, each with where it is written."""
    op = code.scope.ops[index]
    if isinstance(op, ir.Display):
        parts = [_part(inference, code, each) for each in op.items]
        return None if None in parts else [name for part in parts for name in part or ()]
    if isinstance(op, ir.Operation) and op.method == "__add__":
        first, second = places(inference, code, op.value), places(inference, code, op.operand)
        return first + second if first is not None and second is not None else None
    if isinstance(op, ir.Name):
        holder = code if op.id in code.scope.bindings else code.module.code
        bindings = holder.scope.bindings.get(op.id, ())
        return places(inference, holder, bindings[0].value) if len(bindings) == 1 else None
    if isinstance(op, ir.Attribute):
        for cls in _classes(inference, code, op.value):
            if found := cls.scope.bindings.get(op.name):
                return places(inference, cls, found[-1].value)
    return None


def _part(inference: Inference, code: Code, index: int) -> list[tuple[str, Place]] | None:
    """What one item of a list adds: a string itself, all of another list, nothing where it is something else."""
    op = code.scope.ops[index]
    if isinstance(op, ir.Element):
        return places(inference, code, op.value)
    return [(op.text, (code, index))] if isinstance(op, ir.Constant) else []


def property_of(cls: Code, op: ir.AnyOp) -> int:
    """The function in ``name = property(function)``; 0 where an operation of a class body is anything else."""
    is_made = isinstance(op, ir.Call) and ir.identifier(cls.scope.ops[op.function]) in _PROPERTIES
    return op.arguments[0] if is_made and isinstance(op, ir.Call) and op.arguments else 0


def _classes(inference: Inference, code: Code, index: int) -> Iterator[Code]:
    return (value.code for value in inference.values(code, index) if isinstance(value, ClassValue))
