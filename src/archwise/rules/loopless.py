"""What runs only where no event loop does: behind the failure of asking for the one that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.event import Run
from archwise.engine.handling import names_of

if TYPE_CHECKING:
    from archwise.engine.events import Events
    from archwise.engine.program import Code
    from archwise.engine.reach import Step

_ASKS = frozenset({"get_running_loop", "get_event_loop"})
"""Functions that do not fail where a loop is running."""
_REFUSAL = "RuntimeError"


def is_loopless(events: Events, step: Step) -> bool:
    """Whether a step is taken only if ``asyncio.get_running_loop()`` has failed: in its function, or in one that asks.

    In a coroutine function a handler says nothing of that: there the call does not fail, so something else has.
    """
    code = step.code
    block = code.block_of(step.op)
    behind = not code.scope.is_async and any(
        code.is_within(block, handler.block) for handler in code.scope.handlers if _catches_refusal(code, handler)
    )
    return behind or any(
        _asks(code, binding.value) or _is_told(events, code, binding.value)
        for test in code.conditions(block)
        if test.kind in ("none", "false")
        for binding in code.scope.bindings.get(test.path, ())
    )


def _is_told(events: Events, code: Code, index: int) -> bool:
    """Whether a call is of a function that asks for the running loop, and gives ``None`` for want of one."""
    called = [event for site in events.sites(code) if site.op == index for each in site.alternatives for event in each]
    return bool(called) and all(isinstance(event, Run) and _tells(event.code) for event in called)


def _tells(code: Code) -> bool:
    ops = code.scope.ops
    given = [op.value for _, op in code.operations(ir.Return) if op.value]
    return any(_catches_refusal(code, handler) for handler in code.scope.handlers) and all(
        _asks(code, value) or ir.is_none(ops[value]) or _is_bound_to_loop(code, value) for value in given
    )


def _is_bound_to_loop(code: Code, index: int) -> bool:
    op = code.scope.ops[index]
    bindings = code.scope.bindings.get(op.id, ()) if isinstance(op, ir.Name) else ()
    return bool(bindings) and all(
        _asks(code, each.value) or ir.is_none(code.scope.ops[each.value]) for each in bindings
    )


def _catches_refusal(code: Code, handler: ir.Handler) -> bool:
    """Whether a handler catches that no loop runs, where its ``try`` asks for one."""
    return bool(
        handler.type
        and _REFUSAL in names_of(code, handler.type)
        and any(
            code.is_within(op.block, handler.guarded) for index, op in code.operations(ir.Call) if _asks(code, index)
        )
    )


def _asks(code: Code, index: int) -> bool:
    return isinstance(code.scope.ops[index], ir.Call) and code.callee_name(index) in _ASKS
