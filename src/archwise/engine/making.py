"""The calls that made an object, and the one value that its constructor keeps under an attribute."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.values import ClassValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

Place = tuple["Code", int]
AFTER = ("__post_init__", "__attrs_post_init__", "model_post_init")
"""What data classes of the standard library, attrs and pydantic call once an object is filled."""
_SETTINGS = frozenset({"pydantic_settings.BaseSettings", "pydantic.BaseSettings"})
"""Classes whose fields the environment fills, where a call does not."""
_FARTHEST = 4


class Made(msgspec.Struct, frozen=True, gc=False):
    """A call of a class of the program, where it stands."""

    cls: Code
    code: Code
    call: ir.Call


class Making:
    """Follows what is bound once and all that is kept under an attribute, so that no other object can be meant."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference

    def of(self, code: Code, index: int, farthest: int = _FARTHEST) -> tuple[Made, ...]:
        """The call that made the object which an operation gives, or all that may have; none where one is not seen."""
        op = code.scope.ops[index]
        if isinstance(op, ir.Call):
            called = self._inference.values(code, op.function)
            return tuple(Made(each.code, code, op) for each in called if len(called) == 1 and type(each) is ClassValue)
        places = self._bound(code, op.id) if isinstance(op, ir.Name) else self._attribute(code, op)
        found = [self.of(*place, farthest - 1) for place in places] if farthest else []
        return tuple(made for each in found for made in each) if all(found) else ()

    def _bound(self, code: Code, name: str) -> list[Place]:
        bindings = code.scope.bindings.get(name, ())
        is_given = any(parameter.name == name for parameter in code.scope.parameters)
        return [(code, bindings[0].value)] if len(bindings) == 1 and bindings[0].value and not is_given else []

    def _attribute(self, code: Code, op: ir.AnyOp) -> list[Place]:
        """What a method's own object keeps under an attribute, at one time or another, but for ``None``."""
        classes = self._inference.classes
        if not isinstance(op, ir.Attribute) or code.owner is None or not classes.is_receiver(code, op.value):
            return []
        places = [] if classes.is_set_outside(op.name) else list(self._stores(code.owner, op.name))
        return [(at, index) for at, index in places if not ir.is_none(at.scope.ops[index])]

    def kept(self, cls: Code, name: str) -> Place | None:
        """The constructor that puts something under an attribute, and what, where nothing else of the program does."""
        places = list(self._stores(cls, name))
        if len(places) != 1 or places[0][0].scope.name != "__init__" or self._inference.classes.is_set_outside(name):
            return None
        return places[0]

    def field(self, code: Code, call: ir.Call, name: str) -> Place | None:
        """What a call of a class without a constructor of its own gives a field: an argument, or its default."""
        called = self._inference.values(code, call.function)
        cls = called[0].code if len(called) == 1 and isinstance(called[0], ClassValue) else None
        if cls is None or call.starred or self._inference.classes.defining(cls, "__init__") is not None:
            return None
        if _SETTINGS.intersection(self._inference.classes.external_bases(cls)):
            return None
        keyword = dict(call.keywords).get(name)
        if keyword is not None:
            return code, keyword
        fields = dict(self._inference.construction.fields(cls))
        holder = fields.get(name)
        if holder is None:
            return None
        position = list(fields).index(name)
        if position < len(call.arguments):
            return code, call.arguments[position]
        default = next((each.value for each in holder.scope.bindings[name] if each.value), 0)
        return (holder, default) if default else None

    def _stores(self, cls: Code, name: str) -> Iterator[Place]:
        classes = self._inference.classes
        for entry in (*classes.order(cls), *classes.descendants(cls)):
            if not isinstance(entry, str):
                yield from ((entry, each.value) for each in entry.scope.bindings.get(name, ()) if each.value)
                for method in classes.methods(entry):
                    for _, op in method.operations(ir.Operation):
                        if op.method == f"{name}=" and classes.is_receiver(method, op.value):
                            yield method, op.operand
