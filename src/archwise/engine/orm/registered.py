"""Which models an admin class is registered for: ``@admin.register(Model)``, ``site.register(Model, Admin)``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.orm.domain import Model
from archwise.engine.values import ClassValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.orm.evaluator import Evaluator
    from archwise.engine.program import Code

_SITE = "site.register"


def registered(evaluator: Evaluator) -> dict[Code, list[Code]]:
    """The models of each admin class, in the order of the program."""
    found: dict[Code, list[Code]] = {}
    for admin, model in (*_by_decorator(evaluator), *_by_call(evaluator)):
        found.setdefault(admin, []).append(model)
    return found


def _by_decorator(evaluator: Evaluator) -> Iterator[tuple[Code, Code]]:
    for cls in evaluator.inference.program.classes:
        for parent, index in cls.decorators:
            op = parent.scope.ops[index]
            if isinstance(op, ir.Call) and parent.callee_name(index) == "register":
                for argument in op.arguments:
                    for model in evaluator.value(evaluator.frame(parent), argument):
                        if isinstance(model, Model):
                            yield cls, model.cls


def plainly(evaluator: Evaluator) -> Iterator[tuple[Code, int, Code]]:
    """The models that are registered without an admin class, each with the place: ``admin.site.register(Model)``."""
    for code, index, op in _calls(evaluator):
        if len(op.arguments) == 1 and not op.starred and ir.path(code.scope.ops, op.function).endswith(_SITE):
            for model in evaluator.value(evaluator.frame(code), op.arguments[0]):
                if isinstance(model, Model):
                    yield code, index, model.cls


def _by_call(evaluator: Evaluator) -> Iterator[tuple[Code, Code]]:
    for code, _, op in _calls(evaluator):
        if len(op.arguments) == 2:
            admins = evaluator.inference.values(code, op.arguments[1])
            for model in evaluator.value(evaluator.frame(code), op.arguments[0]):
                for value in admins:
                    if isinstance(value, ClassValue) and isinstance(model, Model):
                        yield value.code, model.cls


def _calls(evaluator: Evaluator) -> Iterator[tuple[Code, int, ir.Call]]:
    for module in evaluator.inference.program.modules.values():
        for code, index in module.calls("register"):
            op = code.scope.ops[index]
            if isinstance(op, ir.Call):
                yield code, index, op
