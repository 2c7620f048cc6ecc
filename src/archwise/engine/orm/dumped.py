"""What Marshmallow's schemas read of each row that they dump: nested ones, attributes, methods and functions.

A field reads the attribute of its name, or of ``attribute=``; ``only`` and ``exclude`` take some of them away
(https://marshmallow.readthedocs.io/en/stable/nesting.html).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.orm.domain import Object, Row, union
from archwise.engine.orm.written import names
from archwise.engine.values import ClassValue, FunctionValue, Instance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.orm.domain import Alternatives, Place
    from archwise.engine.orm.evaluator import Evaluator
    from archwise.engine.orm.frames import Frame
    from archwise.engine.orm.reads import Read, Reads
    from archwise.engine.program import Code

DUMPING = frozenset({"dump", "dumps", "jsonify"})
ANSWERING = frozenset({"response", "output", "marshal_with", "marshal"})
"""Decorators of flask-smorest, APIFlask and flask-apispec that dump what an endpoint returns."""
_PACKAGES = ("marshmallow", "flask_marshmallow", "marshmallow_sqlalchemy", "apiflask", "flask_smorest")
_BASES = frozenset({"Schema", "SQLAlchemySchema", "SQLAlchemyAutoSchema", "ModelSchema"})
_DEEPEST = 4


class Chosen(msgspec.Struct, frozen=True):
    """A schema as it is made: the fields that are left of it, None for all, and whether it is for many rows."""

    cls: Code
    only: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    many: bool = False


class Dumped:
    """Follows the fields of Marshmallow's schemas."""

    def __init__(self, evaluator: Evaluator, reads: Reads) -> None:
        self._evaluator = evaluator
        self._reads = reads
        self._is_schema: dict[Code, bool] = {}

    def is_schema(self, cls: Code) -> bool:
        """Whether a class is one of Marshmallow's schemas."""
        found = self._is_schema.get(cls)
        if found is None:
            order = self._evaluator.inference.classes.order(cls) if cls.scope.bases else ()
            found = self._is_schema[cls] = any(map(_is_base, order))
        return found

    def called(self, frame: Frame, index: int, op: ir.Call, shown: Alternatives) -> Iterator[Read]:
        """The reads of ``schema.dump(rows)``."""
        function = frame.code.scope.ops[op.function]
        chosen = self._made(frame.code, function.value) if isinstance(function, ir.Attribute) else None
        if chosen is not None:
            many = chosen.many or _text(frame.code, op.argument("many")) == "True"
            yield from self._of_rows(frame, index, msgspec.structs.replace(chosen, many=many), shown)

    def answered(self, frame: Frame) -> Iterator[Read]:
        """The reads of the schema that a decorator dumps the rows with that an endpoint returns."""
        code = frame.code
        for parent, decorator in code.decorators:
            op = parent.scope.ops[decorator]
            if not isinstance(op, ir.Call) or parent.callee_name(decorator) not in ANSWERING:
                continue
            for chosen in (self._made(parent, argument) for argument in op.given):
                for index in code.scope.results if chosen is not None else ():
                    if chosen is not None:
                        yield from self._of_rows(frame, index, chosen, self._evaluator.value(frame, index))

    def _of_rows(self, frame: Frame, index: int, chosen: Chosen, shown: Alternatives) -> Iterator[Read]:
        rows = [row for row in shown if isinstance(row, Row) and row.each is not None]
        if chosen.many or any(not isinstance(each, Row) for each in shown):
            rows += [row for row in self._evaluator.items(frame, shown, index) if isinstance(row, Row)] if shown else []
        for row in rows:
            is_shown_here = row.each == (frame.code, index)
            for read in self._of_row(frame, index, chosen, row):
                by = chosen.cls if is_shown_here and read.each == row.each else read.by
                yield msgspec.structs.replace(read, hops=((frame.code, index), *read.hops), by=by)

    # -- how schemas are made

    def _made(self, code: Code, index: int, steps: int = 4) -> Chosen | None:
        """The schema that an expression makes, or that a name holds."""
        op = code.scope.ops[index]
        if isinstance(op, ir.Call):
            for value in self._evaluator.inference.values(code, op.function):
                if isinstance(value, ClassValue) and self.is_schema(value.code):
                    return self._with(code, op, Chosen(value.code))
        if isinstance(op, ir.Name) and steps:
            place = self._bound(code, op.id)
            return self._made(*place, steps - 1) if place is not None else None
        if isinstance(op, ir.Import) and steps:
            program = self._evaluator.inference.program
            module = program.modules.get(program.absolute(code.module, op.level, op.module) or "")
            place = self._bound(module.code, op.name) if module is not None and op.name else None
            if place is not None:
                return self._made(*place, steps - 1)
        for value in self._evaluator.inference.values(code, index):
            if isinstance(value, (ClassValue, Instance)) and self.is_schema(value.code):
                return Chosen(value.code)
        return None

    def _bound(self, code: Code, name: str) -> Place | None:
        """Where a name is bound, in a function or else in its module, if it is but once."""
        for holder in (code, code.module.code):
            bindings = holder.scope.bindings.get(name, ())
            if bindings:
                return (holder, bindings[0].value) if len(bindings) == 1 and bindings[0].value else None
        return None

    def _with(self, code: Code, op: ir.Call, chosen: Chosen) -> Chosen:
        """A schema with what a call chooses of it."""
        given = dict(op.keywords)
        only = self._names(code, given["only"]) if "only" in given else chosen.only
        exclude = (*chosen.exclude, *(self._names(code, given["exclude"]) if "exclude" in given else ()))
        many = chosen.many or _text(code, given.get("many", 0)) == "True"
        return Chosen(chosen.cls, only, exclude, many)

    def _names(self, code: Code, index: int) -> tuple[str, ...]:
        """The names in a list that is written out; none where it is not."""
        text = _text(code, index)
        return (text,) if text else tuple(names(self._evaluator.inference, code, index) or ())

    # -- fields

    def _of_row(self, frame: Frame, index: int, chosen: Chosen, row: Row, depth: int = 0) -> Iterator[Read]:
        hidden = {*chosen.exclude, *self._meta(chosen.cls, "exclude")}
        listed = chosen.only
        for name, (owner, at) in self._fields(chosen.cls).items():
            if name in hidden or (listed is not None and not any(_is_below(path, name) for path in listed)):
                continue
            op = owner.scope.ops[at]
            if isinstance(op, ir.Call) and _text(owner, op.argument("load_only")) != "True":
                below = chosen if chosen.only is not None or chosen.exclude else None
                yield from self._of_field(frame, index, chosen.cls, (owner, at), name, row, below, depth)

    def _of_field(
        self,
        frame: Frame,
        index: int,
        cls: Code,
        place: Place,
        name: str,
        row: Row,
        chosen: Chosen | None,
        depth: int,
    ) -> Iterator[Read]:
        owner, at = place
        here = self._evaluator.frame(owner)
        op = owner.scope.ops[at]
        assert isinstance(op, ir.Call)
        kind = ir.identifier(owner.scope.ops[op.function])
        if kind in ("Method", "Function"):
            yield from self._custom(here, at, cls, op, kind, row)
            return
        values: Alternatives = (row,)
        for step in (_text(owner, op.argument("attribute")) or name).split("."):
            for value in values:
                if isinstance(value, Row):
                    yield from self._reads.attribute(here, at, value, step)
            values = union(
                *(self._evaluator.attributes.of_row(here, each, step) for each in values if isinstance(each, Row))
            )
        yield from self._reads.consumed(here, at, values)
        nested = self._nested(owner, op, kind, cls)
        if nested is None or depth >= _DEEPEST:
            return
        if chosen is not None:
            nested = _narrowed(nested, chosen, name)
        related = [each for each in values if isinstance(each, Row)]
        if any(not isinstance(each, Row) for each in values):
            related += [each for each in self._evaluator.items(frame, values, index) if isinstance(each, Row)]
        for other in related:
            yield from self._of_row(frame, index, nested, other, depth + 1)

    def _custom(self, frame: Frame, index: int, cls: Code, op: ir.Call, kind: str, row: Row) -> Iterator[Read]:
        """The reads of a method of the schema, or of a function, that is given the row."""
        first = op.argument(0, "serialize")
        evaluator, owner = self._evaluator, frame.code
        if kind == "Method":
            method = evaluator.method(cls, _text(owner, first))
            names_ = [parameter.name for parameter in method[0].scope.parameters[:2]] if method is not None else []
            if method is not None and len(names_) == 2:
                given = ((names_[0], (Object(cls),)), (names_[1], (row,)))
                yield from self._reads.below(frame, index, evaluator.frame(method[0], given, None, frame))
            return
        for value in evaluator.inference.values(owner, first) if first else ():
            if isinstance(value, FunctionValue) and value.code.scope.parameters:
                made = ((value.code.scope.parameters[0].name, (row,)),)
                yield from self._reads.below(frame, index, evaluator.frame(value.code, made, None, frame))

    def _nested(self, owner: Code, op: ir.Call, kind: str, cls: Code) -> Chosen | None:
        """The schema of a nested field, also in a list of them."""
        first = op.argument(0, "nested")
        if kind == "List" and first:
            inner = owner.scope.ops[first]
            if isinstance(inner, ir.Call):
                return self._nested(owner, inner, ir.identifier(owner.scope.ops[inner.function]), cls)
        if kind not in ("Nested", "Pluck") or not first:
            return None
        text = _text(owner, first)
        named = self._named(text.rpartition(".")[2], owner) if text and text != "self" else cls if text else None
        found = Chosen(named) if named is not None else self._lazily(owner, first)
        if found is None:
            return None
        if kind == "Pluck" and len(op.arguments) > 1:
            return Chosen(found.cls, (_text(owner, op.arguments[1]),))
        return self._with(owner, op, found)

    def _lazily(self, owner: Code, index: int) -> Chosen | None:
        """A nested schema that is written out, or that ``lambda: Schema(only=…)`` makes."""
        for value in self._evaluator.inference.values(owner, index):
            if isinstance(value, FunctionValue) and len(value.code.scope.results) == 1:
                return self._made(value.code, value.code.scope.results[0])
        return self._made(owner, index)

    def _named(self, name: str, near: Code) -> Code | None:
        found = [
            cls for cls in self._evaluator.inference.program.classes if cls.scope.name == name and self.is_schema(cls)
        ]
        here = [cls for cls in found if cls.module is near.module]
        return here[0] if len(here) == 1 else found[0] if len(found) == 1 else None

    def _fields(self, cls: Code) -> dict[str, Place]:
        """Where each field of a schema is declared, those of bases included."""
        found: dict[str, Place] = {}
        for entry in self._evaluator.inference.classes.order(cls):
            for name, bindings in entry.scope.bindings.items() if not isinstance(entry, str) else ():
                if not isinstance(entry, str) and isinstance(entry.scope.ops[bindings[-1].value], ir.Call):
                    found.setdefault(name, (entry, bindings[-1].value))
        return found

    def _meta(self, cls: Code, name: str) -> tuple[str, ...]:
        """The names that a schema's ``Meta`` lists."""
        for meta in cls.module.codes:
            if meta.parent is cls and meta.scope.name == "Meta" and name in meta.scope.bindings:
                return self._names(meta, meta.scope.bindings[name][-1].value)
        return ()


