"""Which operations each round of a loop runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.names import chain_of

if TYPE_CHECKING:
    from archwise.engine.program import Code


def is_inside(code: Code, index: int, loop: int) -> bool:
    """Whether an operation runs in each round of the loop that starts at another."""
    op = code.scope.ops[loop]
    if not isinstance(op, ir.Element):
        return True
    body = body_of(code, loop)
    return code.is_within(code.block_of(index), body) if body else False


def ends(code: Code, index: int, loop: int) -> bool:
    """Whether what follows an operation, in a block around it, leaves the loop: the operation runs once at most.

    ``loop`` is 0 where the loop is a caller's.
    """
    own = code.block_of(index)
    if own == 0:
        return False
    body = body_of(code, loop) if loop else 0
    around = {own} | (chain_of(code.scope, own) - chain_of(code.scope, body) if body or not loop else set())
    if any(at >= index and op.block in around for at, op in code.operations(ir.Raise)):
        return True
    return bool(loop) and any(at >= index and op.block in around for at, op in code.operations(ir.Return))


def body_of(code: Code, loop: int) -> int:
    """The block that a loop repeats."""
    derived = {loop}
    for index in range(loop + 1, min(loop + 12, len(code.scope.ops))):
        op = code.scope.ops[index]
        if isinstance(op, (ir.Unpack, ir.Element)) and op.value in derived:
            derived.add(index)
    for bindings in code.scope.bindings.values():
        for binding in bindings:
            if binding.value in derived:
                return binding.block
    return 0
