"""What runs only where no event loop does: behind the failure of asking for the one that runs, or a switch for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.event import Run
from archwise.engine.guards import CALLED
from archwise.engine.handling import names_of

if TYPE_CHECKING:
    from archwise.engine.events import Events
    from archwise.engine.program import Code
    from archwise.engine.reach import Step

_ASKS = frozenset({"get_running_loop", "get_event_loop"})
"""Functions that give the loop that is running, and fail only where none is."""
_FAIL = _ASKS | {"current_task"}
_REFUSAL = "RuntimeError"
_SWITCH = re.compile(r"(^|_)async(_mode|$)")


def is_loopless(events: Events, step: Step) -> bool:
    """Whether a step is taken only if ``asyncio.get_running_loop()`` has failed: in its function, or in one that asks.

    Or if a switch of its object is off that is on where the program runs on a loop: ``self.async_mode``.

    In a coroutine function a handler says nothing of that: there the call does not fail, so something else has.
    """
    code = step.code
    block = code.block_of(step.op)
    behind = not code.scope.is_async and any(
        code.is_within(block, handler.block) for handler in code.scope.handlers if _catches_refusal(code, handler)
    )
    return (
        behind
        or _is_switched_off(code, block)
        or any(
            _asks(code, value) or _is_told(events, code, value)
            for test in code.conditions(block)
            if test.kind in ("none", "false")
            for value in _tested(code, test.path)
        )
    )


def _is_switched_off(code: Code, block: int) -> bool:
    """Whether a method goes on only while its object's ``async_mode``, or another switch called async, is off."""
    return not code.scope.is_async and any(
        test.kind == "false" and test.path.count(".") == 1 and _SWITCH.search(test.path.partition(".")[2])
        for test in code.conditions(block)
    )


def _tested(code: Code, path: str) -> list[int]:
    """The operations whose value a condition is about: what a name is bound to, or the calls of a function."""
    if not path.endswith(CALLED):
        return [binding.value for binding in code.scope.bindings.get(path, ())]
    name = path.removesuffix(CALLED)
    return [index for index, op in code.operations(ir.Call) if ir.path(code.scope.ops, op.function) == name]


def _is_told(events: Events, code: Code, index: int) -> bool:
    """Whether a call is of a function that asks for the running loop, and says so or gives it."""
    called = [event for site in events.sites(code) if site.op == index for each in site.alternatives for event in each]
    return bool(called) and all(isinstance(event, Run) and _tells(event.code) for event in called)


def _tells(code: Code) -> bool:
    """Whether what a function gives is false only for want of a running loop."""
    refused = [handler.block for handler in code.scope.handlers if _catches_refusal(code, handler)]
    given = [op for _, op in code.operations(ir.Return)]
    return bool(refused and given) and all(
        _is_true_or_loop(code, op.value) or any(code.is_within(op.block, block) for block in refused) for op in given
    )


def _is_true_or_loop(code: Code, index: int) -> bool:
    """Whether an operation gives what is true, the loop, or what a name holds that is bound to it, or to ``None``."""
    op = code.scope.ops[index]
    bindings = code.scope.bindings.get(op.id, ()) if isinstance(op, ir.Name) else ()
    return (
        (isinstance(op, ir.Constant) and op.text == "True")
        or _asks(code, index)
        or (bool(bindings) and all(ir.is_none(code.scope.ops[b.value]) or _asks(code, b.value) for b in bindings))
    )


def _catches_refusal(code: Code, handler: ir.Handler) -> bool:
    """Whether a handler catches that no loop runs, where its ``try`` asks for one."""
    return bool(
        handler.type
        and _REFUSAL in names_of(code, handler.type)
        and any(
            code.is_within(op.block, handler.guarded) and code.callee_name(index) in _FAIL
            for index, op in code.operations(ir.Call)
        )
    )


def _asks(code: Code, index: int) -> bool:
    return isinstance(code.scope.ops[index], ir.Call) and code.callee_name(index) in _ASKS
