"""Classes that declare data: Pydantic's models and the models of ORMs, with their fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.values import Instance, ItemsOf, MappingOf, TupleOf, Values
from archwise.engine.values import Literal as LiteralValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

_SCHEMAS = frozenset(
    {
        *("pydantic.BaseModel", "pydantic.main.BaseModel", "pydantic.RootModel", "pydantic.generics.GenericModel"),
        *("pydantic.v1.BaseModel", "sqlmodel.SQLModel", "pydantic_settings.BaseSettings", "pydantic.BaseSettings"),
    }
)
_ROWS = frozenset(
    {
        *("sqlalchemy.orm.DeclarativeBase", "django.db.models.Model", "tortoise.models.Model", "tortoise.Model"),
        *("peewee.Model", "mongoengine.Document", "flask_sqlalchemy.model.Model"),
    }
)
_BARE = frozenset({"dict", "Dict", "Any", "Mapping", "MutableMapping", "object"})


class Field:
    """A field: where it is declared, and the operations of its annotation and of its value there, 0 where none."""

    __slots__ = ("annotation", "name", "owner", "value")

    def __init__(self, owner: Code, name: str, annotation: int, value: int) -> None:
        self.owner, self.name, self.annotation, self.value = owner, name, annotation, value


class Models:
    """Tells which classes declare data."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._fields: dict[Code, tuple[Field, ...]] = {}

    def is_schema(self, cls: Code) -> bool:
        """Whether Pydantic validates and serializes instances of a class."""
        return not _SCHEMAS.isdisjoint(self._inference.classes.external_bases(cls))

    def is_row(self, cls: Code) -> bool:
        """Whether instances of a class are rows of a database."""
        bases = self._inference.classes.external_bases(cls)
        return not _ROWS.isdisjoint(bases) or ("sqlmodel.SQLModel" in bases and self._is_table(cls))

    def _is_table(self, cls: Code) -> bool:
        for entry in self._inference.classes.order(cls):
            given = 0 if isinstance(entry, str) else dict(entry.scope.keywords).get("table", 0)
            if given and not isinstance(entry, str) and entry.parent is not None:
                values = self._inference.values(entry.parent, given)
                return any(isinstance(value, LiteralValue) and value.text == "True" for value in values)
        return False

    def fields(self, cls: Code) -> tuple[Field, ...]:
        """The annotated fields of a class and of those of the program it derives from, its own last."""
        found = self._fields.get(cls)
        if found is None:
            named: dict[str, Field] = {}
            for entry in reversed(self._inference.classes.order(cls)):
                if isinstance(entry, str):
                    continue
                for name, bindings in entry.scope.bindings.items():
                    annotated = next((b for b in bindings if b.annotation), None)
                    if annotated is not None and not name.startswith("_"):
                        named[name] = Field(entry, name, annotated.annotation, annotated.value)
            found = self._fields[cls] = tuple(named.values())
        return found

    def classes_in(self, values: Values) -> Iterator[Code]:
        """The classes of the program whose instances values are or hold."""
        for value in values:
            if isinstance(value, Instance):
                yield value.code
            elif isinstance(value, (ItemsOf, MappingOf)):
                yield from self.classes_in(value.items)
            elif isinstance(value, TupleOf):
                for item in value.items:
                    yield from self.classes_in(item)

    def option(self, code: Code, index: int, name: str) -> int:
        """The operation that a call gives a keyword, as ``Field(exclude=True)`` does; 0 where it gives none."""
        op = code.scope.ops[index]
        return op.argument(name) if isinstance(op, ir.Call) else 0


def is_bare(code: Code, index: int) -> bool:
    """Whether an annotation is ``dict``, ``dict[str, Any]``, ``Any`` or such a type or nothing."""
    op = code.scope.ops[index]
    if isinstance(op, ir.Operation) and op.method == "__or__":
        return is_bare(code, op.value)
    if isinstance(op, ir.Item):
        name = ir.identifier(code.scope.ops[op.value])
        key = code.scope.ops[op.key]
        if name == "Optional":
            return is_bare(code, op.key)
        last = key.items[-1] if isinstance(key, ir.Display) and key.items else 0
        return name in _BARE and bool(last) and ir.identifier(code.scope.ops[last]) in ("Any", "object")
    return ir.identifier(op) in _BARE
