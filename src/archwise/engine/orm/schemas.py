"""What Pydantic's models read of each row that they are made from: of responses, and where code makes them itself.

FastAPI and Django Ninja make the declared model of a response from the attributes of what an endpoint returns; a field
that is called like a relation reads it (https://docs.pydantic.dev/latest/concepts/models/#arbitrary-class-instances).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.orm.domain import Row, Table
from archwise.engine.values import ClassValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archwise.engine.endpoints import Endpoint
    from archwise.engine.models import Field, Models
    from archwise.engine.orm.domain import Alternatives
    from archwise.engine.orm.evaluator import Evaluator
    from archwise.engine.orm.frames import Frame
    from archwise.engine.orm.reads import Read, Reads
    from archwise.engine.program import Code
    from archwise.engine.values import Values

MAKING = frozenset({"model_validate", "from_orm"})
"""Methods of a model's class that make one from a row."""
BASES = ("pydantic.BaseModel", "sqlmodel.SQLModel", "ninja.Schema")
_WHOLE = frozenset({"model_validator", "root_validator"})
_DEEPEST = 3


class Schemas:
    """Follows the fields of Pydantic's models into the relations of rows."""

    def __init__(self, evaluator: Evaluator, reads: Reads, models: Models) -> None:
        self._evaluator = evaluator
        self._reads = reads
        self._models = models

    def of_response(self, endpoint: Endpoint) -> Iterator[Read]:
        """The reads of the rows that an endpoint returns, where it declares its response."""
        frame = self._evaluator.frame(endpoint.code)
        schemas = [cls for cls in self._models.classes_in(self._declared(endpoint)) if self.is_schema(cls)]
        for index, op in endpoint.code.operations(ir.Return) if schemas else ():
            given = self._evaluator.value(frame, op.value)
            rows = (*given, *self._evaluator.items(frame, given, index))
            for row in rows:
                if isinstance(row, Row):
                    for read in self.of_row(frame, index, schemas[0], row):
                        yield msgspec.structs.replace(read, by=schemas[0])
                elif isinstance(row, Table):
                    yield from self._of_parts(frame, index, schemas[0], dict(row.named))

    def _declared(self, endpoint: Endpoint) -> Values:
        """What an endpoint declares to answer with."""
        given = endpoint.option("response_model") or endpoint.option("response")
        annotations = self._evaluator.inference.annotations
        if given:
            return annotations.values(endpoint.place, given)
        code = endpoint.code
        if code.scope.returns_annotation and code.parent is not None:
            return annotations.values(code.parent, code.scope.returns_annotation)
        return ()

    def constructed(self, frame: Frame, index: int, op: ir.Call) -> Iterator[Read]:
        """The reads of ``Page(items=rows)``, whose fields are models that are made of the rows."""
        for value in self._evaluator.inference.values(frame.code, op.function):
            if isinstance(value, ClassValue) and self.is_schema(value.code):
                given = tuple((name, self._evaluator.value(frame, at)) for name, at in op.keywords)
                yield from self._of_parts(frame, index, value.code, dict(given))

    def _of_parts(self, frame: Frame, index: int, cls: Code, given: dict[str, Alternatives]) -> Iterator[Read]:
        """The reads of a model that is made of rows by name."""
        for field in self._fields(cls) if any(given.values()) else ():
            values = given.get(field.name, ())
            rows = (*values, *self._evaluator.items(frame, values, index)) if values else ()
            for nested in self._nested(field) if rows else ():
                for row in rows:
                    if isinstance(row, Row):
                        for read in self.of_row(frame, index, nested, row):
                            yield msgspec.structs.replace(read, by=cls) if read.each == (frame.code, index) else read

    def made(self, frame: Frame, index: int, op: ir.Call, rows: Alternatives) -> Iterator[Read]:
        """The reads of ``Model.model_validate(row)``."""
        function = frame.code.scope.ops[op.function]
        if isinstance(function, ir.Attribute):
            for value in self._evaluator.inference.values(frame.code, function.value):
                if isinstance(value, ClassValue) and self.is_schema(value.code):
                    for row in rows:
                        if isinstance(row, Row):
                            yield from self.of_row(frame, index, value.code, row)

    def of_row(self, frame: Frame, index: int, cls: Code, row: Row, depth: int = 0) -> Iterator[Read]:
        """The reads that making a model from one row makes, at an operation."""
        for field in self._fields(cls):
            yield from self._reads.attribute(frame, index, row, field.name)
            link = self._evaluator.attributes.link(row, field.name)
            if link is None:
                continue
            values = self._evaluator.attributes.of_row(frame, row, field.name)
            yield from self._reads.consumed(frame, index, values)
            related = (*values, *self._evaluator.items(frame, values, index)) if link.many else values
            for nested in self._nested(field) if depth < _DEEPEST else ():
                for other in related:
                    if isinstance(other, Row):
                        yield from self.of_row(frame, index, nested, other, depth + 1)

    def _nested(self, field: Field) -> Iterator[Code]:
        values = self._evaluator.inference.annotations.values(field.owner, field.annotation)
        return (cls for cls in self._models.classes_in(values) if self.is_schema(cls))

    def _fields(self, cls: Code) -> Iterable[Field]:
        """The fields of a model that are read by their names; none where it takes the row apart itself."""
        methods = self._evaluator.inference.classes.methods(cls)
        names = {name for method in methods for name in method.decorator_names}
        if self._models.is_row(cls) or not _WHOLE.isdisjoint(names):
            return ()
        return (
            field for field in self._models.fields(cls) if self._evaluator.method(cls, f"resolve_{field.name}") is None
        )

    def is_schema(self, cls: Code) -> bool:
        """Whether a class is one of Pydantic's models, or made of them."""
        return bool(cls.scope.bases) and any(self._evaluator.models.derives(cls, base) for base in BASES)
