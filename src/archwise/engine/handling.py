"""What handlers of exceptions do: whether they catch everything, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.values import External, TupleOf, Values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

_ALL = frozenset({"builtins.Exception", "builtins.BaseException"})


def catches_all(inference: Inference, code: Code, handler: ir.Handler) -> bool:
    """Whether an ``except`` clause catches exceptions of any kind."""
    return not handler.type or _is_all(inference.values(code, handler.type))


def _is_all(values: Values) -> bool:
    for value in values:
        if isinstance(value, TupleOf) and any(_is_all(item) for item in value.items):
            return True
        if isinstance(value, External) and value.name in _ALL:
            return True
    return False


def names_caught(code: Code, index: int) -> Iterator[str]:
    """The last identifiers of what ``except`` clauses around an operation catch, as they are written."""
    block = code.block_of(index)
    for handler in code.scope.handlers:
        if handler.type and code.is_within(block, handler.guarded):
            yield from names_of(code, handler.type)


def names_handled(code: Code, index: int) -> Iterator[str]:
    """The last identifiers of what the ``except`` clauses that an operation stands in catch, as they are written."""
    block = code.block_of(index)
    for handler in code.scope.handlers:
        if handler.type and code.is_within(block, handler.block):
            yield from names_of(code, handler.type)


def names_of(code: Code, index: int) -> set[str]:
    """The last identifiers of the exceptions an operation names."""
    op = code.scope.ops[index]
    parts = op.items if isinstance(op, ir.Display) else (index,)
    return {ir.identifier(code.scope.ops[part]) for part in parts}


def tried(code: Code, handler: ir.Handler) -> Iterator[tuple[int, ir.AnyOp]]:
    """The operations that an ``except`` clause guards."""
    yield from _within(code, handler.guarded)


def handled(code: Code, handler: ir.Handler) -> Iterator[tuple[int, ir.AnyOp]]:
    """The operations of an ``except`` clause."""
    yield from _within(code, handler.block)


def _within(code: Code, block: int) -> Iterator[tuple[int, ir.AnyOp]]:
    inside = {number for number in range(len(code.scope.blocks)) if code.is_within(number, block)}
    for index, op in enumerate(code.scope.ops):
        if getattr(op, "block", -1) in inside:
            yield index, op
