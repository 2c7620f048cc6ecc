"""Which blocks of a function run in a child that it forks: nothing of the parent waits for what happens there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.values import External

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

_FORKS = {"fork": "os.fork", "forkpty": "os.forkpty"}


def in_child(inference: Inference, code: Code) -> frozenset[int]:
    """The numbers of the blocks that only the child gets to: ``if pid == 0:``, or what follows ``if pid: return``."""
    names = set(_identities(inference, code))
    found: set[int] = set()
    for number, block in enumerate(code.scope.blocks if names else ()):
        if block.parent in found or any(test.path in names and _is_zero(code, test) for test in block.tests):
            found.add(number)
    return frozenset(found)


def _identities(inference: Inference, code: Code) -> Iterator[str]:
    """The names of a function that hold what a fork gives: zero in the child."""
    for last, name in _FORKS.items():
        for caller, index in code.module.calls(last):
            op = code.scope.ops[index] if caller is code else None
            if isinstance(op, ir.Call) and External(name) in inference.values(code, op.function):
                for bound, bindings in code.scope.bindings.items():
                    if any(binding.value == index for binding in bindings):
                        yield bound


def _is_zero(code: Code, test: ir.Test) -> bool:
    if test.kind == "false":
        return True
    op = code.scope.ops[test.operand]
    return test.kind == "among" and isinstance(op, ir.Constant) and op.text == "0"
