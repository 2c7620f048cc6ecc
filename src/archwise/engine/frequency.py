"""How often and when an operation or a function runs: under a condition, a first time only."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

_CONDITIONAL = frozenset({"if", "case", "except", "rest"})


def is_guarded(code: Code, index: int) -> bool:
    """Whether an operation stands under a condition."""
    blocks = code.scope.blocks
    block: int = getattr(code.scope.ops[index], "block", 0)
    while block > 0:
        if blocks[block].kind in _CONDITIONAL:
            return True
        block = blocks[block].parent
    return False


def is_once(code: Code, index: int) -> bool:
    """Whether an operation runs a first time only."""
    blocks = code.scope.blocks
    block: int = getattr(code.scope.ops[index], "block", 0)
    while block >= 0:
        if blocks[block].once:
            return True
        block = blocks[block].parent
    return False


def is_cached(inference: Inference, code: Code) -> bool:
    """Whether a function's result is kept and it takes nothing that could vary."""
    if "cache" not in inference.decorators.kinds(code):
        return False
    return len(code.scope.parameters) <= (1 if code.owner is not None else 0)
