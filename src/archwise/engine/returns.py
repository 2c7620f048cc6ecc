"""What a plain function gives where that is awaited, and calls that may give a coroutine or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.frequency import is_repeated
from archwise.engine.values import (
    Accessor,
    Awaitable,
    ClassValue,
    ExternalInstance,
    FunctionValue,
    Instance,
    Managed,
    Method,
)

if TYPE_CHECKING:
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code
    from archwise.engine.reach import Step
    from archwise.engine.values import Environment, Key, Value, Values

_KEEPING = frozenset({"append", "add", "appendleft"})
"""What keeps coroutines until they are gathered."""


def is_other_way(inference: Inference, step: Step | None) -> bool:
    """Whether a path leaves plain functions by another ``return`` than the one that gives something to await.

    Where what such a function returns is awaited, that one is taken: neither what the others give runs, nor what is
    written behind it.
    """
    while step is not None:
        scope = step.code.scope
        if scope.is_async or scope.is_generator:
            return False
        if _is_behind_awaitable(inference, step):
            return True
        if step.op not in _returned(scope):
            return False
        if len(scope.results) > 1:
            return True
        step = step.next
    return False


def flows(kind: ir.Condition, value: Value) -> bool | None:
    """Whether a value is (or gives) a coroutine, an asynchronous generator, as a condition asks; None if unseen."""
    found: bool | None = None
    if isinstance(value, (FunctionValue, Method)):
        scope = value.code.scope
        found = scope.is_async and (scope.is_generator or not kind.endswith("async-generator"))
    elif isinstance(value, Awaitable):
        found = not kind.endswith("async-generator")
    elif isinstance(value, (Instance, ExternalInstance, ClassValue, Managed, Accessor)):
        found = False
    return found if found is None else found is not kind.startswith("not-")


def fitting(code: Code, environment: Environment) -> list[int]:
    """What a function returns for functions such as it is given: a decorator has a wrapper for each kind."""
    given = dict(environment)
    return [index for index in code.scope.results if not _is_for_others(code, index, given)]


def _is_for_others(code: Code, index: int, given: dict[Key, Values]) -> bool:
    for test in code.conditions(code.block_of(index)):
        values = given.get((code, test.path), ()) if test.kind in ir.FLOWING else ()
        if values and all(flows(test.kind, value) is False for value in values):
            return True
    return False


def takes_either(code: Code, index: int) -> bool:
    """Whether a function is ready for a call to give a coroutine or not: it asks which, or hands it on."""
    ops = code.scope.ops
    asks = any(test.kind in ir.FLOWING for block in code.scope.blocks for test in block.tests)
    takers = (call for _, call in code.operations(ir.Call) if index in call.arguments)
    hands_on = any(ir.identifier(ops[call.function]) not in _KEEPING for call in takers)
    return asks or hands_on or index in code.scope.results


def _returned(scope: ir.Scope) -> frozenset[int]:
    """What a function returns, and what it has bound the names to that it returns."""
    names = {op.id for index in scope.results if isinstance(op := scope.ops[index], ir.Name)}
    bound = {binding.value for name in names for binding in scope.bindings.get(name, ())}
    return frozenset((*scope.results, *bound))


def _is_behind_awaitable(inference: Inference, step: Step) -> bool:
    """Whether an operation comes after all that a function returns to be awaited, of which it gives nothing itself."""
    scope = step.code.scope
    given = {index: inference.values(step.code, index) for index in scope.results} if len(scope.results) > 1 else {}
    awaitable = [at for at, values in given.items() if values and all(isinstance(v, Awaitable) for v in values)]
    others = [at for at in given if at not in awaitable]
    return (
        bool(awaitable and others)
        and step.op > max(awaitable)
        and not any(isinstance(v, Awaitable) for at in others for v in given[at])
        and not is_repeated(step.code, step.op)
    )
