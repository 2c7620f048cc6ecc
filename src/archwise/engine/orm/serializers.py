"""What serializers read of each row that they show."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

import msgspec

from archwise.engine import ir
from archwise.engine.orm.domain import Alternatives, Bound, Class, Object, Query, Row
from archwise.engine.orm.rows import rows_of
from archwise.engine.orm.written import names
from archwise.engine.values import ClassValue, External

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.orm.evaluator import Evaluator
    from archwise.engine.orm.frames import Frame
    from archwise.engine.orm.models import Link
    from archwise.engine.orm.reads import Read, Reads
    from archwise.engine.program import Code

BASE = "rest_framework.serializers.BaseSerializer"
_MODEL_BASE = "rest_framework.serializers.ModelSerializer"
_HIDDEN = "HiddenField"
"""A field that takes its value from the request, and is never shown."""
_DEEPEST = 4
_KEYS = frozenset({"PrimaryKeyRelatedField", "HyperlinkedRelatedField"})
_WITH_ROWS = "use_pk_only_optimization"
"""What such a field overrides to be given the row itself."""


class Field(msgspec.Struct, frozen=True, gc=False):
    """A field of a serializer: what it is called, what it reads of a row, and how."""

    name: str
    source: str
    kind: str
    owner: Code
    op: int
    nested: Code | None = None
    many: bool = False


class Serializers:
    """Follows serializers' fields."""

    def __init__(self, evaluator: Evaluator, reads: Reads) -> None:
        self._evaluator = evaluator
        self._reads = reads
        self._fields: dict[Code, tuple[Field, ...]] = {}

    def is_serializer(self, cls: Code) -> bool:
        """Whether a class is a serializer."""
        return bool(cls.scope.bases) and self._evaluator.models.derives(cls, BASE)

    def of_row(self, cls: Code, row: Row, depth: int = 0) -> Iterator[Read]:
        """The reads that showing one row with a serializer makes."""
        frame = self._evaluator.frame(cls)
        custom = self._evaluator.method(cls, "to_representation")
        if custom is not None:
            yield from self._called(frame, 0, custom[0], cls, row)
            if not _calls_super(custom[0]):
                return
        for field in self.fields(cls):
            yield from self._of_field(self._evaluator.frame(field.owner), cls, field, row, depth)

    def made(self, frame: Frame, index: int, op: ir.Call, shown: Alternatives) -> Iterator[Read]:
        """The reads of a serializer that a call makes for many rows, or for one that a loop gives."""
        many = any(keyword == "many" for keyword, _ in op.keywords)
        rows = self._evaluator.items(frame, shown, index) if shown and many else shown
        classes = tuple(self._classes_called(frame, op)) if rows else ()
        if many and classes:
            yield from self._reads.consumed(frame, index, shown)
        for cls in classes:
            for row in rows:
                if isinstance(row, Row) and row.each is not None:
                    for read in self.of_row(cls, row):
                        hops = ((frame.code, index), *read.hops)
                        yield msgspec.structs.replace(read, hops=hops, by=cls if many else read.by)

    def _classes_called(self, frame: Frame, op: ir.Call) -> Iterator[Code]:
        """The serializers that a call makes one of: by their names, or that of the view around."""
        for value in self._evaluator.inference.values(frame.code, op.function):
            if isinstance(value, ClassValue) and self.is_serializer(value.code):
                yield value.code
        for each in self._evaluator.value(frame, op.function):
            if isinstance(each, Class) and self.is_serializer(each.cls):
                yield each.cls
            if isinstance(each, Bound) and each.name == "get_serializer" and isinstance(each.receiver, Object):
                found = self._evaluator.views.serializers(each.receiver.cls, frame.code.scope.name)
                yield from found if len(found) == 1 else ()

    def _of_field(self, frame: Frame, cls: Code, field: Field, row: Row, depth: int) -> Iterator[Read]:
        if field.kind == "method":
            method = self._evaluator.method(cls, field.source)
            if method is not None:
                yield from self._called(frame, field.op, method[0], cls, row)
            return
        steps = field.source.split(".") if field.source != "*" else []
        values: Alternatives = (row,)
        for position, name in enumerate(steps):
            if field.kind == "key" and position == len(steps) - 1 and self._is_key(values, name):
                return
            reads, values = self._reads.by_name.step(frame, field.op, values, name)
            yield from reads
        if field.kind == "own":
            yield from self._represented(frame, field, values)
            return
        if field.nested is None:
            if field.many or field.kind == "key":
                yield from self._reads.consumed(frame, field.op, values)
            if field.kind == "text":
                yield from self._reads.shown(frame, field.op, values)
            return
        yield from self._nested(frame, field, values, depth)

    def _nested(self, frame: Frame, field: Field, values: Alternatives, depth: int) -> Iterator[Read]:
        if field.nested is None or depth >= _DEEPEST:
            return
        for value in values:
            if isinstance(value, Query):
                yield from self._reads.consumed(frame, field.op, (value,))
                each = (field.owner, field.op)
                for shown in rows_of(value, each):
                    if isinstance(shown, Row):
                        yield from self.of_row(field.nested, shown, depth + 1)
            elif isinstance(value, Row):
                yield from self.of_row(field.nested, value, depth + 1)

    def _called(self, frame: Frame, op: int, method: Code, cls: Code, row: Row) -> Iterator[Read]:
        """The reads of a method of the serializer that is given the row."""
        names = [parameter.name for parameter in method.scope.parameters[:2]]
        if len(names) == 2:
            given = ((names[0], (Object(cls),)), (names[1], (row,)))
            yield from self._reads.below(frame, op, self._evaluator.frame(method, given, None, frame))

    def _is_key(self, values: Alternatives, name: str) -> bool:
        """Whether the key that a field shows stands in the row itself."""
        links = [self._evaluator.attributes.link(value, name) for value in values if isinstance(value, Row)]
        return any(link is not None and not link.many and link.declared for link in links)

    def _represented(self, frame: Frame, field: Field, values: Alternatives) -> Iterator[Read]:
        """The reads of a field whose class is the program's own and makes of a value what it shows."""
        method = self._evaluator.method(field.nested, "to_representation") if field.nested is not None else None
        if field.many:
            yield from self._reads.consumed(frame, field.op, values)
            values = self._evaluator.items(frame, values, field.op)
        for value in values if method is not None else ():
            if isinstance(value, Row) and method is not None and field.nested is not None:
                yield from self._called(frame, field.op, method[0], field.nested, value)

    # -- fields

    def fields(self, cls: Code) -> tuple[Field, ...]:
        """The fields that a serializer shows, as far as they are seen."""
        found = self._fields.get(cls)
        if found is None:
            self._fields[cls] = ()
            found = self._fields[cls] = tuple(self._find_fields(cls))
        return found

    def _find_fields(self, cls: Code) -> Iterator[Field]:
        if self._chooses(cls):
            return
        declared: dict[str, Field | None] = {}
        for entry in self._evaluator.inference.classes.order(cls):
            if isinstance(entry, str):
                continue
            for name, bindings in entry.scope.bindings.items():
                made = entry.scope.ops[bindings[-1].value]
                if name not in declared and isinstance(made, ir.Call):
                    declared[name] = self._declared(entry, name, made, bindings[-1].value)
        named = self._named(cls)
        for name, field in declared.items():
            if field is not None and (named is None or name in named):
                yield field
        if not self._evaluator.models.derives(cls, _MODEL_BASE):
            return
        is_deep = self._is_deep(cls)
        for name, op in (named if named is not None else self._of_model(cls, is_deep)).items():
            if name not in declared:
                yield Field(name, name, "value" if is_deep else "key", cls, op, None, is_deep)

    def _is_deep(self, cls: Code) -> bool:
        """Whether a serializer shows the rows that relations lead to, and not their keys alone: ``Meta.depth``."""
        metas = (meta for meta in self._metas(cls) if "depth" in meta.scope.bindings)
        return any(_text(meta, meta.scope.bindings["depth"][-1].value) not in ("", "0") for meta in metas)

    def _chooses(self, cls: Code) -> bool:
        """Whether a serializer decides when it runs which of its fields it shows."""
        if any(self._evaluator.method(cls, name) is not None for name in ("get_fields", "get_field_names")):
            return True
        made = self._evaluator.method(cls, "__init__")
        return made is not None and any(
            isinstance(op, ir.Attribute) and op.name == "pop" and ir.identifier(made[0].scope.ops[op.value]) == "fields"
            for op in made[0].scope.ops
        )

    def _of_model(self, cls: Code, is_deep: bool) -> dict[str, int]:
        """The fields that a relation must be read for, of a serializer that shows all fields of its model."""
        for meta in self._metas(cls):
            bindings = meta.scope.bindings
            hidden = self._written(meta, "exclude") if "exclude" in bindings else ()
            whole = "fields" in bindings and _text(meta, bindings["fields"][-1].value) == "__all__"
            if "model" in bindings and (whole or hidden):
                values = self._evaluator.inference.values(meta, bindings["model"][-1].value)
                links = [
                    link
                    for value in values
                    if isinstance(value, ClassValue)
                    for link in self._evaluator.models.links(value.code).values()
                ]
                return {link.name: 0 for link in links if self._is_shown(link, is_deep) and link.name not in hidden}
        return {}

    def _is_shown(self, link: Link, is_deep: bool) -> bool:
        """Whether a serializer of all fields reads a relation: not a key to one row, nor one that has none back."""
        is_plain = link.declared and self._evaluator.models.back_of(link) != "none"
        return is_plain and (link.many or (is_deep and not link.generic))

    def _metas(self, cls: Code) -> Iterator[Code]:
        """The nearest ``Meta`` class of a serializer, and those that this one derives from."""
        classes = self._evaluator.inference.classes
        for entry in classes.order(cls):
            inner = entry.module.codes if not isinstance(entry, str) else ()
            for meta in inner:
                if meta.parent is entry and meta.scope.name == "Meta":
                    yield from (each for each in classes.order(meta) if not isinstance(each, str))
                    return

    def _written(self, meta: Code, name: str) -> tuple[str, ...]:
        """The strings of a list that is written out; none where it is not."""
        display = meta.scope.ops[meta.scope.bindings[name][-1].value]
        return tuple(_text(meta, item) for item in display.items) if isinstance(display, ir.Display) else ()

    def _declared(self, cls: Code, name: str, op: ir.Call, index: int) -> Field | None:
        """A field that a class body declares; None where the call makes something else, or one that is not shown."""
        if _text(cls, op.argument("write_only")) == "True" or ir.identifier(cls.scope.ops[op.function]) == _HIDDEN:
            return None
        source = _text(cls, op.argument("source")) or name
        many = _text(cls, op.argument("many")) == "True"
        for value in self._evaluator.inference.values(cls, op.function):
            if isinstance(value, ClassValue) and self.is_serializer(value.code):
                return Field(name, source, "nested", cls, index, value.code, many)
            if not isinstance(value, (ClassValue, External)):
                continue
            kind = ir.identifier(cls.scope.ops[op.function])
            if kind == "SerializerMethodField":
                return Field(name, _text(cls, op.argument("method_name", 0)) or f"get_{name}", "method", cls, index)
            if kind == "StringRelatedField":
                return Field(name, source, "text", cls, index, None, many)
            if kind == "HyperlinkedIdentityField" and not many:
                return None  # a link to the row itself
            if self._represents(value, many):
                return Field(name, source, "own", cls, index, value.code, many)
            if (kind in _KEYS or self._is_key_field(value)) and _text(cls, op.argument("lookup_field")) in ("", "pk"):
                return Field(name, source, "key", cls, index, None, many)
            if kind.endswith("Field"):
                return Field(name, source, "value", cls, index, None, many)
        return None

    def _is_key_field(self, value: ClassValue | External) -> bool:
        """Whether a field of the program's own is one that is given keys and no rows."""
        if not isinstance(value, ClassValue):
            return False
        derives = self._evaluator.models.derives
        is_derived = any(derives(value.code, f"rest_framework.serializers.{name}") for name in _KEYS)
        return is_derived and self._evaluator.method(value.code, _WITH_ROWS) is None

    def _represents(self, value: ClassValue | External, many: bool) -> TypeGuard[ClassValue]:
        """Whether a field of the program's own is given whole rows, of which it makes what it shows."""
        if not isinstance(value, ClassValue) or self._evaluator.method(value.code, "to_representation") is None:
            return False
        bases = [base.rpartition(".")[2] for base in self._evaluator.inference.classes.external_bases(value.code)]
        shows_rows = many or self._evaluator.method(value.code, _WITH_ROWS) is not None
        return any(base.endswith("Field") and (shows_rows or base not in _KEYS) for base in bases)

    def _named(self, cls: Code) -> dict[str, int] | None:
        """The names in ``Meta.fields`` and where they stand; None where they are not written out."""
        for meta in self._metas(cls):
            if "fields" in meta.scope.bindings:
                texts = names(self._evaluator.inference, meta, meta.scope.bindings["fields"][-1].value)
                return dict.fromkeys(texts, 0) if texts and all(texts) else None
        return None


def _text(code: Code, index: int) -> str:
    op = code.scope.ops[index]
    return op.text if isinstance(op, ir.Constant) else ""


def _calls_super(code: Code) -> bool:
    """Whether an overriding method calls the one that it overrides."""
    return any(isinstance(op, ir.Name) and op.id == "super" for op in code.scope.ops)
