"""Evaluates expressions to rows and querysets: in a function, with what it was called with."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from archwise.engine.orm.attributes import Attributes
from archwise.engine.orm.calls import Calls
from archwise.engine.orm.domain import NOTHING, Alternatives, Items, Model, Object, Query, Scalar, Table, Users, union
from archwise.engine.orm.fixpoint import Fixpoint
from archwise.engine.orm.frames import Frame, Frames
from archwise.engine.orm.generic_views import GenericViews
from archwise.engine.orm.iteration import goes_through_rows, placed
from archwise.engine.orm.managers import Managers
from archwise.engine.orm.methods import Methods
from archwise.engine.orm.models import Models
from archwise.engine.orm.names import NOWHERE, SOLVED, Names
from archwise.engine.orm.nesting import shallow
from archwise.engine.orm.operations import EVALUATE
from archwise.engine.orm.queries import texts_of
from archwise.engine.orm.registered import registered
from archwise.engine.orm.rendering import Rendering
from archwise.engine.orm.results import Results
from archwise.engine.orm.rows import rows_of
from archwise.engine.orm.translated import translated

if TYPE_CHECKING:
    from collections.abc import Mapping

    from archwise.engine.inference import Inference
    from archwise.engine.orm.domain import Place
    from archwise.engine.program import Code

_MOST_ALTERNATIVES = 8
_MOST_NESTED = 3
"""Containers in containers; a list that is put into itself would otherwise be another one in each round."""


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
        self.calls = Calls(self)
        self.results = Results(self)
        self.views = GenericViews(self)
        frames = Frames()
        self.frame = frames.of
        self.is_too_deep = frames.is_too_deep
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
        return translated(self, self.inference.annotations.values(code.parent, code.scope.returns_annotation))

    def value(self, frame: Frame, index: int) -> Alternatives:
        """What an operation may be; nothing where it is of no interest."""
        known = frame.known[index]
        if known is not None:
            return known
        source = frame.sources[index]
        if source is None:
            source = frame.sources[index] = self.names.source(
                frame.code, index, type(frame.code.scope.ops[index]) in EVALUATE
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
        found = self.names.filled(frame, index, name) if name else EVALUATE[type(op)](self, frame, op, index)
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
