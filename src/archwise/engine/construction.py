"""What making an object of a class of the program gives: an instance, with what its constructors were given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.arguments import Arguments
from archwise.engine.nesting import limited
from archwise.engine.values import (
    NOTHING,
    Environment,
    FunctionValue,
    Instance,
    Key,
    Method,
    Value,
    Values,
    is_known,
)

if TYPE_CHECKING:
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

_MOST_BASES = 4
"""Constructors of base classes, one above the other, that are told what an object was made with."""


class Construction:
    """Evaluates calls of classes."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._delegations: dict[Code, tuple[tuple[Code, Environment], ...]] = {}

    def made(self, cls: Code, arguments: Arguments) -> Value:
        """A new instance, with what its constructor's parameters stand for."""
        classes = self._inference.classes
        owner = classes.defining(cls, "__init__")
        environment: Environment = ()
        if owner is not None:
            for value in self._inference.names.read(owner, "__init__", 0, len(owner.scope.ops)):
                if isinstance(value, FunctionValue):
                    environment = self._inference.calls.bind(value.code, Instance(cls, (), True), arguments, ())
                    environment += self._passed_up(value.code, environment, _MOST_BASES)
        else:
            environment = self._fields(cls, arguments)
        own = tuple(pair for pair in environment if not _is_receiver(pair[0]))
        return Instance(cls, limited(own), True)

    def _passed_up(self, constructor: Code, environment: Environment, most: int) -> Environment:
        """What the constructors of base classes are given by one that was given this."""
        found: list[tuple[Key, Values]] = []
        for base, given in self._delegated(constructor) if most else ():
            passed = tuple((key, self._inference.substitution.apply(values, environment)) for key, values in given)
            found += (*passed, *self._passed_up(base, passed, most - 1))
        return tuple(found)

    def _delegated(self, constructor: Code) -> tuple[tuple[Code, Environment], ...]:
        """The constructors that one calls on its own object, ``super().__init__(…)``, and what it gives them."""
        known = self._delegations.get(constructor)
        if known is None:
            self._delegations[constructor] = ()
            found: list[tuple[Code, Environment]] = []
            for _, op in constructor.operations(ir.Call):
                called = constructor.scope.ops[op.function]
                if isinstance(called, ir.Attribute) and called.name == "__init__":
                    for value in self._inference.values(constructor, op.function):
                        if isinstance(value, (Method, FunctionValue)) and value.code is not constructor:
                            receiver = value.receiver if isinstance(value, Method) else None
                            given = self._inference.calls.bind(
                                value.code, receiver, Arguments.of(self._inference, constructor, op), ()
                            )
                            found.append((value.code, tuple(pair for pair in given if not _is_receiver(pair[0]))))
            known = self._delegations[constructor] = tuple(found)
        return known

    def _fields(self, cls: Code, arguments: Arguments) -> Environment:
        """What the fields of a data class are given."""
        named = dict(arguments.keywords)
        found: list[tuple[tuple[Code, str], Values]] = []
        for position, (name, entry) in enumerate(self.fields(cls)):
            given = arguments.positional[position] if position < len(arguments.positional) else named.get(name, NOTHING)
            if is_known(given):
                found.append(((entry, name), given))
        return tuple(found)

    def field_at(self, value: Value, position: int) -> Values:
        """What an object of a data class holds at a position, as a pattern takes it apart: ``case Point(x, y)``."""
        if not isinstance(value, Instance) or self._inference.classes.defining(value.code, "__iter__") is not None:
            return NOTHING
        fields = [name for name, _ in self.fields(value.code)]
        return self._inference.attribute(value, fields[position]) if 0 <= position < len(fields) else NOTHING

    def fields(self, cls: Code) -> list[tuple[str, Code]]:
        """The fields of a data class in the order they are declared, each with the class that declares it."""
        entries = [entry for entry in self._inference.classes.order(cls) if not isinstance(entry, str)]
        return [
            (name, entry)
            for entry in reversed(entries)
            for name, bindings in entry.scope.bindings.items()
            if bindings and bindings[0].annotation
        ]


def _is_receiver(key: tuple[Code, str]) -> bool:
    code, name = key
    return code.scope.kind == "function" and code.owner is not None and code.scope.parameters[0].name == name
