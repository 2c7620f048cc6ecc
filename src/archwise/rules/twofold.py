"""Code for both kinds of callers: it gives those who await a coroutine, and does the work in place for the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.guards import OPPOSITE
from archwise.engine.reach import steps
from archwise.engine.values import Awaitable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.analysis import Analysis
    from archwise.engine.program import Code
    from archwise.engine.reach import Reach, Step


def is_for_others(analysis: Analysis, reach: Reach) -> bool:
    """Whether a path goes on with what is done for callers that do not await, though it begins with one that does."""
    begins = reach.path.code
    awaited = _awaited_paths(begins)
    return any(
        _is_other_branch(analysis, begins, step)
        or (step.code is not begins and _calls_awaited(analysis, begins, step, awaited))
        for step in steps(reach.path)
    )


def is_of_either_kind(reach: Reach) -> bool:
    """Whether a path begins with what is done for one type of an object, where another type is awaited.

    ``if isinstance(connection, AsyncConnection): await connection.execute(…)``, and else ``connection.execute(…)``.
    """
    code = reach.path.code
    tests = code.conditions(code.block_of(reach.path.op))
    kinds = tuple(f"{test.path}." for test in tests if test.kind in ("is", "is-not"))
    if not kinds or not _called_at(code, reach.path.op).startswith(kinds):
        return False
    return any(path.startswith(kinds) for path in (*_awaited_calls(code), *_entered_calls(code)))


def _called_at(code: Code, index: int) -> str:
    """The path of what an operation calls, or enters once it is called."""
    op = code.scope.ops[index]
    call = code.scope.ops[op.value] if isinstance(op, ir.Enter) else op
    return ir.path(code.scope.ops, call.function) if isinstance(call, ir.Call) else ""


def _is_other_branch(analysis: Analysis, begins: Code, step: Step) -> bool:
    """Whether what is called returns a coroutine where a condition of the next step does not hold.

    It has to be awaited, or to be a method like the one that the path begins in.
    """
    if step.next is None or step.next.code.scope.is_async or step.next.code.scope.is_generator:
        return False
    called = step.next.code
    excluded = {(test.path, OPPOSITE[test.kind]) for test in called.conditions(called.block_of(step.next.op))}
    if not excluded or not (_is_awaited(step) or (begins.scope.is_async and _are_kin(analysis, begins, called))):
        return False
    return any(
        (test.path, test.kind) in excluded
        for _, op in called.operations(ir.Return)
        for test in called.conditions(op.block)
        if any(isinstance(value, Awaitable) for value in analysis.inference.values(called, op.value))
    )


def _is_awaited(step: Step) -> bool:
    return any(op.value == step.op for _, op in step.code.operations(ir.Await))


def _calls_awaited(analysis: Analysis, begins: Code, step: Step, awaited: frozenset[str]) -> bool:
    """Whether a plain method calls what is awaited at the beginning, by the same path."""
    op = step.code.scope.ops[step.op]
    if step.code.scope.is_async or not isinstance(op, ir.Call) or not _are_kin(analysis, begins, step.code):
        return False
    return ir.path(step.code.scope.ops, op.function) in awaited


def _are_kin(analysis: Analysis, first: Code, second: Code) -> bool:
    """Whether two functions are methods of classes that share a base of the program."""
    if first.owner is None or second.owner is None:
        return False
    order = analysis.inference.classes.order
    shared = set(order(first.owner)).intersection(order(second.owner))
    return any(not isinstance(each, str) for each in shared)


def _awaited_paths(code: Code) -> frozenset[str]:
    """The methods of what an object keeps that a function awaits: ``await self.client.put(…)``."""
    return frozenset(path for path in _awaited_calls(code) if path.startswith("self.") and path.count(".") > 1)


def _awaited_calls(code: Code) -> Iterator[str]:
    """The paths of what is called to be awaited."""
    return (_called_at(code, op.value) for _, op in code.operations(ir.Await))


def _entered_calls(code: Code) -> Iterator[str]:
    """The paths of what is called to be entered asynchronously."""
    return (_called_at(code, at) for at, op in code.operations(ir.Enter) if op.is_async)
