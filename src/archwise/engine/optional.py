"""Whether an annotation lets ``None`` through, and whether what a call gives is surely there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.values import ClassValue, External

if TYPE_CHECKING:
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

_BUILTINS = (
    "bool",
    "bytes",
    "bytearray",
    "complex",
    "dict",
    "float",
    "frozenset",
    "int",
    "list",
    "set",
    "str",
    "tuple",
)
_CONCRETE = frozenset(f"builtins.{name}" for name in _BUILTINS)
_GENERIC = frozenset(
    {"Callable", "Dict", "FrozenSet", "Iterable", "List", "Mapping", "Sequence", "Set", "Tuple", "Type"}
)
"""Generic types, by the names they are written with, of which ``None`` is never an instance."""


def refuses_none(inference: Inference, code: Code, index: int) -> bool:
    """Whether an annotation surely leaves ``None`` out: a class, a built-in type, or a union of such."""
    op = code.scope.ops[index]
    if isinstance(op, (ir.Name, ir.Attribute)):
        return _is_concrete(inference, code, index)
    if isinstance(op, ir.Operation) and op.method == "__or__":
        return all(refuses_none(inference, code, side) for side in (op.value, op.operand))
    if not isinstance(op, ir.Item):
        return False
    key = code.scope.ops[op.key]
    parts = key.items if isinstance(key, ir.Display) and key.kind == "tuple" else (op.key,)
    name = ir.identifier(code.scope.ops[op.value])
    if name == "Union":
        return all(refuses_none(inference, code, part) for part in parts)
    if name == "Annotated":
        return bool(parts) and refuses_none(inference, code, parts[0])
    return name in _GENERIC or _is_concrete(inference, code, op.value)


def _is_concrete(inference: Inference, code: Code, index: int) -> bool:
    found = inference.values(code, index)
    return len(found) == 1 and (
        isinstance(found[0], ClassValue) or (isinstance(found[0], External) and found[0].name in _CONCRETE)
    )


def is_picked(code: Code, index: int) -> bool:
    """Whether a value is taken from among several, by its position or one after the other: then there is one."""
    ops = code.scope.ops
    op = ops[index]
    if isinstance(op, ir.Name):
        bindings = code.scope.bindings.get(op.id, ())
        is_given = any(parameter.name == op.id for parameter in code.scope.parameters)
        op = ops[bindings[0].value] if len(bindings) == 1 and bindings[0].value and not is_given else op
    if isinstance(op, ir.Item):
        key = ops[op.key]
        return isinstance(key, ir.Constant) and key.kind == "number"
    return isinstance(op, ir.Element)
