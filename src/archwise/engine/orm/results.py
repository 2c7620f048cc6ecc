"""What calls give: of querysets' methods, of the program's functions, of the built-ins and shortcuts."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.orm import containers, flags, statements
from archwise.engine.orm.domain import (
    NOTHING,
    Alternatives,
    Bound,
    Class,
    Found,
    Function,
    Group,
    Items,
    Model,
    Object,
    Page,
    Query,
    Row,
    Scalar,
    Table,
    union,
)
from archwise.engine.orm.iteration import depends, single
from archwise.engine.orm.queries import asked, is_extended
from archwise.engine.orm.rows import kept_of, rows_of
from archwise.engine.orm.translated import translated
from archwise.engine.values import ClassValue, External, ExternalInstance, FunctionValue, Instance, Method, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.orm.evaluator import Evaluator
    from archwise.engine.orm.frames import Frame
    from archwise.engine.program import Code

_LISTED = frozenset(
    {"list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "filter", "islice", "deque", "copy", "deepcopy"}
)
_OF_COLUMNS = frozenset({"select", "query", "select_from"})
_OF_STATEMENTS = _OF_COLUMNS | statements.RUNS | statements.RUNS_SCALARS | {"get", "get_or_404", "scalar"}
_FILTERING = ("Filter", "FilterSet", "filter_class", "filterset_class")
_FETCHED = frozenset({"get_object_or_404", "aget_object_or_404"})
_FETCHED_LISTS = frozenset({"get_list_or_404", "aget_list_or_404"})


class Results:
    """Evaluates calls."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def of_call(self, frame: Frame, op: ir.Call, index: int) -> Alternatives:
        """What a call gives."""
        frames = self.frames(frame, op)
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

    # -- code of the program

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
                    found.append(self._entered(frame, code, op, receiver))
            elif isinstance(each, Function):
                found.append(self._entered(frame, each.code, op, None, each.outer))
        if receivers:
            return found
        if isinstance(function, ir.Attribute) and self._is_super(frame, function.value):
            return self._of_super(frame, function.name, op)
        for value in evaluator.inference.values(frame.code, op.function):
            if isinstance(value, FunctionValue):
                found.append(self._entered(frame, value.code, op, None))
            elif isinstance(value, Method):
                receivers = translated(evaluator, (value.receiver,))
                if isinstance(value.receiver, ClassValue):
                    receivers = (Model(value.receiver.code),)
                found.extend(self._entered(frame, value.code, op, each) for each in receivers)
        return found

    def initialized(self, frame: Frame, op: ir.Call) -> Iterator[Frame]:
        """The ``__init__`` of the program's classes that a call makes an object of, models apart."""
        evaluator = self._evaluator
        for value in evaluator.inference.values(frame.code, op.function):
            if isinstance(value, ClassValue) and not evaluator.models.is_model(value.code):
                found = evaluator.method(value.code, "__init__")
                if found is not None:
                    yield self._entered(frame, found[0], op, Object(value.code))

    def _made(self, frame: Frame, op: ir.Call, cls: Code) -> Object:
        """An object of a class of the program, with the rows that it is given."""
        init = self._evaluator.method(cls, "__init__")
        if init is None or not op.given:
            return Object(cls)
        given = self._entered(frame, init[0], op, Object(cls)).given
        return Object(cls, tuple((name, kept) for name, values in given.items() if (kept := kept_of(values))))

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

    def _is_super(self, frame: Frame, index: int) -> bool:
        op = frame.code.scope.ops[index]
        return isinstance(op, ir.Call) and ir.identifier(frame.code.scope.ops[op.function]) == "super"

    def _receiver(self, frame: Frame) -> tuple[Found | None, Code | None]:
        """The object that the method around runs on, and the class it stands in."""
        while frame.code.owner is None and frame.outer is not None:
            frame = frame.outer
        owner, parameters = frame.code.owner, frame.code.scope.parameters
        given = self._evaluator.names.parameter(frame, parameters[0].name) if parameters else NOTHING
        return (given[0] if given else None), owner

    def _of_super(self, frame: Frame, name: str, op: ir.Call) -> list[Frame]:
        receiver, owner = self._receiver(frame)
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
                return [self._entered(frame, found[0], op, receiver)]
        return []

    def _entered(
        self, frame: Frame, code: Code, op: ir.Call, receiver: Found | None, around: Frame | None = None
    ) -> Frame:
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
            if parameter.kind == "kwargs" and op.starred and (passed := self._rest(frame)):
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
            if name in ("filter_queryset", "paginate_queryset") and op.arguments:
                return self._evaluator.value(frame, op.arguments[-1])
            return self._evaluator.views.of_view(frame, receiver, name)
        if isinstance(receiver, Group):
            return NOTHING
        each = depends((receiver,))
        return (Scalar(each, True),) if each is not None else NOTHING

    # -- functions of other packages

    def _of_other(self, frame: Frame, op: ir.Call, index: int) -> Alternatives:
        evaluator = self._evaluator
        name = ir.identifier(frame.code.scope.ops[op.function])
        if name == "super" or not name:
            return NOTHING
        function = frame.code.scope.ops[op.function]
        if isinstance(function, ir.Attribute) and self._is_super(frame, function.value):
            return self._of_framework_super(frame, function.name, op, index)
        given = [evaluator.value(frame, argument) for argument in op.arguments]
        if name in _LISTED and given:
            return given[1] if name == "filter" and len(given) > 1 else given[0]
        if found := self._by_name(frame, op, index):
            return found
        match name:
            case "enumerate" if given:
                return (Items((Group((NOTHING, containers.members(given[0]))),)),)
            case "zip":
                return (Items((Group(tuple(map(containers.members, given))),)),)
            case "fromkeys" if given:
                return (Items(containers.members(given[0])),)
            case "chain":
                return union(*given)
            case "next" | "min" | "max" if given:
                return containers.members(given[0])
            case "getattr" if len(given) > 1:
                texts = evaluator.texts(frame, op.arguments[1])
                return union(
                    *(evaluator.attributes.of(frame, each, text, index) for each in given[0] for text in sorted(texts))
                )
            case "Paginator" | "paginate" if given:
                return given[0]
            case "filter_queryset" | "paginate_queryset":
                return tuple(each for values in given for each in values if isinstance(each, Query))
            case "get_template" if op.arguments:
                pages = map(evaluator.rendering.named, evaluator.texts(frame, op.arguments[0]))
                return tuple(Page(page) for page in pages if page is not None)
            case "dict" if not given:
                return (Table(NOTHING, tuple((key, evaluator.value(frame, at)) for key, at in op.keywords)),)
            case "dict":
                return tuple(map(containers.paired, given[0]))
            case "defaultdict":
                return (Table(NOTHING),)
            case "groupby" if given:
                return (Items((containers.grouped(evaluator, frame, op, given[0]),)),)
            case "get_model" | "get_user_model":
                return self._model(frame, op, name)
        if name in _FETCHED and given:
            each = depends(union(*given[1:], *(evaluator.value(frame, at) for _, at in op.keywords)))
            queries = [query for value in given[0] if isinstance(query := self._queried(value, frame, index), Query)]
            tied = [msgspec.structs.replace(query, each=query.each or each) for query in queries]
            return union(*(rows_of(query, query.each) for query in tied))
        if name in _FETCHED_LISTS and given:
            return tuple(self._queried(value, frame, index) for value in given[0])
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
        if not any(isinstance(each, (Model, Query)) for each in first):
            return NOTHING
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
        receiver, _ = self._receiver(frame)
        evaluator = self._evaluator
        if isinstance(receiver, Query):
            return asked(evaluator, frame, index, receiver, name)
        if isinstance(receiver, Object):
            if name in ("filter_queryset", "paginate_queryset") and op.arguments:
                return self._evaluator.value(frame, op.arguments[-1])
            if name == "get_queryset":
                return self._evaluator.views.declared(frame, receiver)
            if name == "get_context_data":
                given = tuple((key, evaluator.value(frame, at)) for key, at in op.keywords)
                given += self._rest(frame) if op.starred else ()
                return tuple(
                    Table(NOTHING, (*each.named, *given))
                    for each in evaluator.rendering.context(frame, receiver)
                    if isinstance(each, Table)
                )
            return self._evaluator.views.of_view(frame, receiver, name)
        return NOTHING

    def _rest(self, frame: Frame) -> tuple[tuple[str, Alternatives], ...]:
        """What a function passes on in its ``**kwargs``."""
        for parameter in frame.code.scope.parameters:
            if parameter.kind == "kwargs":
                for each in self._evaluator.names.rest(frame, parameter.name):
                    return each.named if isinstance(each, Table) else ()
        return ()

    def _filtered(self, frame: Frame, op: ir.Call) -> Alternatives:
        """The rows that a filter narrows, whose ``qs`` they are: ``OrderFilter(request.GET, queryset)``."""
        given = union(*(self._evaluator.value(frame, argument) for argument in op.given))
        return tuple(each for each in given if isinstance(each, Query) and each.home is None)

    def _queried(self, found: Found, frame: Frame, index: int) -> Found:
        return Query(found.cls, (frame.code, index)) if isinstance(found, Model) else found

    def _model(self, frame: Frame, op: ir.Call, name: str) -> Alternatives:
        models = self._evaluator.models
        if name == "get_user_model":
            return self._evaluator.users
        texts = [self._evaluator.texts(frame, argument) for argument in op.arguments]
        if not texts or any(len(text) != 1 for text in texts):
            return NOTHING
        found = models.named(".".join(next(iter(text)) for text in texts), frame.code)
        return (Model(found),) if found is not None else NOTHING

    def _constructed(self, frame: Frame, op: ir.Call, index: int) -> Iterator[Alternatives]:
        """Objects of the program that a call makes."""
        evaluator = self._evaluator
        for value in evaluator.inference.values(frame.code, op.function):
            if isinstance(value, ClassValue):
                if evaluator.managers.is_query_class(value.code):
                    given = evaluator.value(frame, op.arguments[0]) if op.arguments else NOTHING
                    for each in given:
                        if isinstance(each, Model):
                            yield (Query(each.cls, (frame.code, index), kinds=(value.code,)),)
                elif not evaluator.models.is_model(value.code):
                    yield (self._made(frame, op, value.code),)
            elif isinstance(value, External) and evaluator.managers.is_query(
                evaluator.inference.facts.canonical(value.name)
            ):
                given = evaluator.value(frame, op.arguments[0]) if op.arguments else NOTHING
                yield tuple(Query(each.cls, (frame.code, index)) for each in given if isinstance(each, Model))
            elif isinstance(value, (Instance, Self, ExternalInstance)):
                yield NOTHING
