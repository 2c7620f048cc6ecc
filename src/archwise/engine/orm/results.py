"""What calls give: of querysets' methods, of the program's functions, of the built-ins and shortcuts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.orm import containers, statements
from archwise.engine.orm.domain import (
    NOTHING,
    Alternatives,
    Bound,
    Group,
    Items,
    Model,
    Object,
    Query,
    Scalar,
    Table,
    union,
)
from archwise.engine.orm.iteration import depends, single
from archwise.engine.orm.queries import asked
from archwise.engine.orm.rows import kept_of, rows_of
from archwise.engine.orm.shortcuts import OF_ANY, OF_ARGUMENTS, Called
from archwise.engine.values import ClassValue, External

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.orm.evaluator import Evaluator
    from archwise.engine.orm.frames import Frame
    from archwise.engine.program import Code

_OF_COLUMNS = frozenset({"select", "query", "select_from"})
_OF_STATEMENTS = _OF_COLUMNS | statements.RUNS | statements.RUNS_SCALARS | {"get", "get_or_404", "scalar"}
_FILTERING = ("Filter", "FilterSet", "filter_class", "filterset_class")


class Results:
    """Evaluates calls."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def of_call(self, frame: Frame, op: ir.Call, index: int) -> Alternatives:
        """What a call gives."""
        frames = self._evaluator.calls.frames(frame, op)
        if frames:
            return union(*(self._evaluator.returned(inner) for inner in frames))
        bound = [each for each in self._evaluator.value(frame, op.function) if isinstance(each, (Bound, Model))]
        if bound:
            found = union(*(self._of_bound(frame, each, op, index) for each in bound if isinstance(each, Bound)))
            return found or self._by_name(frame, op, index)
        found = self._of_other(frame, op, index)
        if found:
            return found
        each = depends(union(*(self._evaluator.value(frame, argument) for argument in op.given)))
        each = each or depends(self._evaluator.value(frame, op.function))
        return (Scalar(each, False),) if each is not None else NOTHING

    # -- methods of querysets, containers and views

    def _of_bound(self, frame: Frame, bound: Bound, op: ir.Call, index: int) -> Alternatives:
        receiver, name = bound.receiver, bound.name
        if isinstance(receiver, Query):
            return asked(self._evaluator, frame, index, receiver, name)
        if isinstance(receiver, Table):
            return containers.of_table(self._evaluator, frame, receiver, name, op)
        if isinstance(receiver, Items):
            if name in ("pop", "popleft"):
                return tuple(map(single, receiver.items))
            return (receiver,) if name in ("copy", "page", "get_page") else NOTHING
        if isinstance(receiver, Object):
            return self._of_view(frame, receiver, name, op)
        if isinstance(receiver, Group):
            return NOTHING
        each = depends((receiver,))
        return (Scalar(each, True),) if each is not None else NOTHING

    # -- functions of other packages

    def _of_other(self, frame: Frame, op: ir.Call, index: int) -> Alternatives:
        function = frame.code.scope.ops[op.function]
        name = ir.identifier(function)
        if name == "super" or not name:
            return NOTHING
        if isinstance(function, ir.Attribute) and self._evaluator.calls.is_super(frame, function.value):
            return self._of_framework_super(frame, function.name, op, index)
        given = [self._evaluator.value(frame, argument) for argument in op.arguments]
        if found := self._by_name(frame, op, index):
            return found
        known = (OF_ARGUMENTS.get(name) if given else None) or OF_ANY.get(name)
        if known is not None:
            return known(Called(self._evaluator, frame, op, index, given))
        return union(*self._constructed(frame, op, index))

    def _by_name(self, frame: Frame, op: ir.Call, index: int) -> Alternatives:
        """What a call gives whatever it is called on: SQLAlchemy's statements and their results, filtered rows."""
        name = ir.identifier(frame.code.scope.ops[op.function])
        if name.endswith(_FILTERING):
            return self._filtered(frame, op)
        first = self._evaluator.value(frame, op.arguments[0]) if op.arguments and name in _OF_STATEMENTS else NOTHING
        if first and (found := self._of_session(frame, op, index, name, first)):
            return found
        return statements.of_columns(self._evaluator, frame, index, op) if name in _OF_COLUMNS else NOTHING

    def _of_session(self, frame: Frame, op: ir.Call, index: int, name: str, first: Alternatives) -> Alternatives:
        """What SQLAlchemy's ``select`` and the methods of its sessions give."""
        dialects = {
            self._evaluator.models.dialect(each.cls if isinstance(each, Model) else each.model)
            for each in first
            if isinstance(each, (Model, Query))
        }
        if dialects != {"sqlalchemy"}:
            return NOTHING
        if name in ("select", "query") and any(isinstance(each, Model) for each in first):
            if len(op.arguments) > 1:
                return statements.of_several(self._evaluator, frame, index, op)
            return statements.started(frame, index, first)
        if name in ("get", "get_or_404") and len(op.arguments) > 1:
            options = dict(op.keywords).get("options")
            query = Query(None, open=True) if options else None
            rows = statements.started(frame, index, first)
            return union(*(rows_of(query or each, None) for each in rows if isinstance(each, Query)))
        if name in statements.RUNS or name in statements.RUNS_SCALARS or name == "scalar":
            return statements.run(name, first)
        return NOTHING

    def _of_framework_super(self, frame: Frame, name: str, op: ir.Call, index: int) -> Alternatives:
        """What a method gives that the base class of another package defines: ``super().get_queryset()``."""
        receiver, _ = self._evaluator.calls.receiver_of(frame)
        if isinstance(receiver, Query):
            return asked(self._evaluator, frame, index, receiver, name)
        if not isinstance(receiver, Object):
            return NOTHING
        if name == "get_queryset":
            return self._evaluator.views.declared(frame, receiver)
        if name == "get_context_data":
            return self._context(frame, receiver, op)
        return self._of_view(frame, receiver, name, op)

    def _of_view(self, frame: Frame, view: Object, name: str, op: ir.Call) -> Alternatives:
        if name in ("filter_queryset", "paginate_queryset") and op.arguments:
            return self._evaluator.value(frame, op.arguments[-1])
        return self._evaluator.views.of_view(frame, view, name)

    def _context(self, frame: Frame, view: Object, op: ir.Call) -> Alternatives:
        """What a view gives its template, and what the call adds to that."""
        given = tuple((key, self._evaluator.value(frame, at)) for key, at in op.keywords)
        given += self._evaluator.calls.rest(frame) if op.starred else ()
        context = self._evaluator.rendering.context(frame, view)
        return tuple(Table(NOTHING, (*each.named, *given)) for each in context if isinstance(each, Table))

    def _filtered(self, frame: Frame, op: ir.Call) -> Alternatives:
        """The rows that a filter narrows, whose ``qs`` they are: ``OrderFilter(request.GET, queryset)``."""
        given = union(*(self._evaluator.value(frame, argument) for argument in op.given))
        return tuple(each for each in given if isinstance(each, Query) and each.home is None)

    def _constructed(self, frame: Frame, op: ir.Call, index: int) -> Iterator[Alternatives]:
        """The querysets and objects of the program that a call makes."""
        inference, managers, models = self._evaluator.inference, self._evaluator.managers, self._evaluator.models
        place = frame.code, index
        first = self._evaluator.value(frame, op.arguments[0]) if op.arguments else NOTHING
        queried = [each.cls for each in first if isinstance(each, Model)]
        for value in inference.values(frame.code, op.function):
            if isinstance(value, ClassValue) and managers.is_query_class(value.code):
                yield tuple(Query(model, place, kinds=(value.code,)) for model in queried)
            elif isinstance(value, ClassValue) and not models.is_model(value.code):
                yield (self._made(frame, op, value.code),)
            elif isinstance(value, External) and managers.is_query(inference.facts.canonical(value.name)):
                yield tuple(Query(model, place) for model in queried)

    def _made(self, frame: Frame, op: ir.Call, cls: Code) -> Object:
        """An object of a class of the program, with the rows that it is given."""
        init = self._evaluator.method(cls, "__init__")
        if init is None or not op.given:
            return Object(cls)
        given = self._evaluator.calls.entered(frame, init[0], op, Object(cls)).given
        return Object(cls, tuple((name, kept) for name, values in given.items() if (kept := kept_of(values))))
