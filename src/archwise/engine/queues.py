"""Work that a program hands to other processes: its tasks, and the calls that enqueue them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.contexts import is_test
from archwise.engine.values import functions_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code
    from archwise.engine.root import Root
    from archwise.knowledge.schema import Handler


class Enqueue(msgspec.Struct, frozen=True, gc=False):
    """A call that hands a task to a worker, by the operations of what the task is given."""

    code: Code
    op: int
    task: Code
    given: tuple[int, ...]


class Queues:
    """The tasks of a program and where they are enqueued, tests left out."""

    def __init__(self, inference: Inference, roots: tuple[Root, ...]) -> None:
        self._inference = inference
        self._roots = roots

    @functools.cached_property
    def tasks(self) -> dict[Code, Handler]:
        """The functions that a worker runs when they are enqueued, and how their library says so."""
        return {
            root.code: root.handler
            for root in self._roots
            if root.role == "task" and root.handler is not None and root.handler.enqueues and not is_test(root.code)
        }

    @functools.cached_property
    def enqueued(self) -> tuple[Enqueue, ...]:
        """The calls that enqueue a task."""
        return (*self._by_method(), *self._by_boundary())

    def _by_method(self) -> Iterator[Enqueue]:
        """``task.delay(…)``."""
        names = sorted({name for handler in self.tasks.values() for name in handler.enqueues})
        for code, index, op in self._inference.program.calls(*names):
            method = code.scope.ops[op.function]
            if not isinstance(method, ir.Attribute) or is_test(code):
                continue
            for task in functions_of(self._inference.values(code, method.value)):
                if task in self.tasks and method.name in self.tasks[task].enqueues:
                    yield Enqueue(code, index, task, _given(code, op, method.name))
                    break

    def _by_boundary(self) -> Iterator[Enqueue]:
        """``queue.enqueue(function, …)``."""
        facts = self._inference.facts
        boundaries = {
            name: boundary
            for name, boundary in facts.boundaries.items()
            if boundary.passes == "enqueue" and isinstance(boundary.callable, int)
        }
        for code, index, op in self._inference.program.calls(*sorted({name.rpartition(".")[2] for name in boundaries})):
            boundary = self._inference.boundary(code, op) if not is_test(code) else None
            if boundary is None or boundary.passes != "enqueue":
                continue
            position = boundary.callable
            if not isinstance(position, int) or position >= len(op.arguments):
                continue
            first = len(op.arguments) if boundary.arguments is None else boundary.arguments
            keywords = tuple(value for _, value in op.keywords)
            for task in functions_of(self._inference.values(code, op.arguments[position])):
                yield Enqueue(code, index, task, op.arguments[first:] + keywords)
                break


def _given(code: Code, op: ir.Call, name: str) -> tuple[int, ...]:
    """What a task is given: the arguments, or what stands in ``args=`` and ``kwargs=``."""
    if name in ("delay", "send", "delay_on_commit"):
        return op.given
    found: list[int] = []
    named = dict(op.keywords)
    packed = [*op.arguments[:2], *(named[key] for key in ("args", "kwargs") if key in named)]
    for index in packed:
        each = code.scope.ops[index]
        if isinstance(each, ir.Display):
            found += each.items
        elif isinstance(each, ir.Mapping):
            found += each.values
    return tuple(found)
