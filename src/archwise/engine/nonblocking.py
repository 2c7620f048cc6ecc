"""Calls that would wait, were their socket or pipe not told to refuse instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.handling import names_caught, names_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.classes import Classes
    from archwise.engine.program import Code

_REFUSALS = frozenset({"BlockingIOError", "SSLWantReadError", "SSLWantWriteError"})
"""What is raised in place of waiting: who catches it has told the object not to wait."""
_ASKED = {
    "recv": ("poll",),
    "recv_bytes": ("poll",),
    "get": ("empty", "qsize"),
    "result": ("done",),
    "exception": ("done",),
}
"""What gives the next message of a pipe or a queue, or what work came to, and what says before whether it is there."""
_TELLING = {"setblocking": ("False", "0"), "settimeout": ("0", "0.0")}


def expects_refusal(code: Code, index: int) -> bool:
    """Whether an operation stands where what non-blocking objects raise is caught: a ``try``, a ``with`` for that."""
    if not _REFUSALS.isdisjoint(names_caught(code, index)):
        return True
    return any(
        at < index < op.until and (_suppressed(code, op.value) or _tries(code, op.value))
        for at, op in code.operations(ir.Enter)
    )


def is_asked_first(code: Code, index: int) -> bool:
    """Whether the same function asks an object before whether it holds anything: ``while not pipe.poll(): …``.

    Or it has waited for the object's work as a coroutine does: ``await wait(job)``, ``async for step in job``.
    """
    ops = code.scope.ops
    op = ops[index]
    function = ops[op.function] if isinstance(op, ir.Call) else None
    holder = ir.path(ops, function.value) if isinstance(function, ir.Attribute) else ""
    asking = _ASKED.get(function.name, ()) if isinstance(function, ir.Attribute) and holder else ()
    if "done" in asking and _was_awaited(code, holder, index):
        return True
    return any(
        at < index and ir.path(ops, call.function) == f"{holder}.{name}"
        for name in asking
        for at, call in code.operations(ir.Call)
    )


def _was_awaited(code: Code, path: str, index: int) -> bool:
    """Whether a function has awaited a call that it gave an object, or what the object gives step by step."""
    ops = code.scope.ops
    if any(op.is_async and at < index and ir.path(ops, op.value) == path for at, op in code.operations(ir.Element)):
        return True
    given = (ops[op.value] for at, op in code.operations(ir.Await) if at < index)
    return any(
        isinstance(call, ir.Call) and any(ir.path(ops, argument) == path for argument in call.arguments)
        for call in given
    )


def is_told(code: Code, index: int, classes: Classes) -> bool:
    """Whether the function, or the class for an attribute of ``self``, tells the object never to wait."""
    op = code.scope.ops[index]
    if isinstance(op, ir.Name):
        return any(teller is code and path == op.id for teller, path in _told(code))
    if isinstance(op, ir.Attribute) and code.owner is not None and classes.is_receiver(code, op.value):
        return any(teller.owner is code.owner and path == f"self.{op.name}" for teller, path in _told(code))
    return False


def _told(code: Code) -> Iterator[tuple[Code, str]]:
    """What is told not to wait in the same module, as it is written, and by which function."""
    for name, refusals in _TELLING.items():
        for teller, index in code.module.calls(name):
            ops = teller.scope.ops
            call = ops[index]
            if isinstance(call, ir.Call) and len(call.arguments) == 1:
                function, given = ops[call.function], ops[call.arguments[0]]
                if isinstance(function, ir.Attribute) and isinstance(given, ir.Constant) and given.text in refusals:
                    yield teller, ir.path(ops, function.value)


def _tries(code: Code, index: int) -> bool:
    """Whether a context manager is of a class of the same module that names such a refusal itself."""
    op = code.scope.ops[index]
    made = ir.identifier(code.scope.ops[op.function]) if isinstance(op, ir.Call) else ""
    return bool(made) and any(
        each.owner is not None
        and each.owner.scope.name == made
        and not _REFUSALS.isdisjoint(name.id for _, name in each.operations(ir.Name))
        for each in code.module.codes
    )


def _suppressed(code: Code, index: int) -> bool:
    op = code.scope.ops[index]
    if not isinstance(op, ir.Call) or ir.identifier(code.scope.ops[op.function]) != "suppress":
        return False
    return any(not _REFUSALS.isdisjoint(names_of(code, argument)) for argument in op.arguments)
