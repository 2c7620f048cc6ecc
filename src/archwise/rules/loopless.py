"""What runs only where no event loop does: behind the failure of asking for the one that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.handling import names_of

if TYPE_CHECKING:
    from archwise.engine.program import Code
    from archwise.engine.reach import Step

_ASKS = "get_running_loop"
_REFUSAL = "RuntimeError"


def is_loopless(step: Step) -> bool:
    """Whether a plain function takes a step only if ``asyncio.get_running_loop()`` has failed."""
    code = step.code
    if code.scope.is_async:
        return False
    block = code.block_of(step.op)
    return any(
        handler.type
        and code.is_within(block, handler.block)
        and _REFUSAL in names_of(code, handler.type)
        and any(
            code.is_within(op.block, handler.guarded) for index, op in code.operations(ir.Call) if _asks(code, index)
        )
        for handler in code.scope.handlers
    ) or any(
        test.kind in ("none", "false")
        and any(_asks(code, binding.value) for binding in code.scope.bindings.get(test.path, ()))
        for test in code.conditions(block)
    )


def _asks(code: Code, index: int) -> bool:
    return isinstance(code.scope.ops[index], ir.Call) and code.callee_name(index) == _ASKS
