"""Evaluates expressions to rows and querysets: in a function, with what it was called with."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.orm.attributes import Attributes
from archwise.engine.orm.domain import (
    NOTHING,
    Alternatives,
    Bound,
    Group,
    Items,
    Model,
    Object,
    Query,
    Row,
    Scalar,
    Table,
    Users,
    union,
)
from archwise.engine.orm.fixpoint import Fixpoint
from archwise.engine.orm.generic_views import GenericViews
from archwise.engine.orm.iteration import goes_through_rows, picked, placed, single
from archwise.engine.orm.managers import Managers
from archwise.engine.orm.methods import Methods
from archwise.engine.orm.models import Models
from archwise.engine.orm.names import NOWHERE, SOLVED, Names, is_repeated
from archwise.engine.orm.nesting import shallow
from archwise.engine.orm.queries import texts_of
from archwise.engine.orm.registered import registered
from archwise.engine.orm.rendering import Rendering
from archwise.engine.orm.results import Results
from archwise.engine.orm.rows import cut, opened, rows_of, waited
from archwise.engine.orm.users import DJANGO_USERS
from archwise.engine.templates.ops import Grouped, Lookup, Tagged
from archwise.engine.values import (
    ClassValue,
    External,
    ExternalInstance,
    Instance,
    ItemsOf,
    MappingOf,
    Self,
    Symbolic,
    TupleOf,
    Unknown,
    Value,
    Values,
    is_known,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from archwise.engine.inference import Inference
    from archwise.engine.orm.domain import Place
    from archwise.engine.program import Code

_LOGGED_IN = frozenset(f"{name}.current_user" for name in ("flask_login", "flask_security", "flask_jwt_extended"))
_CURRENT = frozenset({("request", "user"), ("g", "user"), ("g", "current_user")})
"""Where Django and Flask's extensions keep whoever is logged in."""
Given = tuple[tuple[str, Alternatives], ...]
_DEEPEST = 4
_RECURSION = 3
"""How much deeper a function is that calls itself: following it once more shows little that is new."""
_MOST_FRAMES = 60_000
_MOST_ALTERNATIVES = 8
_MOST_NESTED = 3
"""Containers in containers; a list that is put into itself would otherwise be another one in each round."""


class Frame:
    """A function with what its parameters are, at some depth of calls; two of the same are one object."""

    __slots__ = ("code", "depth", "given", "known", "outer", "sources")

    def __init__(self, code: Code, given: Given, outer: Frame | None, depth: int, sources: list[int | None]) -> None:
        self.code = code
        self.given = dict(given)
        self.outer = outer
        self.depth = depth
        self.sources = sources
        self.known: list[Alternatives | None] = [None] * len(sources)
        """The values of its operations that are settled."""


