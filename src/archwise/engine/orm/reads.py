"""Which reads of a loop's rows send a query each: found in the loop's function and in all that it calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.orm import callbacks, flags, statements
from archwise.engine.orm.by_name import ByName
from archwise.engine.orm.domain import Alternatives, Bound, Found, Items, Model, Object, Place, Query, Row, Scalar
from archwise.engine.orm.dumped import DUMPING, Dumped
from archwise.engine.orm.fixpoint import Fixpoint
from archwise.engine.orm.iteration import depends, is_of_loop
from archwise.engine.orm.queries import ASKING, REMEMBERED, given_to
from archwise.engine.orm.rounds import ends, is_inside
from archwise.engine.orm.rows import is_loaded
from archwise.engine.orm.schemas import MAKING, Schemas
from archwise.engine.orm.serializers import Serializers
from archwise.engine.orm.signs import CONSUMED, CONSUMING, FETCHED, GIVEN, KEYED, SENT, SHOWING, SHOWN
from archwise.engine.orm.telling import Telling
from archwise.engine.templates.ops import Include, Lookup, Tagged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archwise.engine.models import Models
    from archwise.engine.orm.evaluator import Evaluator
    from archwise.engine.orm.frames import Frame
    from archwise.engine.orm.models import Link
    from archwise.engine.program import Code

_MOST_HOPS = 5
_ASKED_WITHIN = 6
"""Operations between a name and the end of the container that it is looked for in, at most."""


class Read(msgspec.Struct, frozen=True, gc=False):
    """One read that sends a query for each round of a loop.

    ``row`` and ``link`` where it follows a relation, ``query`` where it asks a query of its own. ``hops`` lead from the
    loop's function to the place. ``by`` is the serializer that goes through the rows, where one does.
    """

    each: Place
    hops: tuple[Place, ...]
    row: Row | None = None
    link: Link | None = None
    query: Query | None = None
    by: Code | None = None


class Reads:
    """Walks functions for reads."""

    def __init__(self, evaluator: Evaluator, models: Models) -> None:
        self._evaluator = evaluator
        self.by_name = ByName(evaluator, self)
        self.serializers = Serializers(evaluator, self)
        self.dumped = Dumped(evaluator, self)
        self.schemas = Schemas(evaluator, self, models)
        self._telling = Telling(evaluator.inference.program, evaluator.models, evaluator.rendering.has_templates)
        self._found: Fixpoint[Frame, tuple[Read, ...]] = Fixpoint(self._walked, ())
        self.settled: dict[Read, None] = {}
        """The reads found in the functions walked so far, whose loop is known."""
        self.raising: dict[Read, None] = {}
        """The reads that would need a query where none can be awaited."""
        self.loaded: set[tuple[Place, Place | None, tuple[str, ...]]] = set()
        """The relations that some variant of a query loads, by the loop and the place where the query starts."""

    def walk(self, frame: Frame) -> tuple[Read, ...]:
        """The reads in a function, and below it, of what loops of its callers give it."""
        return self._found.of(frame)

    def _walked(self, frame: Frame) -> tuple[Read, ...]:
        return tuple(dict.fromkeys(self._walk(frame))) if not self._evaluator.is_too_deep(frame) else ()

    def _walk(self, frame: Frame) -> Iterator[Read]:
        code = frame.code
        if self._evaluator.rendering.is_template(code):
            yield from self._extended(frame)
        is_given, given = _is_given(frame), flags.known(frame)
        for index, where in self._telling.operations(code):
            if where == GIVEN and not is_given:
                continue
            op = code.scope.ops[index]
            if flags.are_against(given, code, op):
                continue
            for read in _FINDERS[type(op)](self, frame, index, op):
                if read.each != (code, index) and ends(code, index, read.each[1] if read.each[0] is code else 0):
                    continue
                if read.each[0] is not code:
                    if len(read.hops) < _MOST_HOPS:
                        yield read
                elif is_inside(code, index, read.each[1]):
                    self.settled[read] = None

    def _extended(self, frame: Frame) -> Iterator[Read]:
        """The reads of the templates that a template extends, less those in blocks that it replaces."""
        for parent, replaced in self._evaluator.rendering.parts(frame):
            for read in self.walk(parent):
                if not any(first <= read.hops[0][1] <= last for first, last in replaced):
                    yield read

    # -- operations

    def _attribute(self, frame: Frame, index: int, op: ir.Attribute) -> Iterator[Read]:
        for value in self._evaluator.value(frame, op.value):
            if isinstance(value, Row):
                yield from self.attribute(frame, index, value, op.name)

    def attribute(self, frame: Frame, index: int, row: Row, name: str) -> Iterator[Read]:
        """The reads of ``row.name``."""
        attributes = self._evaluator.attributes
        link = attributes.link(row, name)
        if link is not None:
            at_once = not link.many or link.orm == "sqlalchemy"
            if link.orm == "tortoise" and not _is_awaited(frame.code, index):
                return
            if not at_once or self._is_loaded(row, link) or _is_set(frame.code, index, name):
                return
            if link.orm == "sqlalchemy" and _is_looked_up(frame.code, name):
                return
            if row.query.waited and link.orm == "sqlalchemy":
                made = row.query.made or (frame.code, index)
                self.raising[Read(made, ((frame.code, index),), row, link)] = None
            elif row.each is not None:
                yield Read(row.each, ((frame.code, index),), row, link)
            return
        body = attributes.property(row, name)
        if body is not None:
            yield from self.below(frame, index, attributes.within(body, row, frame))

    def _element(self, frame: Frame, index: int, op: ir.Element) -> Iterator[Read]:
        yield from self.consumed(frame, index, self._evaluator.value(frame, op.value))

    def _await(self, frame: Frame, index: int, op: ir.Await) -> Iterator[Read]:
        yield from self.consumed(frame, index, self._evaluator.value(frame, op.value))

    def _operation(self, frame: Frame, index: int, op: ir.Operation) -> Iterator[Read]:
        values = self._evaluator.value(frame, op.value)
        if op.method in CONSUMED:
            yield from self.consumed(frame, index, values)
        elif op.method in SHOWN:
            shown = values if op.method != "__mod__" else self._evaluator.value(frame, op.operand)
            yield from self.shown(frame, index, shown)

    def _item(self, frame: Frame, index: int, op: ir.Item) -> Iterator[Read]:
        key = frame.code.scope.ops[op.key]
        if not (isinstance(key, ir.Constant) and key.kind == "slice"):
            yield from self.consumed(frame, index, self._evaluator.value(frame, op.value))

    def _call(self, frame: Frame, index: int, op: ir.Call) -> Iterator[Read]:
        evaluator = self._evaluator
        for page in evaluator.rendering.rendered(frame, op):
            yield from self.below(frame, index, page)
        called = evaluator.calls.frames(frame, op)
        for each in called or evaluator.calls.initialized(frame, op):
            if any(_matters(value) for values in each.given.values() for value in values):
                yield from self.below(frame, index, each)
        if called:
            return
        for value in evaluator.value(frame, op.function):
            if isinstance(value, Bound) and isinstance(value.receiver, Query):
                yield from self._asked(frame, index, value.receiver, value.name)
        name = ir.identifier(frame.code.scope.ops[op.function])
        if name in _LOOKED_INTO:
            yield from self._of_arguments(frame, index, op, name)
        if name in self._telling.serializers or any(keyword == "many" for keyword, _ in op.keywords):
            shown = op.argument("instance", 0)
            yield from self.serializers.made(frame, index, op, evaluator.value(frame, shown) if shown else ())
        if name in self._telling.schemas and op.keywords:
            yield from self.schemas.constructed(frame, index, op)
        if name == "fetch_related":
            yield from self._fetched(frame, index, op)

    def _of_arguments(self, frame: Frame, index: int, op: ir.Call, name: str) -> Iterator[Read]:
        """The reads of a function that does something with the rows it is given, told by its name."""
        given = [self._evaluator.value(frame, argument) for argument in op.arguments]
        if name in CONSUMING:
            for values in given:
                yield from self.consumed(frame, index, values)
        if name in SHOWING:
            for values in given:
                yield from self.shown(frame, index, values)
        if name in KEYED:
            for each in callbacks.frames(self._evaluator, frame, index, op, given):
                yield from self.below(frame, index, each)
            yield from self.by_name.got(frame, index, op, given)
        if name == "map" and ir.identifier(frame.code.scope.ops[op.argument(0)]) in SHOWING:
            for values in given[1:]:
                yield from self.shown(frame, index, self._evaluator.items(frame, values, index))
        if not given:
            return
        if name == "getattr" and len(given) > 1:
            yield from self.by_name.fetched(frame, index, op, given[0])
        if name in DUMPING:
            yield from self.dumped.called(frame, index, op, given[0])
        if name in MAKING:
            yield from self.schemas.made(frame, index, op, given[0])
        if name in FETCHED:
            yield from self._got(frame, index, op, given[0])
        if name in SENT:
            yield from self._sent(frame, index, name, given)

    def _got(self, frame: Frame, index: int, op: ir.Call, given: Alternatives) -> Iterator[Read]:
        """The query of ``get_object_or_404(Model, key)``."""
        for value in given:
            query = value if isinstance(value, Query) else Query(value.cls) if isinstance(value, Model) else None
            each = depends(given_to(self._evaluator, frame, op))
            if query is not None and each is not None:
                yield Read(each, ((frame.code, index),), query=query)

    def _sent(self, frame: Frame, index: int, name: str, given: list[Alternatives]) -> Iterator[Read]:
        """The query that a session of SQLAlchemy sends: a statement, or ``session.get(Model, key)``."""
        for value in given[0]:
            if isinstance(value, Query) and value.each is not None and name != "get":
                if self._evaluator.models.dialect(value.model) == "sqlalchemy":
                    yield Read(value.each, ((frame.code, index),), query=value)
            elif isinstance(value, Model) and name == "get" and len(given) > 1:
                each = depends(given[1])
                if each is not None and self._evaluator.models.dialect(value.cls) == "sqlalchemy":
                    yield Read(each, ((frame.code, index),), query=Query(value.cls))

    def _fetched(self, frame: Frame, index: int, op: ir.Call) -> Iterator[Read]:
        """The reads of ``await row.fetch_related("name")``, which Tortoise's rows have."""
        function = frame.code.scope.ops[op.function]
        names = [name for argument in op.arguments for name in sorted(self._evaluator.texts(frame, argument))]
        for row in self._evaluator.value(frame, function.value) if isinstance(function, ir.Attribute) else ():
            if not isinstance(row, Row) or row.each is None:
                continue
            for name in names:
                link = self._evaluator.attributes.link(row, name)
                if link is not None and not is_loaded(row, link):
                    yield Read(row.each, ((frame.code, index),), row, link)

    def _lookup(self, frame: Frame, index: int, op: Lookup) -> Iterator[Read]:
        """The reads of ``value.name`` in a template."""
        evaluator = self._evaluator
        for value in evaluator.value(frame, op.value):
            if isinstance(value, Row):
                yield from self.attribute(frame, index, value, op.name)
            for found in evaluator.attributes.of(frame, value, op.name, index) if _has_methods(value) else ():
                if isinstance(found, Bound):
                    inner = evaluator.rendering.method(frame, found)
                    if inner is not None:
                        yield from self.below(frame, index, inner)
                    elif isinstance(found.receiver, Query):
                        yield from self._asked(frame, index, found.receiver, found.name)

    def _include(self, frame: Frame, index: int, op: Include) -> Iterator[Read]:
        inner = self._evaluator.rendering.included(frame, op)
        if inner is not None:
            yield from self.below(frame, index, inner)

    def _tagged(self, frame: Frame, index: int, op: Tagged) -> Iterator[Read]:
        inner = self._evaluator.rendering.tagged(frame, op)
        if inner is not None:
            yield from self.below(frame, index, inner)
            for page in self._evaluator.rendering.shown_by(inner, op):
                yield from self.below(frame, index, page)

    # -- what happens to values

    def _asked(self, frame: Frame, index: int, query: Query, name: str) -> Iterator[Read]:
        """A method of a queryset that sends a query at once."""
        is_declarative = query.model is not None and self._evaluator.models.dialect(query.model) == "sqlalchemy"
        if name not in (statements.SENDING if is_declarative else ASKING):
            return
        if query.home is not None and name in REMEMBERED:
            yield from self.consumed(frame, index, (query,))
            return
        op = frame.code.scope.ops[index]
        each = query.each or (query.home.each if query.home is not None else None)
        if each is None and isinstance(op, ir.Call):
            each = depends(given_to(self._evaluator, frame, op))
        if each is not None:
            yield Read(each, ((frame.code, index),), query=query)

    def consumed(self, frame: Frame, index: int, values: Alternatives) -> Iterator[Read]:
        """The query that a queryset sends when its rows are first needed."""
        for value in values:
            if not isinstance(value, Query):
                continue
            home, link = value.home, value.link
            if home is not None and link is not None:
                if home.each is not None and not self._is_loaded(home, link):
                    yield Read(home.each, ((frame.code, index),), home, link)
            elif value.each is not None:
                yield Read(value.each, ((frame.code, index),), query=value)

    def _is_loaded(self, row: Row, link: Link) -> bool:
        found = is_loaded(row, link)
        if found and row.each is not None:
            self.loaded.add((row.each, row.query.made, (*row.path, link.name)))
        return found

    def shown(self, frame: Frame, index: int, values: Alternatives) -> Iterator[Read]:
        """The reads of a text that is made of rows."""
        for value in values:
            for each in value.items if isinstance(value, Items) else (value,):
                if isinstance(each, Row) and each.model is not None:
                    method = self._evaluator.method(each.model, "__str__") or self._evaluator.method(
                        each.model, "__repr__"
                    )
                    if method is not None:
                        yield from self.below(frame, index, self._evaluator.attributes.within(method[0], each, frame))

    def below(self, frame: Frame, index: int, inner: Frame) -> Iterator[Read]:
        """The reads of a function that an operation runs."""
        for read in self.walk(inner):
            yield msgspec.structs.replace(read, hops=((frame.code, index), *read.hops))


