"""Which names of the program's classes do more than look up when they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir

if TYPE_CHECKING:
    from archwise.engine.program import Code, Program

_PLAIN = frozenset({"property", "setter", "staticmethod", "classmethod", "abstractmethod", "overload", "override"})
"""Decorators that make nothing with a ``__get__`` of the program's own."""
_WORK = frozenset({ir.Call, ir.Element, ir.Enter, ir.Item, ir.Operation})


def working(program: Program) -> frozenset[str]:
    """The names of properties, descriptors and comparisons that do more than look up and compare."""
    found: set[str] = set()
    readers: list[tuple[str, set[str]]] = []
    descriptors = False
    for code in program.codes():
        if code.scope.name in ir.COMPARISONS or (
            code.scope.kind == "function" and code.scope.decorators and code.owner is not None
        ):
            if any(type(op) in _WORK and getattr(op, "method", "") not in ir.COMPARISONS for op in code.scope.ops):
                found.add(code.scope.name)
            else:
                readers.append((code.scope.name, {op.name for op in code.scope.ops if isinstance(op, ir.Attribute)}))
        descriptors |= code.scope.name == "__get__"
    if descriptors:
        for code in program.classes:
            found.update(name for name, bindings in code.scope.bindings.items() if _may_describe(code, bindings))
    while fresh := {name for name, reads in readers if name not in found and not reads.isdisjoint(found)}:
        found |= fresh
    return frozenset(found)


def _may_describe(cls: Code, bindings: tuple[ir.Binding, ...]) -> bool:
    """Whether a name of a class may hold an object with ``__get__``: a literal or a plain function is none."""
    for binding in bindings:
        op = cls.scope.ops[binding.value]
        if type(op) is ir.Define:
            decorators = cls.module.summary.scopes[op.scope].decorators
            if not all(ir.identifier(cls.scope.ops[decorator]) in _PLAIN for decorator in decorators):
                return True
        elif type(op) is not ir.Constant:
            return True
    return False
