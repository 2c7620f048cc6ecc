"""Expressions as they are written, to see where the same is written twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir

if TYPE_CHECKING:
    from collections.abc import Collection

    from archwise.engine.program import Code

_DEEPEST = 12


def written(code: Code, index: int, without: Collection[str] = (), depth: int = _DEEPEST) -> str:
    """An expression's text, keywords in order of their names; the function's own values are all ``_``.

    Empty where a part of it is not known. Keywords called like one of ``without`` are left out.
    """
    op = code.scope.ops[index]
    if depth == 0 or index == 0:
        return ""
    match op:
        case ir.Constant():
            return repr(op.text) if op.kind == "str" else op.text
        case ir.Name():
            local = code.scope.kind == "function" and (
                op.id in code.scope.bindings or any(parameter.name == op.id for parameter in code.scope.parameters)
            )
            return "_" if local else op.id
        case ir.Attribute():
            base = written(code, op.value, without, depth - 1)
            return base if base == "_" else base and f"{base}.{op.name}"
        case ir.Display():
            return _all("[", [written(code, item, without, depth - 1) for item in op.items], "]")
        case ir.Operation():
            sides = [written(code, side, without, depth - 1) for side in (op.value, op.operand) if side]
            return _all(f"{op.method}(", sides, ")")
        case ir.Call(starred=()):
            given = [written(code, argument, without, depth - 1) for argument in op.arguments]
            for name, value in sorted(op.keywords):
                if name not in without:
                    text = written(code, value, without, depth - 1)
                    given.append(text and f"{name}={text}")
            function = written(code, op.function, without, depth - 1)
            return function and _all(f"{function}(", given, ")")
    return ""


def _all(head: str, parts: list[str], tail: str) -> str:
    return f"{head}{', '.join(parts)}{tail}" if all(parts) else ""
