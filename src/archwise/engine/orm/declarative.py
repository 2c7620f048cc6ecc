"""Relations as SQLAlchemy's models declare them: ``relationship()``, with or without an annotation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from archwise.engine import ir
from archwise.engine.values import ClassValue, Instance, ItemsOf

if TYPE_CHECKING:
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

Loading = Literal["lazy", "eager", "dynamic", "other"]
_EAGER = frozenset({"joined", "selectin", "subquery", "immediate", "False"})
_ATTRIBUTES = frozenset({"declared_attr", "directive", "cascading"})
_LAZY = frozenset({"", "select", "True"})


def loading_of(cls: Code, op: ir.Call) -> Loading:
    """How a relationship comes to be loaded; ``dynamic`` where as a query, ``other`` where not at all."""
    lazy = _text(cls, op.argument("lazy"))
    nested = op.argument("sa_relationship_kwargs")
    if nested:
        given = cls.scope.ops[nested]
        if not isinstance(given, ir.Mapping):
            return "other"
        for key, value in zip(given.keys, given.values, strict=True):
            lazy = _text(cls, value) if _text(cls, key) == "lazy" else lazy
    known: dict[str, Loading] = {"dynamic": "dynamic", **dict.fromkeys(_EAGER, "eager"), **dict.fromkeys(_LAZY, "lazy")}
    return known.get(lazy, "other")


def target_of(inference: Inference, cls: Code, op: ir.Call, annotation: int) -> tuple[str, Code | None, bool | None]:
    """The related model, by name and as a class where that is seen, and whether a row has many of it, where known."""
    many: bool | None = True if _text(cls, op.argument("uselist")) == "True" else None
    if _text(cls, op.argument("uselist")) == "False":
        many = False
    if annotation:
        for value in inference.annotations.values(cls, annotation):
            if isinstance(value, Instance):
                return value.code.scope.name, value.code, False
            if isinstance(value, ItemsOf):
                found = next((item.code for item in value.items if isinstance(item, Instance)), None)
                many = True
                if found is not None:
                    return found.scope.name, found, True
    if not op.arguments:
        return _last_name(cls, annotation), None, many
    first = op.arguments[0]
    text = _text(cls, first)
    if text:
        return text, None, many
    for value in inference.values(cls, first):
        if isinstance(value, ClassValue):
            return value.code.scope.name, value.code, many
    return "", None, many


def is_many(inference: Inference, cls: Code, op: ir.Call, target: Code) -> bool:
    """Whether a row has many of the related model, as where its foreign key lies tells."""
    named = dict(op.keywords)
    if target is cls:
        return "remote_side" not in named
    owners = (each for each in inference.classes.order(cls) if not isinstance(each, str))
    return "secondary" in named or not any(_is_key(each, op, target) for each in owners for op in each.scope.ops)


def keys(cls: Code, target: Code) -> frozenset[str]:
    """The columns of a class body that are foreign keys to a model."""
    found = set()
    for name, bindings in cls.scope.bindings.items():
        made = cls.scope.ops[bindings[-1].value]
        if isinstance(made, ir.Call):
            given = made.given
            if any(_is_key(cls, cls.scope.ops[index], target) for index in given):
                found.add(name)
    return frozenset(found)


def _is_key(cls: Code, op: ir.AnyOp, target: Code) -> bool:
    if not isinstance(op, ir.Call) or ir.identifier(cls.scope.ops[op.function]) != "ForeignKey" or not op.arguments:
        return False
    column = cls.scope.ops[op.arguments[0]]
    if isinstance(column, ir.Attribute):
        return ir.identifier(cls.scope.ops[column.value]) == target.scope.name
    return _is_table_of(_text(cls, op.arguments[0]).rpartition(".")[0].rpartition(".")[2], target)


def _is_table_of(table: str, model: Code) -> bool:
    """Whether a model's table has a name: the one it says, else one made of the class's (``order_lines``)."""
    bindings = model.scope.bindings.get("__tablename__", ())
    said = _text(model, bindings[-1].value) if bindings else ""
    if said or not table:
        return bool(table) and said == table
    bare, name = table.lower().replace("_", ""), model.scope.name.lower().replace("_", "")
    return bare in (name, f"{name}s", f"{name}es", f"{name[:-1]}ies")


def inverse_of(cls: Code, op: ir.Call) -> str:
    """The name of the relation back, which loading one side sets on the other."""
    named = dict(op.keywords)
    return _text(cls, named.get("back_populates", 0)) or backref_of(cls, op)[0]


def backref_of(cls: Code, op: ir.Call) -> tuple[str, Loading]:
    """The name of the relation that a relationship makes on the other side, and how it comes to be loaded."""
    index = op.argument("backref")
    made = cls.scope.ops[index]
    if isinstance(made, ir.Call):
        return (_text(cls, made.arguments[0]) if made.arguments else ""), loading_of(cls, made)
    return _text(cls, index), "lazy"


def is_attribute(code: Code) -> bool:
    """Whether a method of a mixin stands for an attribute of the models that derive from it."""
    return any(name in _ATTRIBUTES for name in code.decorator_names)


def _last_name(cls: Code, annotation: int) -> str:
    """The class that an annotation such as ``list["Line"]`` names."""
    op = cls.scope.ops[annotation]
    if isinstance(op, ir.Item):
        return _last_name(cls, op.key)
    return ir.identifier(op)


def _text(cls: Code, index: int) -> str:
    op = cls.scope.ops[index]
    return op.text if isinstance(op, ir.Constant) else ""
