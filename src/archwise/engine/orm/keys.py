"""Queries that a loop sends for each of its keys: which loops may be long, and which keys are asked for but once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.orm.rounds import body_of

if TYPE_CHECKING:
    from archwise.engine.orm.reads import Read
    from archwise.engine.program import Code

_OF_ENUMS = frozenset({"choices", "values", "labels", "names", "__members__"})
"""Attributes that list what an enumeration of choices holds."""
_OF_REQUESTS = frozenset({"POST", "GET", "FILES"})
_PASSING = frozenset({"enumerate", "zip", "sorted", "list", "set", "tuple", "reversed"})


def is_remembered(read: Read) -> bool:
    """Whether the query is asked only for what earlier rounds have not left in a dict."""
    for code, index in read.hops:
        block = code.block_of(index)
        kind = code.scope.blocks[block].kind
        if kind == "except":
            return True
        if kind == "if" and any(
            isinstance(op, ir.Operation) and op.method == "__setitem__" and op.block == block for op in code.scope.ops
        ):
            return True
    return False


def may_be_short(read: Read) -> bool:
    """Whether a loop of the program goes through what is written out, or a setting."""
    code, loop = read.each
    return isinstance(code.scope.ops[loop], ir.Element) and not is_by_key(read)


def is_by_key(read: Read) -> bool:
    """Whether a loop goes through something other than rows that may be long, and asks for what each round gives it."""
    code, loop = read.each
    op = code.scope.ops[loop]
    return isinstance(op, ir.Element) and _may_be_long(code, op.value)


def _may_be_long(code: Code, index: int, depth: int = 3) -> bool:
    """Whether something that is gone through is neither written out nor a setting."""
    op = code.scope.ops[index]
    if isinstance(op, (ir.Display, ir.Mapping)):
        return any(_is_of_many(code, item, depth) for item in (op.items if isinstance(op, ir.Display) else op.values))
    if isinstance(op, (ir.Constant, ir.Unknown)) or _is_enum(code, op) or not depth:
        return False
    if isinstance(op, ir.Name):
        bindings = code.scope.bindings.get(op.id, ())
        return all(_may_be_long(code, binding.value, depth - 1) for binding in bindings if binding.value)
    if isinstance(op, ir.Call):
        function = code.scope.ops[op.function]
        if isinstance(function, ir.Attribute) and function.name in ("items", "values", "keys"):
            return _may_be_long(code, function.value, depth - 1)
        is_passed = ir.identifier(function) in _PASSING and op.arguments
        return _may_be_long(code, op.arguments[0], depth - 1) if is_passed else ir.identifier(function) != "range"
    return True


def _is_enum(code: Code, op: ir.AnyOp) -> bool:
    """Whether an expression names a constant or a class, whose members are written out, judged by capitals."""
    if isinstance(op, ir.Attribute) and op.name in _OF_ENUMS:
        op = code.scope.ops[op.value]
    name = ir.identifier(op)
    return name[:1].isupper() and name not in _OF_REQUESTS


def _is_of_many(code: Code, item: int, depth: int) -> bool:
    """Whether an item of a list is what a comprehension makes of something that may be long."""
    block = code.block_of(item)
    loops = [op for index, op in code.operations(ir.Element) if block and body_of(code, index) == block]
    return bool(depth) and any(_may_be_long(code, op.value, depth - 1) for op in loops)
