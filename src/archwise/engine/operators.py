"""What operators give: ``folder / name``, ``prompt | model``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.arguments import Arguments
from archwise.engine.steps import extended
from archwise.engine.values import (
    UNKNOWN,
    UNKNOWN_VALUES,
    ExternalInstance,
    FunctionValue,
    Instance,
    ItemsOf,
    Literal,
    MappingOf,
    Self,
    Symbolic,
    Unknown,
    Values,
    union,
)

if TYPE_CHECKING:
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

_VALUELESS = ir.COMPARISONS | {"__bool__", "__format__", "__contains__", "__setitem__", "__delitem__"}


def operated(inference: Inference, code: Code, op: ir.Operation, index: int) -> Values:
    """What the method behind an operator gives, or what the operator surely makes of plain values."""
    if op.method in _VALUELESS or op.method.endswith("="):
        return UNKNOWN_VALUES
    groups = []
    for value in inference.values(code, op.value):
        if isinstance(value, (Instance, Self, ExternalInstance)):
            given = Arguments((inference.values(code, op.operand),))
            groups.append(inference.calls.result(inference.attribute(value, op.method), given))
        elif isinstance(value, (ItemsOf, Literal)):
            groups.append((value,))
        elif op.method == "__or__" and isinstance(value, (MappingOf, FunctionValue)):
            groups.append(_reflected(inference, code, op))
        elif isinstance(value, Symbolic) and op.method == "__truediv__":
            groups.append(_joined(inference, value))
        elif isinstance(value, Unknown) and op.method == "__truediv__" and _is_text(inference.values(code, op.operand)):
            groups.append((ExternalInstance("pathlib.Path"), UNKNOWN))
    return union(*groups)


def _reflected(inference: Inference, code: Code, op: ir.Operation) -> Values:
    """What ``{…} | prompt`` gives: what the right side makes of a dict or a function on its left."""
    right = (value for value in inference.values(code, op.operand) if isinstance(value, ExternalInstance))
    return union(*(inference.calls.result(inference.attribute(value, "__ror__"), Arguments()) for value in right))


def _joined(inference: Inference, value: Symbolic) -> Values:
    """What ``path / name`` gives where a parameter is the path; other operators mostly make numbers and texts."""
    method = extended(value, ".__truediv__")[0]
    return extended(method, "()") if isinstance(method, Symbolic) else UNKNOWN_VALUES


def _is_text(values: Values) -> bool:
    """Whether a value is a text written out: what is divided by one is a path."""
    return all(isinstance(value, Literal) and value.kind == "str" for value in values)