def _narrowed(nested: Chosen, chosen: Chosen, name: str) -> Chosen:
    """A nested schema with what the schema around it chooses of it: ``only=("customer.name",)``."""
    only = nested.only
    below = tuple(path.partition(".")[2] for path in chosen.only or () if _is_below(path, name) and "." in path)
    if below and name not in (chosen.only or ()):
        only = below
    hidden = tuple(path.partition(".")[2] for path in chosen.exclude if path.startswith(f"{name}."))
    return Chosen(nested.cls, only, (*nested.exclude, *hidden), nested.many)


def _is_below(path: str, name: str) -> bool:
    return path.partition(".")[0] == name


def _is_base(entry: Code | str) -> bool:
    """Whether a class is Marshmallow's, or derives from what an extension's object has: ``ma.Schema``."""
    if isinstance(entry, str):
        package, _, name = entry.rpartition(".")
        return name in _BASES and package.partition(".")[0] in _PACKAGES
    bases = (ir.path(entry.parent.scope.ops, base) for base in entry.scope.bases) if entry.parent is not None else ()
    return any(path.startswith("ma.") and path.rpartition(".")[2] in _BASES for path in bases)


def _text(code: Code, index: int) -> str:
    op = code.scope.ops[index]
    return op.text if isinstance(op, ir.Constant) else ""
