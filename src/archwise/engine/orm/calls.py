"""Which functions of the program a call runs, and what it gives them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.orm import flags
from archwise.engine.orm.domain import (
    NOTHING,
    Alternatives,
    Bound,
    Class,
    Found,
    Function,
    Model,
    Object,
    Query,
    Row,
    Table,
)
from archwise.engine.orm.queries import is_extended
from archwise.engine.orm.translated import translated
from archwise.engine.values import ClassValue, FunctionValue, Method

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.orm.evaluator import Evaluator
    from archwise.engine.orm.frames import Frame
    from archwise.engine.program import Code


class Calls:
    """Enters functions."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def frames(self, frame: Frame, op: ir.Call) -> list[Frame]:
        """The functions of the program that a call runs, with what it gives them."""
        evaluator = self._evaluator
        function = frame.code.scope.ops[op.function]
        found = []
        receivers = evaluator.value(frame, op.function)
        for each in receivers:
            if isinstance(each, Bound):
                method = self.method(each)
                if method is not None:
                    code, kinds = method
                    receiver = None if "static" in kinds else each.receiver
                    found.append(self.entered(frame, code, op, receiver))
            elif isinstance(each, Function):
                found.append(self.entered(frame, each.code, op, None, each.outer))
        if receivers:
            return found
        if isinstance(function, ir.Attribute) and self.is_super(frame, function.value):
            return self._of_super(frame, function.name, op)
        for value in evaluator.inference.values(frame.code, op.function):
            if isinstance(value, FunctionValue):
                found.append(self.entered(frame, value.code, op, None))
            elif isinstance(value, Method):
                receivers = translated(evaluator, (value.receiver,))
                if isinstance(value.receiver, ClassValue):
                    receivers = (Model(value.receiver.code),)
                found.extend(self.entered(frame, value.code, op, each) for each in receivers)
        return found

    def initialized(self, frame: Frame, op: ir.Call) -> Iterator[Frame]:
        """The ``__init__`` of the program's classes that a call makes an object of, models apart."""
        evaluator = self._evaluator
        for value in evaluator.inference.values(frame.code, op.function):
            if isinstance(value, ClassValue) and not evaluator.models.is_model(value.code):
                found = evaluator.method(value.code, "__init__")
                if found is not None:
                    yield self.entered(frame, found[0], op, Object(value.code))

    def entered(
        self, frame: Frame, code: Code, op: ir.Call, receiver: Found | None, around: Frame | None = None
    ) -> Frame:
        """A function with what a call gives it; ``around`` is the call of the function that it is defined in."""
        parameters = code.scope.parameters
        given: list[tuple[str, Alternatives]] = []
        rest = list(parameters)
        if receiver is not None and rest:
            given.append((rest.pop(0).name, (receiver,)))
        named = dict(op.keywords)
        for position, parameter in enumerate(rest):
            index = 0
            if position < len(op.arguments) and parameter.kind == "positional":
                index = op.arguments[position]
            elif parameter.name in named:
                index = named[parameter.name]
            value = self._evaluator.value(frame, index) or self._handed(frame, index)
            if not value:
                value = flags.default(code, parameter) if not index and not op.starred else flags.of(frame.code, index)
            if parameter.kind == "kwargs" and op.starred and (passed := self.rest(frame)):
                value = (Table(NOTHING, passed),)
            if value:
                given.append((parameter.name, value))
        outer = frame if code.parent is frame.code else around if around and around.code is code.parent else None
        return self._evaluator.frame(code, tuple(given), outer, frame)

    def _handed(self, frame: Frame, index: int) -> Alternatives:
        """The function of the program that is given as an argument."""
        op = frame.code.scope.ops[index]
        is_function = isinstance(op, ir.Define) or (isinstance(op, ir.Name) and op.id in self._functions)
        is_class = ir.identifier(op).endswith("Serializer")
        values = self._evaluator.inference.values(frame.code, index) if is_function or is_class else ()
        classes = tuple(Class(value.code) for value in values if is_class and isinstance(value, ClassValue))
        return classes or tuple(Function(value.code, frame) for value in values if isinstance(value, FunctionValue))

    @functools.cached_property
    def _functions(self) -> frozenset[str]:
        """The names of the program's functions."""
        codes = self._evaluator.inference.program.codes()
        return frozenset(code.scope.name for code in codes if code.scope.kind == "function" and code.owner is None)

    def method(self, bound: Bound) -> tuple[Code, frozenset[str]] | None:
        """The program's own function behind a method, and how it is decorated."""
        receiver = bound.receiver
        if isinstance(receiver, Row) and receiver.model is not None:
            return self._evaluator.method(receiver.model, bound.name)
        if isinstance(receiver, Object):
            return self._evaluator.method(receiver.cls, bound.name)
        if isinstance(receiver, Query) and not is_extended(bound.name):
            for kind in sorted(
                receiver.kinds, key=self._evaluator.managers.is_manager
            ):  # a manager's often calls its queryset's
                found = self._evaluator.method(kind, bound.name)
                if found is not None:
                    return found
        return None

    def _of_super(self, frame: Frame, name: str, op: ir.Call) -> list[Frame]:
        receiver, owner = self.receiver_of(frame)
        if owner is None or receiver is None:
            return []
        classes = [receiver.cls] if isinstance(receiver, Object) else []
        if isinstance(receiver, Query):
            classes = list(receiver.kinds)
        elif isinstance(receiver, Row) and receiver.model is not None:
            classes = [receiver.model]
        for cls in classes:
            found = self._evaluator.method(cls, name, owner)
            if found is not None:
                return [self.entered(frame, found[0], op, receiver)]
        return []

    def receiver_of(self, frame: Frame) -> tuple[Found | None, Code | None]:
        """The object that the method around runs on, and the class it stands in."""
        while frame.code.owner is None and frame.outer is not None:
            frame = frame.outer
        owner, parameters = frame.code.owner, frame.code.scope.parameters
        given = self._evaluator.names.parameter(frame, parameters[0].name) if parameters else NOTHING
        return (given[0] if given else None), owner

    def is_super(self, frame: Frame, index: int) -> bool:
        """Whether an operation is ``super()``."""
        op = frame.code.scope.ops[index]
        return isinstance(op, ir.Call) and ir.identifier(frame.code.scope.ops[op.function]) == "super"

    def rest(self, frame: Frame) -> tuple[tuple[str, Alternatives], ...]:
        """What a function passes on in its ``**kwargs``."""
        for parameter in frame.code.scope.parameters:
            if parameter.kind == "kwargs":
                for each in self._evaluator.names.rest(frame, parameter.name):
                    return each.named if isinstance(each, Table) else ()
        return ()