_LOOKED_INTO = CONSUMING | SHOWING | KEYED | FETCHED | SENT | DUMPING | MAKING | {"getattr"}
"""The functions whose arguments may lead to a read."""


def _matters(found: Found) -> bool:
    """Whether a function that is given this can do more with it than is seen in the function alone."""
    if isinstance(found, Row):
        return found.each is not None or found.query.waited
    if isinstance(found, Query):
        return not found.open if found.home is None else found.home.each is not None or not found.home.query.open
    if isinstance(found, Items):
        return any(isinstance(item, Row) and not item.query.open for item in found.items)
    return isinstance(found, Scalar) or (isinstance(found, Object) and bool(found.given))


def _is_given(frame: Frame | None) -> bool:
    """Whether a caller's loop gives a function, or one around it, something that depends on its rounds."""
    while frame is not None:
        if any(is_of_loop(value) for values in frame.given.values() for value in values):
            return True
        frame = frame.outer
    return False


def _has_methods(found: Found) -> bool:
    return isinstance(found, (Row, Query, Object))


def _is_awaited(code: Code, index: int) -> bool:
    return any(op.value == index for _, op in code.operations(ir.Await))


def _is_set(code: Code, index: int, name: str) -> bool:
    """Whether the function itself gives the attribute that is read at an operation a value, for all that is seen."""
    ops = code.scope.ops
    op = ops[index]
    base = ir.path(ops, op.value) if isinstance(op, ir.Attribute) else ""
    targets = [store.target for store in code.scope.stores if store.name == name and not store.item]
    return any(not base or ir.path(ops, target) in ("", base) for target in targets)


def _is_looked_up(code: Code, name: str) -> bool:
    """Whether the function asks if the attribute is loaded: ``"lines" in inspect(order).dict``."""
    ops = code.scope.ops
    return any(
        isinstance(op, ir.Operation)
        and op.method == "__contains__"
        and any(
            isinstance(each, ir.Constant) and each.text == name for each in ops[max(0, index - _ASKED_WITHIN) : index]
        )
        for index, op in enumerate(ops)
    )


_FINDERS: dict[type, Callable[..., Iterator[Read]]] = {
    ir.Attribute: Reads._attribute,
    ir.Call: Reads._call,
    ir.Element: Reads._element,
    ir.Await: Reads._await,
    ir.Item: Reads._item,
    ir.Operation: Reads._operation,
    Lookup: Reads._lookup,
    Include: Reads._include,
    Tagged: Reads._tagged,
}