class Evaluator:
    """Evaluates operations on demand, each once a frame."""

    def __init__(self, inference: Inference, templates: Mapping[str, str]) -> None:
        """``templates`` are the texts of the program's templates by path."""
        self.inference = inference
        self.rendering = Rendering(self, templates)
        self.models = Models(inference)
        self.managers = Managers(inference)
        self.method = Methods(inference).named
        self.names = Names(self)
        self.attributes = Attributes(self)
        self.results = Results(self)
        self.views = GenericViews(self)
        self._frames: dict[tuple[Code, Given, Frame | None, int], Frame] = {}
        self._sources: dict[Code, list[int | None]] = {}
        self.over_rows: set[Place] = set()
        """The loops seen to go through rows or values of a query, whoever gives them."""
        self._cut: dict[Alternatives, Alternatives] = {}
        self._values: Fixpoint[tuple[Frame, int, str], Alternatives] = Fixpoint(self._evaluated, NOTHING)

    @functools.cached_property
    def users(self) -> Alternatives:
        """The model of users: the project's own, or Django's where something is known of its rows."""
        if self.models.user is not None:
            return (Model(self.models.user),)
        return (Users(),) if self.models.links_of_user else NOTHING

    @functools.cached_property
    def registered(self) -> dict[Code, list[Code]]:
        """The models that each admin class is registered for."""
        return registered(self)

    # -- frames

    def frame(self, code: Code, given: Given = (), outer: Frame | None = None, caller: Frame | None = None) -> Frame:
        """A function as it is called with ``given``; parameters that are not among them are what they are declared."""
        depth = 0
        if caller is not None:
            depth = caller.depth + (1 if caller.code is not code else _RECURSION)
        if depth > _DEEPEST:
            given, outer, depth = (), None, _DEEPEST + 1
        key = code, given, outer, depth
        found = self._frames.get(key)
        if found is None:
            sources = self._sources.get(code)
            if sources is None:
                sources = self._sources[code] = [None] * len(code.scope.ops)
            found = self._frames[key] = Frame(code, given, outer, depth, sources)
        return found

    def is_too_deep(self, frame: Frame) -> bool:
        """Whether calls nest so deeply, or are so many, that no more of them are followed."""
        return frame.depth > _DEEPEST or len(self._frames) > _MOST_FRAMES

    def returned(self, frame: Frame) -> Alternatives:
        """What calling a function gives; a generator function, the items that it yields."""
        if self.is_too_deep(frame):
            return NOTHING
        scope = frame.code.scope
        if scope.is_generator:
            return (Items(union(*(self.value(frame, index) for index in scope.yields))),)
        found = union(*(self.value(frame, index) for index in scope.results))
        return found or self._declared(frame.code)

    def _declared(self, code: Code) -> Alternatives:
        """What a function says that it gives."""
        if not code.scope.returns_annotation or code.parent is None:
            return NOTHING
        return self.of_values(self.inference.annotations.values(code.parent, code.scope.returns_annotation))

    # -- operations

    def value(self, frame: Frame, index: int) -> Alternatives:
        """What an operation may be; nothing where it is of no interest."""
        known = frame.known[index]
        if known is not None:
            return known
        source = frame.sources[index]
        if source is None:
            source = frame.sources[index] = self.names.source(
                frame.code, index, type(frame.code.scope.ops[index]) in _EVALUATE
            )
        if source > 0:
            found = self.value(frame, source)
            frame.known[index] = frame.known[source]
            return found
        if source == SOLVED:
            found = self._values.of((frame, index, ""))
            if self._values.is_settled:
                frame.known[index] = found
            return found
        return NOTHING if source == NOWHERE else self.names.at_once(frame, index, source)

    def contents(self, frame: Frame, index: int, name: str) -> Alternatives:
        """The container that an operation makes, with what its function puts into it under a name."""
        return self._values.of((frame, index, name))

    def _evaluated(self, key: tuple[Frame, int, str]) -> Alternatives:
        frame, index, name = key
        op = frame.code.scope.ops[index]
        found = self.names.filled(frame, index, name) if name else _EVALUATE[type(op)](self, frame, op, index)
        return found and self._shallow(found[:_MOST_ALTERNATIVES])

    def _shallow(self, values: Alternatives) -> Alternatives:
        """Alternatives that nest no deeper than is followed; most are met again and again."""
        found = self._cut.get(values)
        if found is None:
            found = self._cut[values] = shallow(values, _MOST_NESTED)
        return found

    def texts(self, frame: Frame, index: int) -> frozenset[str]:
        """The strings that an operation may be; none where it may be anything else."""
        return texts_of(self.inference.values(frame.code, index)) if index else frozenset()

    def of_values(self, values: Values) -> Alternatives:
        """The engine's own values, as rows and querysets."""
        return union(*(self._of_value(value) for value in values))

    def _of_value(self, value: Value) -> Alternatives:
        if isinstance(value, ClassValue):
            return (Model(value.code),) if self.models.is_model(value.code) else NOTHING
        if isinstance(value, External) and value.name in DJANGO_USERS:
            return self.users
        if isinstance(value, External) and value.name in _LOGGED_IN and self.models.user is not None:
            return (Row(self.models.user, Query(self.models.user, open=True)),)
        if isinstance(value, (Instance, Self)):
            return self.instance(value.code if isinstance(value, Instance) else value.cls)
        if isinstance(value, ItemsOf):
            return (Items(self.of_values(value.items)),) if is_known(value.items) else NOTHING
        if isinstance(value, MappingOf):
            return (Table(self.of_values(value.items)),) if is_known(value.items) else NOTHING
        if isinstance(value, TupleOf):
            return (Group(tuple(self.of_values(item) for item in value.items)),)
        if isinstance(value, ExternalInstance) and value.arguments and self.managers.is_query(value.name):
            for row in value.arguments[0]:
                if isinstance(row, Instance) and self.models.is_model(row.code):
                    return (Query(row.code, open=True),)
        return NOTHING

    def instance(self, cls: Code) -> Alternatives:
        """An instance of a class of the program of which nothing else is known."""
        if self.models.is_model(cls):
            return (Row(cls, Query(cls, open=True)),)
        if self.managers.is_query_class(cls):
            return (Query(None, open=True, kinds=(cls,)),)
        return (Object(cls),)

    def _name(self, frame: Frame, op: ir.Name, index: int) -> Alternatives:
        return self.names.read(frame, op.id, op.block, index)

    # -- other operations

    def _attribute(self, frame: Frame, op: ir.Attribute, index: int) -> Alternatives:
        base = self.value(frame, op.value)
        if all(isinstance(each, Bound) for each in base):
            holder, user = ir.identifier(frame.code.scope.ops[op.value]), self.models.user
            if (holder, op.name) in _CURRENT and (user is not None or self.models.links_of_user):
                return (Row(user, Query(user, of_users=user is None), is_user=user is None),)
            if holder == "user" and op.name in self.models.links_of_user:
                return self.attributes.guessed(frame, op)
        if not base:
            values = self.inference.values(frame.code, index)
            found = self.of_values(values)
            if found or not all(isinstance(value, (Unknown, Symbolic)) for value in values):
                return found
            return self.attributes.guessed(frame, op)
        return union(*(self.attributes.of(frame, each, op.name, index) for each in base))

    def _call(self, frame: Frame, op: ir.Call, index: int) -> Alternatives:
        return self.results.of_call(frame, op, index)

    def _element(self, frame: Frame, op: ir.Element, index: int) -> Alternatives:
        return self.items(frame, self.value(frame, op.value), index)

    def items(self, frame: Frame, values: Alternatives, index: int) -> Alternatives:
        """What a loop at an operation gives for each round."""
        place = frame.code, index
        if not values:
            return (Scalar(place, False),)
        groups = []
        for value in values:
            if goes_through_rows(value):
                self.over_rows.add(place)
            if isinstance(value, Query):
                groups.append(rows_of(value, place))
            elif isinstance(value, Items):
                groups.append(tuple(placed(item, place) for item in value.items) or (Scalar(place, False),))
            elif isinstance(value, Table) and value.keys:
                groups.append(tuple(placed(key, place) for key in value.keys))
            elif isinstance(value, Object):
                groups.append(self.attributes.iterated(frame, value, index))
            else:
                groups.append((Scalar(place, isinstance(value, Scalar) and value.rows),))
        return union(*groups)

    def _item(self, frame: Frame, op: ir.Item, index: int) -> Alternatives:
        key = frame.code.scope.ops[op.key]
        sliced = isinstance(key, ir.Constant) and key.kind == "slice"
        groups: list[Alternatives] = []
        for value in self.value(frame, op.value):
            if isinstance(value, Query):
                groups.append((cut(value, frame.code, key),) if sliced else rows_of(value, None))
            elif isinstance(value, Items):
                groups.append((value,) if sliced else picked(value.items, self.value(frame, op.key)))
            elif isinstance(value, Table):
                named = dict(value.named)
                text = key.text if isinstance(key, ir.Constant) else ""
                groups.append(named[text] if text in named else picked(value.items, self.value(frame, op.key)))
            elif isinstance(value, Group) and isinstance(key, ir.Constant) and key.text.isdigit():
                groups.append(value.items[int(key.text)] if int(key.text) < len(value.items) else NOTHING)
            elif isinstance(value, Scalar):
                groups.append((value,))
        return union(*groups)

    def _unpack(self, frame: Frame, op: ir.Unpack, index: int) -> Alternatives:
        groups: list[Alternatives] = []
        for value in self.value(frame, op.value):
            if isinstance(value, Group):
                if 0 <= op.position < len(value.items):
                    groups.append(value.items[op.position])
            elif isinstance(value, Scalar):
                groups.append((value,))
        return union(*groups)

    def _either(self, frame: Frame, op: ir.Either, index: int) -> Alternatives:
        return union(*(self.value(frame, option) for option in op.options))

    def _await(self, frame: Frame, op: ir.Await, index: int) -> Alternatives:
        found = self.value(frame, op.value)
        awaited = frame.code.scope.ops[op.value]
        if isinstance(awaited, ir.Call) and self.results.frames(frame, awaited):
            return found
        return tuple(map(waited, found))

    def _display(self, frame: Frame, op: ir.Display, index: int) -> Alternatives:
        if op.kind == "tuple":
            return (Group(tuple(self.value(frame, item) for item in op.items)),)
        items = union(*(self._held(frame, item) for item in op.items))
        return (Items(items),)

    def _held(self, frame: Frame, item: int) -> Alternatives:
        """What an item of a list may be; a row that is written out once is none of many."""
        found = tuple(map(single, self.value(frame, item)))
        many = isinstance(frame.code.scope.ops[item], ir.Element) or is_repeated(frame.code, item)
        return found if many else tuple(each for each in found if not isinstance(each, Row))

    def _mapping(self, frame: Frame, op: ir.Mapping, index: int) -> Alternatives:
        named = []
        for key, value in zip(op.keys, op.values, strict=True):
            text = frame.code.scope.ops[key]
            if isinstance(text, ir.Constant) and text.kind == "str":
                named.append((text.text, self.value(frame, value)))
        items = union(*(tuple(map(single, self.value(frame, value))) for value in op.values))
        keys = union(*(self.names.key(frame, key) for key in op.keys))
        return (Table(items, tuple(named), keys),)

    def _operation(self, frame: Frame, op: ir.Operation, index: int) -> Alternatives:
        if op.method not in ("__or__", "__and__", "__add__"):
            return NOTHING
        first, second = self.value(frame, op.value), self.value(frame, op.operand)
        if op.method == "__add__" or not any(isinstance(each, Query) for each in (*first, *second)):
            return union(first, second)
        return first or tuple(map(opened, second))  # two querysets load what the first of them does

    def _brought(self, frame: Frame, op: ir.Import | ir.Define, index: int) -> Alternatives:
        return self.of_values(self.inference.values(frame.code, index))

    # -- templates

    def _lookup(self, frame: Frame, op: Lookup, index: int) -> Alternatives:
        return self.rendering.looked_up(frame, op, index)

    def _tagged(self, frame: Frame, op: Tagged, index: int) -> Alternatives:
        return self.rendering.given(frame, op)

    def _grouped(self, frame: Frame, op: Grouped, index: int) -> Alternatives:
        return (Items((Table(NOTHING, (("list", self.value(frame, op.value)),)),)),)


_EVALUATE: dict[type, Callable[..., Alternatives]] = {
    ir.Name: Evaluator._name,
    ir.Attribute: Evaluator._attribute,
    ir.Call: Evaluator._call,
    ir.Element: Evaluator._element,
    ir.Item: Evaluator._item,
    ir.Unpack: Evaluator._unpack,
    ir.Either: Evaluator._either,
    ir.Await: Evaluator._await,
    ir.Display: Evaluator._display,
    ir.Mapping: Evaluator._mapping,
    ir.Operation: Evaluator._operation,
    ir.Import: Evaluator._brought,
    ir.Define: Evaluator._brought,
    Lookup: Evaluator._lookup,
    Grouped: Evaluator._grouped,
    Tagged: Evaluator._tagged,
}
