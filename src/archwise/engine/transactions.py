"""Which calls end a transaction that nothing has begun: ``commit()`` right after a commit sends nothing.

A session takes a connection when it first asks for something, and gives it back with ``commit``
(https://docs.sqlalchemy.org/en/20/orm/session_basics.html). Where that is the end of a function that was given the
session, the commit is reported there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.values import FunctionValue, Method

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

_ENDS = frozenset({"commit", "rollback", "close"})


def is_over(inference: Inference, code: Code, index: int, op: ir.Call) -> bool:
    """Whether a call of an object's method comes right after one that has ended the object's transaction."""
    ops = code.scope.ops
    function = ops[op.function]
    if not isinstance(function, ir.Attribute) or function.name not in _ENDS:
        return False
    path = ir.path(ops, function.value)
    last, before = next(((at, call) for at, call in reversed(code.operations(ir.Call)) if at < index), (0, None))
    if not path or before is None or not code.is_within(op.block, before.block):
        return False
    if any(last < store.value < index for store in code.scope.stores):
        return False  # what is kept on a row is sent with the commit
    return _ends(ops, before, path) or _leaves_none(inference, code, before, path)


def _ends(ops: tuple[ir.AnyOp, ...], call: ir.Call, path: str) -> bool:
    """Whether a call ends the transaction of what is under a path."""
    function = ops[call.function]
    return isinstance(function, ir.Attribute) and function.name in _ENDS and ir.path(ops, function.value) == path


def _leaves_none(inference: Inference, code: Code, call: ir.Call, path: str) -> bool:
    """Whether every function that a call may run ends the transaction of what it is given, and asks no more of it."""
    called = inference.values(code, call.function)
    return bool(called) and all(
        isinstance(value, (FunctionValue, Method))
        and bool(name := _parameter(code, call, path, value))
        and _ends_last(value.code, name)
        for value in called
    )


def _parameter(code: Code, call: ir.Call, path: str, value: FunctionValue | Method) -> str:
    """The parameter of a function that a call gives what is under a path."""
    ops = code.scope.ops
    for name, index in call.keywords:
        if ir.path(ops, index) == path:
            return name
    skipped = 1 if isinstance(value, Method) else 0
    parameters = value.code.scope.parameters[skipped:]
    for index, parameter in zip(call.arguments, parameters, strict=False):
        if ir.path(ops, index) == path and parameter.kind == "positional":
            return parameter.name
    return ""


def _ends_last(code: Code, name: str) -> bool:
    """Whether a function that raises nothing ends a parameter's transaction, then uses nothing made with it."""
    ops = code.scope.ops
    ends = [at for at, call in code.operations(ir.Call) if _ends(ops, call, name) and _is_passed(code, call.block)]
    if not ends or any(at < ends[-1] and not _handles(code, each.block) for at, each in code.operations(ir.Return)):
        return False
    made = {name, *_made_with(code, name)}
    return not any(
        read.id in made and not _handles(code, read.block) for at, read in code.operations(ir.Name) if at > ends[-1]
    )


def _is_passed(code: Code, block: int) -> bool:
    """Whether a function that neither returns before nor raises gets to a block."""
    return all(each.kind in ("scope", "try", "with", "rest") for each in code.around(block))


def _made_with(code: Code, name: str) -> Iterator[str]:
    """The local names of what a function makes with a parameter, or reads through it."""
    ops = code.scope.ops
    for bound, bindings in code.scope.bindings.items():
        if any(name in _read(ops, binding.value) for binding in bindings):
            yield bound


def _read(ops: tuple[ir.AnyOp, ...], index: int) -> Iterator[str]:
    """The names that an object is made with, or got from."""
    pending = [index]
    while pending:
        op = ops[pending.pop()]
        if isinstance(op, ir.Name):
            yield op.id
        elif isinstance(op, ir.Call):
            pending += (op.function, *op.given)
        elif isinstance(op, (ir.Attribute, ir.Item, ir.Await, ir.Element, ir.Enter, ir.Unpack)):
            pending.append(op.value)


def _handles(code: Code, block: int) -> bool:
    """Whether a block handles an exception."""
    return any(each.kind == "except" for each in code.around(block))
