"""Which operations a function awaits, goes through or enters asynchronously, by itself or by what it hands them to."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.returns import takes_either
from archwise.engine.values import FunctionValue, Method, Value, is_coroutine_function

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code


class Used(msgspec.Struct, frozen=True, gc=False):
    """The operations of a function whose results it awaits, goes through by ``async for``, or enters so."""

    awaited: frozenset[int]
    streamed: frozenset[int]
    entered: frozenset[int]


class Awaiting:
    """Finds them, once a function."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._awaited: dict[Code, frozenset[int]] = {}

    def of(self, code: Code) -> frozenset[int]:
        """The operations of a function that it awaits, itself or by what it hands them to (``asyncio.wait_for``)."""
        found = self._awaited.get(code)
        if found is None:
            own = [op.value for op in code.scope.ops if type(op) is ir.Await]
            given = [at for index in own for at in self._awaited_below(code, index)]
            later = _awaited_by_name(code, own) if own else ()
            found = self._awaited[code] = frozenset((*own, *later, *given, *self._handed_to_loop(code)))
        return found

    def _awaited_below(self, code: Code, index: int) -> Iterator[int]:
        """The calls whose results an awaited coroutine function of the program awaits: ``await checked(fetch())``."""
        ops = code.scope.ops
        op = ops[index]
        given = [at for at in op.arguments if isinstance(ops[at], ir.Call)] if isinstance(op, ir.Call) else []
        called = self._inference.values(code, op.function) if given and isinstance(op, ir.Call) else ()
        if given and isinstance(op, ir.Call) and len(called) == 1 and is_coroutine_function(called[0]):
            names = _awaited_parameters(called[0])
            yield from (at for at, name in zip(op.arguments, names, strict=False) if at in given and name)

    def _handed_to_loop(self, code: Code) -> Iterator[int]:
        """What a function gives to calls that await the coroutine they are given."""
        for _, op in code.operations(ir.Call):
            if ir.identifier(code.scope.ops[op.function]) in self._awaiting:
                boundary = self._inference.boundary(code, op)
                if boundary is not None and boundary.passes == "task" and boundary.arguments is None:
                    yield from op.arguments if boundary.callable == "*" else op.arguments[:1]

    @functools.cached_property
    def _awaiting(self) -> frozenset[str]:
        """The last identifiers of what awaits a coroutine that it is given."""
        boundaries = self._inference.facts.boundaries.items()
        return frozenset(name.rpartition(".")[2] for name, boundary in boundaries if boundary.passes == "task")


def _awaited_by_name(code: Code, awaited: list[int]) -> Iterator[int]:
    """The calls whose results are kept under a name of their own that is awaited, and not only if it can be."""
    ops = code.scope.ops
    for index in awaited:
        op = ops[index]
        bindings = code.scope.bindings.get(op.id, ()) if isinstance(op, ir.Name) else ()
        if len(bindings) == 1 and isinstance(ops[bindings[0].value], ir.Call) and not takes_either(code, index):
            yield bindings[0].value


def _awaited_parameters(value: Value) -> list[str]:
    """The positional parameters of a coroutine function that a call gives, each by its name if it awaits it."""
    if not isinstance(value, (FunctionValue, Method)):
        return []
    scope = value.code.scope
    awaited = {ir.path(scope.ops, op.value) for op in scope.ops if isinstance(op, ir.Await)} - {*scope.bindings, ""}
    return [each.name if each.name in awaited else "" for each in scope.parameters[isinstance(value, Method) :]]


def streamed(code: Code) -> Iterator[int]:
    """The operations whose result an ``async for`` goes through, directly or by a name."""
    for op in code.scope.ops if code.scope.is_async else ():
        if type(op) is ir.Element and op.is_async:
            read = code.scope.ops[op.value]
            yield op.value
            for binding in code.scope.bindings.get(read.id, ()) if isinstance(read, ir.Name) else ():
                yield binding.value


def entered(code: Code) -> frozenset[int]:
    """The operations whose result is entered asynchronously: ``async with session.get(url)``."""
    entering = code.operations(ir.Enter) if code.scope.is_async else ()
    return frozenset(op.value for _, op in entering if op.is_async)
