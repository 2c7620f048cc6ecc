"""The calls that made an object, and the one value that its constructor keeps under an attribute."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.needs import Written
from archwise.engine.nonblocking import returned
from archwise.engine.values import ClassValue, ExternalInstance, Method

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

Place = tuple["Code", int]
AFTER = ("__post_init__", "__attrs_post_init__", "model_post_init")
"""What data classes of the standard library, attrs and pydantic call once an object is filled."""
AFTER_BY_BASE = ("model_post_init",)
"""What a base class calls of them, so that a constructor of one's own comes before: pydantic's."""
_SETTINGS = frozenset({"pydantic_settings.BaseSettings", "pydantic.BaseSettings"})
"""Classes whose fields the environment fills, where a call does not."""
_FARTHEST = 5
_MOST_STORES = 4


class Made(msgspec.Struct, frozen=True, gc=False):
    """A call of a class of the program, where it stands; and those of the functions that give what it made."""

    cls: Code
    code: Code
    call: ir.Call
    handed_on: tuple[tuple[Code, Written], ...] = ()


class Making:
    """Follows what is bound once and all that is kept under an attribute, so that no other object can be meant."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference

    def of(self, code: Code, index: int, farthest: int = _FARTHEST) -> tuple[Made, ...]:
        """The call that made the object which an operation gives, or all that may have; none where one is not seen."""
        op = code.scope.ops[index]
        if isinstance(op, ir.Call):
            return self._by_call(code, op, farthest)
        places = self._bound(code, op.id) if isinstance(op, ir.Name) else self._attribute(code, op)
        found = [self.of(*place, farthest - 1) for place in places] if farthest else []
        return tuple(made for each in found for made in each) if all(found) else ()

    def _by_call(self, code: Code, op: ir.Call, farthest: int) -> tuple[Made, ...]:
        """What a call of a class makes, or one of a function that returns it."""
        called = self._inference.values(code, op.function)
        if len(called) == 1 and type(called[0]) is ClassValue:
            return (Made(called[0].code, code, op),)
        inner = returned(self._inference, code, op) if farthest else None
        if inner is None:
            return ()
        written = inner[0], Written(code, op, isinstance(called[0], Method))
        made = self.of(*inner, farthest - 1)
        return tuple(Made(each.cls, each.code, each.call, (*each.handed_on, written)) for each in made)

    def _bound(self, code: Code, name: str) -> list[Place]:
        bindings = code.scope.bindings.get(name, ())
        is_given = any(parameter.name == name for parameter in code.scope.parameters)
        if not bindings and not is_given and not code.hides(name):
            bound = code.module.bound_once(name)
            return [(code.module.code, bound.value)] if bound is not None and bound.value else []
        return [(code, bindings[0].value)] if len(bindings) == 1 and bindings[0].value and not is_given else []

    def _attribute(self, code: Code, op: ir.AnyOp) -> list[Place]:
        """What an object keeps under an attribute, at one time or another, but for ``None``.

        Of another one than the method's own, it is what the whole program puts under an attribute of this name.
        """
        classes = self._inference.classes
        if not isinstance(op, ir.Attribute):
            return []
        if code.owner is not None and classes.is_receiver(code, op.value):
            places = [] if classes.is_set_outside(op.name) else list(self._stores(code.owner, op.name))
        else:
            places = [] if op.name in self._named_apart else self._put_on(code, op)
        return [(at, index) for at, index in places if not ir.is_none(at.scope.ops[index])]

    def _put_on(self, code: Code, op: ir.Attribute) -> list[Place]:
        """What the program puts under an attribute; what methods keep on their own object is no other package's."""
        puts = self._puts.get(op.name, ())
        if all(isinstance(value, ExternalInstance) for value in self._inference.values(code, op.value)):
            is_receiver = self._inference.classes.is_receiver
            puts = tuple((at, put) for at, put in puts if at.owner is None or not is_receiver(at, put.target))
        return [(at, put.value) for at, put in puts] if len(puts) <= _MOST_STORES else []

    @functools.cached_property
    def _puts(self) -> dict[str, tuple[tuple[Code, ir.Store], ...]]:
        found: dict[str, list[tuple[Code, ir.Store]]] = {}
        for code in self._inference.program.codes():
            for store in code.scope.stores:
                if not store.item and not code.module.is_test:
                    found.setdefault(store.name, []).append((code, store))
        return {name: tuple(puts) for name, puts in found.items()}

    @functools.cached_property
    def _named_apart(self) -> frozenset[str]:
        """The names that the body of a class or a module binds."""
        kinds = ("class", "module")
        codes = (code for code in self._inference.program.codes() if code.scope.kind in kinds)
        return frozenset(name for code in codes for name in code.scope.bindings)

    def kept(self, cls: Code, name: str) -> Place | None:
        """The constructor that puts something under an attribute, and what, where nothing else of the program does."""
        places = list(self._stores(cls, name))
        if len(places) != 1 or places[0][0].scope.name != "__init__" or self._inference.classes.is_set_outside(name):
            return None
        return places[0]

    def filled(self, made: Made, name: str) -> Place | None:
        """What the call that made an object gives a field, where nothing of the program sets it later."""
        stores = self._stores(made.cls, name)
        if self._inference.classes.is_set_outside(name) or any(at.scope.kind != "class" for at, _ in stores):
            return None
        return self.field(made.code, made.call, name)

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
