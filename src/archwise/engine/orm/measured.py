"""Querysets whose rows are all loaded, only to be counted or to see whether there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.orm.domain import Query

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archwise.engine.orm.evaluator import Evaluator
    from archwise.engine.program import Code


def measured(evaluator: Evaluator, functions: Iterable[Code]) -> Iterator[tuple[Code, int, str]]:
    """The querysets whose rows are all loaded only to be counted, or to see whether there is one.

    Each by its function, the operation that loads them and the method that would do without; querysets that the
    function uses otherwise too are not among them.
    """
    for code in functions:
        chosen = {option for op in code.scope.ops if isinstance(op, ir.Either) for option in op.options}
        for index, op in enumerate(code.scope.ops):
            asked = _measured(code, op)
            if asked is not None and asked[0] not in chosen and _is_only_measured(evaluator, code, asked[0]):
                yield code, index, asked[1]


def _is_only_measured(evaluator: Evaluator, code: Code, index: int) -> bool:
    op = code.scope.ops[index]
    if isinstance(op, ir.Name):
        reads = sum(isinstance(other, ir.Name) and other.id == op.id for other in code.scope.ops)
        if reads != 1 or len(code.scope.bindings.get(op.id, ())) != 1:
            return False
    elif not isinstance(op, ir.Call):
        return False
    found = evaluator.value(evaluator.frame(code), index)
    return bool(found) and all(
        isinstance(each, Query)
        and each.home is None
        and not each.open
        and not each.guessed
        and each.made is not None
        and each.made[0] is code
        and evaluator.models.dialect(each.model) == "django"
        for each in found
    )


def _measured(code: Code, op: ir.AnyOp) -> tuple[int, str] | None:
    """What is counted or tested by an operation, and the queryset's method that does the same."""
    if isinstance(op, ir.Call) and len(op.arguments) == 1:
        function = code.scope.ops[op.function]
        if isinstance(function, ir.Name) and function.id in ("len", "bool"):
            return op.arguments[0], "count" if function.id == "len" else "exists"
    if isinstance(op, ir.Operation) and op.method == "__bool__":
        return op.value, "exists"
    return None
