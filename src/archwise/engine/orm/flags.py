"""What callers switch on and off: branches of a function that do not run for what it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.orm.domain import NOTHING, Flag

if TYPE_CHECKING:
    from archwise.engine.orm.domain import Alternatives
    from archwise.engine.orm.frames import Frame
    from archwise.engine.program import Code

_OTHER = {True: ("false", "none"), False: ("true", "none")}
"""The conditions that do not hold where a flag is set, and where it is not."""


def of(code: Code, index: int) -> Alternatives:
    """A flag that is written out."""
    op = code.scope.ops[index]
    return (Flag(op.text == "True"),) if isinstance(op, ir.Constant) and op.kind == "bool" else NOTHING


def default(code: Code, parameter: ir.Parameter) -> Alternatives:
    """What a flag is where nothing is given, as far as the function itself goes by it."""
    is_asked = any(test.path == parameter.name for block in code.scope.blocks for test in block.tests)
    return of(code.parent, parameter.default) if is_asked and parameter.default and code.parent else NOTHING


def known(frame: Frame) -> dict[str, bool]:
    """The flags that a function is given, and keeps as they are."""
    bound = frame.code.scope.bindings
    given = ((name, values[0]) for name, values in frame.given.items() if len(values) == 1 and name not in bound)
    return {name: value.holds for name, value in given if isinstance(value, Flag)}


def are_against(flags: dict[str, bool], code: Code, op: ir.AnyOp) -> bool:
    """Whether an operation stands in a branch that flags turn off."""
    tests = code.conditions(getattr(op, "block", 0)) if flags else ()
    return any(test.path in flags and test.kind in _OTHER[flags[test.path]] for test in tests)
