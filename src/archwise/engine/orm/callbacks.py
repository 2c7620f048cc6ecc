"""Functions that a built-in calls with each row: ``map(shown, rows)``, ``sorted(rows, key=lambda row: …)``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.orm.domain import Bound
from archwise.engine.values import FunctionValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.orm.domain import Alternatives
    from archwise.engine.orm.evaluator import Evaluator
    from archwise.engine.orm.frames import Frame
    from archwise.engine.program import Code


def frames(evaluator: Evaluator, frame: Frame, index: int, op: ir.Call, given: list[Alternatives]) -> Iterator[Frame]:
    """The functions of the program among a call's arguments, each run with an item of the others."""
    rows = evaluator.items(frame, tuple(value for values in given for value in values), index)
    for argument in op.given if rows else ():
        for code in _functions(evaluator, frame, argument):
            around = frame if code.parent is frame.code else None
            for parameter in code.scope.parameters[:1]:
                yield evaluator.frame(code, ((parameter.name, rows),), around, frame)
        for bound in evaluator.value(frame, argument):
            method = evaluator.calls.method(bound) if isinstance(bound, Bound) else None
            names = [parameter.name for parameter in method[0].scope.parameters[:2]] if method is not None else []
            if method is not None and isinstance(bound, Bound) and len(names) == 2:
                yield evaluator.frame(method[0], ((names[0], (bound.receiver,)), (names[1], rows)), None, frame)


def _functions(evaluator: Evaluator, frame: Frame, argument: int) -> Iterator[Code]:
    """The function of the program that an argument is."""
    if isinstance(frame.code.scope.ops[argument], (ir.Define, ir.Name)):
        for value in evaluator.inference.values(frame.code, argument):
            if isinstance(value, FunctionValue):
                yield value.code
