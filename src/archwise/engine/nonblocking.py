"""Calls that would wait, were their socket or pipe not told to refuse instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.classes import Classes
    from archwise.engine.program import Code

_REFUSALS = frozenset({"BlockingIOError", "SSLWantReadError", "SSLWantWriteError"})
"""What is raised in place of waiting: who catches it has told the object not to wait."""
_TELLING = {"setblocking": ("False", "0"), "settimeout": ("0", "0.0")}


def expects_refusal(code: Code, index: int) -> bool:
    """Whether an operation stands in a ``try`` or a ``suppress`` for what non-blocking objects raise."""
    scope = code.scope
    block: int = getattr(scope.ops[index], "block", 0)
    for handler in scope.handlers:
        if not _REFUSALS.isdisjoint(_names(code, handler.type)) and code.is_within(block, handler.guarded):
            return True
    if "suppress" not in code.module.summary.called:
        return False
    return any(at < index < op.until and _suppressed(code, op.value) for at, op in code.operations(ir.Enter))


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


def _suppressed(code: Code, index: int) -> bool:
    op = code.scope.ops[index]
    if not isinstance(op, ir.Call) or ir.identifier(code.scope.ops[op.function]) != "suppress":
        return False
    return any(not _REFUSALS.isdisjoint(_names(code, argument)) for argument in op.arguments)


def _names(code: Code, index: int) -> set[str]:
    """The last identifiers of the exceptions an operation names."""
    op = code.scope.ops[index]
    parts = op.items if isinstance(op, ir.Display) else (index,)
    return {ir.identifier(code.scope.ops[part]) for part in parts}
