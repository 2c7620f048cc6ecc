"""What the protocols of the language give: awaiting, iterating, entering, subscripting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine.steps import extended
from archwise.engine.values import (
    NOTHING,
    UNKNOWN_VALUES,
    Awaitable,
    ClassValue,
    External,
    ExternalInstance,
    FunctionValue,
    Generated,
    Instance,
    ItemsOf,
    Literal,
    MappingOf,
    Self,
    Symbolic,
    TupleOf,
    Value,
    Values,
    is_known,
    under,
    union,
)

if TYPE_CHECKING:
    from archwise.engine.inference import Inference

_FARTHEST = 4
"""Objects that are made to go through one another."""


class Protocols:
    """Evaluates what is done to a value otherwise than by calling it."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference

    def awaited(self, values: Values) -> Values:
        """What awaiting gives; where one alternative is to be awaited, a synchronous namesake does not count."""
        groups = []
        is_twin = any(isinstance(value, Awaitable) for value in values)
        for value in values:
            if isinstance(value, Awaitable):
                groups.append(value.result)
            elif isinstance(value, Symbolic):
                groups.append(extended(value, "await"))
            elif isinstance(value, ExternalInstance) and self._inference.facts.class_(value.name) is not None:
                groups.append(() if is_twin else (value,))
            else:
                groups.append(UNKNOWN_VALUES)
        return union(*groups) or UNKNOWN_VALUES

    def element(self, value: Value, farthest: int = _FARTHEST) -> Values:
        """What iterating over a value gives."""
        if isinstance(value, ItemsOf):
            return value.items
        if isinstance(value, MappingOf):
            return value.keys or UNKNOWN_VALUES
        if isinstance(value, TupleOf):
            return union(*value.items)
        if isinstance(value, Awaitable):  # an asynchronous generator of another package
            return union(*map(self.element, value.result)) or UNKNOWN_VALUES
        if isinstance(value, ClassValue) and self._inference.classes.is_enum(value.code):
            return (Instance(value.code, (), True),)
        if isinstance(value, Generated):
            return self._inference.substitution.apply(self._inference.calls.yields(value.code), value.environment)
        if isinstance(value, ExternalInstance):
            text = self._inference.facts.text(value.name, "items")
            return self._inference.annotations.text(text, value) if text else UNKNOWN_VALUES
        if isinstance(value, Symbolic):
            return extended(value, "[]")
        if isinstance(value, Instance) and self._inference.classes.is_named_tuple(value):
            return union(*self._elements(value))
        if isinstance(value, (Instance, Self)) and farthest:
            for name in ("__iter__", "__aiter__"):
                made = self._inference.calls.result_of_method(value, name)
                if is_known(made):
                    return union(*(self._of_made(value, each, farthest - 1) for each in made))
        return UNKNOWN_VALUES

    def _of_made(self, value: Value, made: Value, farthest: int) -> Values:
        """What an object gives step by step, or another one that is made to go through it."""
        return self._next(made) if made == value else self.element(made, farthest)

    def _elements(self, value: Instance) -> tuple[Values, ...]:
        """The elements of a tuple whose elements have names."""
        fields = self._inference.construction.fields(value.code)
        return tuple(self._inference.attribute(value, name) for name, _ in fields)

    def _next(self, value: Value) -> Values:
        for name in ("__next__", "__anext__"):
            found = self._inference.calls.result_of_method(value, name)
            if is_known(found):
                return self.awaited(found) if name == "__anext__" else found
        return UNKNOWN_VALUES

    def entered(self, value: Value) -> Values:
        """What ``with value as …`` binds."""
        if isinstance(value, Generated):
            return self.element(value) if value.managed else (value,)
        if isinstance(value, ExternalInstance):
            text = self._inference.facts.text(value.name, "yields")
            return self._inference.annotations.text(text, value) if text else (value,)
        if isinstance(value, Symbolic):
            return extended(value, "with")
        if isinstance(value, Awaitable):
            return union(*(self.entered(each) for each in value.result))
        if isinstance(value, (Instance, Self)):
            for name in ("__enter__", "__aenter__"):
                if isinstance(value, Instance) and self._inference.classes.defining(value.code, name) is None:
                    continue
                found = self._inference.calls.result_of_method(value, name)
                if is_known(found):
                    return self.awaited(found) if name == "__aenter__" else found
            if isinstance(value, Instance) and self._inference.classes.external_bases(value.code):
                return (value,)
        return UNKNOWN_VALUES

    def item(self, value: Value, key: Values) -> Values:
        """What ``value[key]`` gives."""
        literal = key[0] if len(key) == 1 and isinstance(key[0], Literal) else None
        if isinstance(value, TupleOf):
            if literal is not None and literal.text.isdigit():
                position = int(literal.text)
                return value.items[position] if position < len(value.items) else UNKNOWN_VALUES
            return union(*value.items)
        if isinstance(value, MappingOf):
            return under(value, key)
        if isinstance(value, ItemsOf):
            return (value,) if literal is not None and literal.kind == "slice" else value.items
        if isinstance(value, (External, ExternalInstance)):
            text = self._inference.facts.text(value.name, "items") or ""
            if isinstance(value, ExternalInstance):
                return self._inference.annotations.text(text, value, (key,)) if text else UNKNOWN_VALUES
            return self._inference.annotations.text(text, None, (key,)) if "arg0" in text else (value,)
        if isinstance(value, (ClassValue, FunctionValue)):
            return (value,)
        if isinstance(value, Symbolic):
            name = literal.text if literal is not None and literal.kind in ("str", "number") else "?"
            return extended(value, f"[{name}]")
        if isinstance(value, Instance) and literal is not None and self._inference.classes.is_typed_dict(value.code):
            return self._inference.attribute(value, literal.text)
        if isinstance(value, Instance) and self._inference.classes.is_named_tuple(value):
            return self.item(TupleOf(self._elements(value)), key)
        if isinstance(value, (Instance, Self)):
            return self._inference.calls.result_of_method(value, "__getitem__")
        return UNKNOWN_VALUES

    def of_namespace(self, value: ExternalInstance, name: str) -> Values:
        """What an object that is told of its attributes as it is made has under one: ``SimpleNamespace(db=…)``."""
        if value.name != "types.SimpleNamespace":
            return NOTHING
        key = (Literal("str", name),)
        return union(*(under(each, key) for given in value.arguments for each in given if isinstance(each, MappingOf)))

    def under_typed_key(self, key: Values) -> Values:
        """What a key says is found under it: ``app[AppKey("db", Database)]``."""
        if len(key) != 1 or not isinstance(key[0], ExternalInstance) or not key[0].arguments:
            return NOTHING
        text = self._inference.facts.text(key[0].name, "keyed")
        return self._inference.annotations.text(text, key[0]) if text else NOTHING

    def injected(self, called: Values) -> Values:
        """What a dependency provides: its result, awaited, or what it yields."""
        groups = []
        for value in self._inference.calls.plain_result(called):
            if isinstance(value, Generated):
                groups.append(self.element(value))
            else:
                groups.append(self.awaited((value,)) if isinstance(value, Awaitable) else (value,))
        return union(*groups)
