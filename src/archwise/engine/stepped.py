"""Coroutines that a program steps itself, without an event loop: nothing else waits while one of them does.

Code generators and synchronous faces of asynchronous libraries do so: ``coroutine.send(None)`` until it is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.event import Launch, Run
from archwise.engine.handling import names_caught
from archwise.engine.values import FunctionValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.events import Events
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code, Module

_LOOPS = frozenset({"asyncio", "anyio", "trio", "curio", "tornado", "twisted", "uvloop"})
"""Who imports one of these has a loop at hand."""
_AWAITED = "__await__"


def stepped(inference: Inference, events: Events) -> frozenset[Code]:
    """The async functions that run without a loop: those of a module that steps coroutines and knows no loop, and all
    that await one another with them, as far as their modules know none.
    """
    steppers = {code.module for code in _steppers(inference)}
    if not steppers:
        return frozenset()
    free = [code for code in inference.program.codes() if code.scope.is_async and not _knows_loop(code.module)]
    awaited = {code: set(_awaited(code, events)) for code in free}
    found: set[Code] = set()
    fresh = {code for code in free if code.module in steppers or any(e.module in steppers for e in awaited[code])}
    fresh |= {code for code in free if _is_made_by(inference, code, steppers)}
    callers: dict[Code, set[Code]] = {}
    for code, below in awaited.items():
        for each in below:
            callers.setdefault(each, set()).add(code)
    while fresh:
        found |= fresh
        beside = {each for code in fresh for each in (*awaited[code], *callers.get(code, ()))}
        fresh = {each for each in beside if each in awaited and each not in found}
    return frozenset(found)


def _steppers(inference: Inference) -> Iterator[Code]:
    """The plain functions of modules without a loop that step a coroutine."""
    for module in inference.program.modules.values():
        called = module.summary.called
        if (_AWAITED in called or "send" in called) and not _knows_loop(module) and not module.is_test:
            for name in (_AWAITED, "send"):
                for code, index in module.calls(name):
                    if not code.scope.is_async and code.scope.name != _AWAITED and _steps(code, index):
                        yield code


def _steps(code: Code, index: int) -> bool:
    """Whether a call begins a coroutine, or sends it ``None`` and expects that it ends."""
    ops = code.scope.ops
    op = ops[index]
    function = ops[op.function] if isinstance(op, ir.Call) else None
    if not isinstance(op, ir.Call) or not isinstance(function, ir.Attribute):
        return False
    if function.name == _AWAITED:
        return True
    sent = ops[op.arguments[0]] if len(op.arguments) == 1 else None
    holder = ir.path(ops, function.value)
    is_given = any(parameter.name == holder for parameter in code.scope.parameters)
    return ir.is_none(sent) and is_given and "StopIteration" in names_caught(code, index)


def _knows_loop(module: Module) -> bool:
    return not _LOOPS.isdisjoint(module.summary.imports)


def _awaited(code: Code, events: Events) -> Iterator[Code]:
    """The functions of the program that an async function awaits, and the methods that make an object awaitable."""
    awaited = events.awaited(code)
    for site in events.sites(code):
        if site.op in awaited:
            for alternative in site.alternatives:
                for event in alternative:
                    if isinstance(event, (Run, Launch)):
                        yield event.code


def _is_made_by(inference: Inference, code: Code, modules: set[Module]) -> bool:
    """Whether a decorator of one of these modules makes a function what it is."""
    return any(
        isinstance(value, FunctionValue) and value.code.module in modules
        for parent, index in code.decorators
        for value in inference.values(parent, parent.callee(index))
    )
