"""Attributes that are read by their names: ``getattr(row, name)``, ``attrgetter("a.b")``, a serializer's ``source``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.orm.domain import Alternatives, Bound, Object, Row, union
from archwise.engine.orm.written import names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.orm.evaluator import Evaluator
    from archwise.engine.orm.frames import Frame
    from archwise.engine.orm.reads import Read, Reads

GETTER = "attrgetter"


class ByName:
    """Reads attributes by their names."""

    def __init__(self, evaluator: Evaluator, reads: Reads) -> None:
        self._evaluator = evaluator
        self._reads = reads

    def step(self, frame: Frame, index: int, values: Alternatives, name: str) -> tuple[list[Read], Alternatives]:
        """The reads of an attribute of each row among values, and what it gives; a method is called."""
        evaluator = self._evaluator
        reads: list[Read] = []
        groups: list[Alternatives] = []
        for row in values:
            if not isinstance(row, Row):
                continue
            reads += self._reads.attribute(frame, index, row, name)
            for found in evaluator.attributes.of_row(frame, row, name):
                method = evaluator.calls.method(found) if isinstance(found, Bound) else None
                if method is not None:
                    inner = evaluator.attributes.within(method[0], row, frame)
                    reads += self._reads.below(frame, index, inner)
                    groups.append(evaluator.returned(inner))
                elif not isinstance(found, Bound):
                    groups.append((found,))
        return reads, union(*groups)

    def got(self, frame: Frame, index: int, op: ir.Call, given: list[Alternatives]) -> Iterator[Read]:
        """The reads of ``sorted(rows, key=attrgetter("customer.name"))``."""
        ops = frame.code.scope.ops
        for argument in op.given:
            getter = ops[argument]
            if not isinstance(getter, ir.Call) or ir.identifier(ops[getter.function]) != GETTER:
                continue
            rows = self._evaluator.items(frame, tuple(value for values in given for value in values), index)
            for path in getter.arguments:
                values = rows
                for text in self._evaluator.texts(frame, path):
                    for name in text.split("."):
                        found, values = self.step(frame, index, values, name)
                        yield from found

    def fetched(self, frame: Frame, index: int, op: ir.Call, rows: Alternatives) -> Iterator[Read]:
        """The reads of ``getattr(row, name)``, also where the name comes out of a list."""
        for name in sorted(self._evaluator.texts(frame, op.arguments[1]) or self._listed(frame, op.arguments[1])):
            for row in rows:
                if isinstance(row, Row):
                    yield from self._reads.attribute(frame, index, row, name)

    def _listed(self, frame: Frame, index: int) -> frozenset[str]:
        """The names in a list of a class, ``for name in self.columns``, that a loop's variable goes through."""
        scope = frame.code.scope
        op = scope.ops[index]
        bindings = scope.bindings.get(op.id, ()) if isinstance(op, ir.Name) else ()
        element = scope.ops[bindings[0].value] if len(bindings) == 1 else op
        columns = scope.ops[element.value] if isinstance(element, ir.Element) else op
        found: set[str] = set()
        if not isinstance(columns, ir.Attribute):
            return frozenset()
        for each in self._evaluator.value(frame, columns.value):
            where = self._evaluator.views.where(each.cls, columns.name) if isinstance(each, Object) else None
            found.update((names(self._evaluator.inference, *where) or ()) if where is not None else ())
        return frozenset(found)
