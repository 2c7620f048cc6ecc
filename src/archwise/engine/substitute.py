"""Puts what is known of parameters in place of the symbols that stand for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine.nesting import limited, parts
from archwise.engine.values import (
    Awaitable,
    Environment,
    ExternalInstance,
    FunctionValue,
    Generated,
    Instance,
    ItemsOf,
    Managed,
    MappingOf,
    Method,
    Offloaded,
    Partial,
    Self,
    Symbolic,
    TupleOf,
    Value,
    Values,
    union,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

_NONE: frozenset[Code] = frozenset()


class Substitution:
    """Substitutes environments into values."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._open = _OpenCodes()

    def apply(self, values: Values, environment: Environment) -> Values:
        """The values with the environment's parameters replaced; what it does not name stays symbolic."""
        if not environment or not self._open.of(values):
            return values
        return _Replacing(self._inference, self._open, environment).apply(values)


class _OpenCodes:
    """Tells whose parameters values stand for: it is asked of the same values again and again, and told once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Values, frozenset[Code]]] = {}

    def of(self, values: Values) -> frozenset[Code]:
        """The functions that have parameters which some of the values stand for, or are made of."""
        found = self._known.get(id(values))
        if found is None:
            # The values are kept beside what was found, so that no others come to have their identity.
            found = self._known[id(values)] = values, _NONE.union(*map(self._of_value, values))
        return found[1]

    def _of_value(self, value: Value) -> frozenset[Code]:
        if isinstance(value, Symbolic):
            return frozenset((value.code,))
        if isinstance(value, Self):
            return frozenset((value.method,))
        found = _NONE.union(*map(self.of, parts(value)))
        if isinstance(value, (FunctionValue, Method, Generated)):
            found = found.union(_functions_around(value.code))
        if isinstance(value, (Method, Generated)) and value.receiver is not None:
            found |= self._of_value(value.receiver)
        return found | self._of_value(value.function) if isinstance(value, Managed) else found


class _Replacing:
    """One environment put into values, each of them once: what values are made of, they have in common."""

    def __init__(self, inference: Inference, codes: _OpenCodes, environment: Environment) -> None:
        self._inference = inference
        self._codes = codes
        self._environment = environment
        self._table = dict(environment)
        self._given = frozenset(code for code, _ in self._table)
        self._known: dict[int, Values] = {}

    def apply(self, values: Values) -> Values:
        if self._given.isdisjoint(self._codes.of(values)):
            return values
        found = self._known.get(id(values))
        if found is None:
            found = self._known[id(values)] = union(*(self._value(value) for value in values))
        return found

    def _value(self, value: Value) -> Values:
        if isinstance(value, Symbolic):
            found = self._table.get((value.code, value.name))
            return (value,) if found is None else self._inference.steps.follow(found, value.path)
        if isinstance(value, Self):
            found = self._table.get((value.method, value.method.scope.parameters[0].name))
            return (value,) if found is None else found
        if isinstance(value, (Instance, FunctionValue, Method, Generated)):
            return (self._closed(value),)
        if isinstance(value, ItemsOf):
            return (ItemsOf(self.apply(value.items)),)
        if isinstance(value, MappingOf):
            named = tuple((name, self.apply(item)) for name, item in value.named)
            return (MappingOf(self.apply(value.items), named, self.apply(value.keys)),)
        if isinstance(value, TupleOf):
            return (TupleOf(tuple(self.apply(item) for item in value.items)),)
        if isinstance(value, Awaitable):
            return (Awaitable(self.apply(value.result)),)
        if isinstance(value, Offloaded):
            return (Offloaded(value.passes, self.apply(value.function), value.name),)
        if isinstance(value, Managed):
            return tuple(Managed(inner) for inner in self._value(value.function))
        if isinstance(value, ExternalInstance):
            return (ExternalInstance(value.name, tuple(self.apply(each) for each in value.arguments)),)
        if isinstance(value, Partial):
            return (
                Partial(
                    self.apply(value.function),
                    tuple(self.apply(argument) for argument in value.arguments),
                    tuple((name, self.apply(argument)) for name, argument in value.keywords),
                ),
            )
        return (value,)

    def _closed(self, value: Instance | FunctionValue | Method | Generated) -> Value:
        own = tuple((key, self.apply(inner)) for key, inner in value.environment)
        if isinstance(value, Instance):
            return Instance(value.code, own, value.exact, value.without)
        outer = tuple(
            (key, inner)
            for key, inner in self._environment
            if key[0].encloses(value.code) and all(key != known for known, _ in own)
        )
        merged = limited((*own, *outer))
        if isinstance(value, FunctionValue):
            return FunctionValue(value.code, merged)
        if value.receiver is None:
            return Generated(value.code, None, merged, value.managed)
        receiver = self._value(value.receiver)
        bound = receiver[0] if len(receiver) == 1 else value.receiver
        if isinstance(value, Method):
            return Method(value.code, bound, merged)
        return Generated(value.code, bound, merged, value.managed)


def _functions_around(code: Code) -> Iterator[Code]:
    """The functions that a function is defined in: it may read what they were given."""
    while code.parent is not None and code.parent.scope.kind in ("function", "lambda"):
        code = code.parent
        yield code
