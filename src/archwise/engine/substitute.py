"""Puts what is known of parameters in place of the symbols that stand for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    is_deep,
    union,
)

if TYPE_CHECKING:
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

DEEPEST = 4
_MOST_ENTRIES = 12


class Substitution:
    """Substitutes environments into values."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference

    def apply(self, values: Values, environment: Environment) -> Values:
        """The values with the environment's parameters replaced; what it does not name stays symbolic."""
        return _Replacing(self._inference, environment).apply(values) if environment else values


class _Replacing:
    """One environment put into values, each of them once: what values are made of, they have in common."""

    def __init__(self, inference: Inference, environment: Environment) -> None:
        self._inference = inference
        self._environment = environment
        self._table: dict[tuple[Code, str], Values] = {}
        self._known: dict[int, Values] = {}

    def apply(self, values: Values) -> Values:
        found = self._known.get(id(values))
        if found is None:
            found = self._known[id(values)] = self._applied(values)
        return found

    def _applied(self, values: Values) -> Values:
        if not any(_is_open(value) for value in values):
            return values
        self._table = self._table or dict(self._environment)
        return union(*(self._value(value) for value in values))

    def _value(self, value: Value) -> Values:
        if isinstance(value, Symbolic):
            found = self._table.get((value.code, value.name))
            return (value,) if found is None else self._inference.follow(found, value.path)
        if isinstance(value, Self):
            found = self._table.get((value.method, value.method.scope.parameters[0].name))
            return (value,) if found is None else found
        if isinstance(value, (Instance, FunctionValue, Method, Generated)):
            return (self._closed(value),)
        if isinstance(value, ItemsOf):
            return (ItemsOf(self.apply(value.items)),)
        if isinstance(value, MappingOf):
            named = tuple((name, self.apply(item)) for name, item in value.named)
            return (MappingOf(self.apply(value.items), named),)
        if isinstance(value, TupleOf):
            return (TupleOf(tuple(self.apply(item) for item in value.items)),)
        if isinstance(value, Awaitable):
            return (Awaitable(self.apply(value.result)),)
        if isinstance(value, Offloaded):
            return (Offloaded(value.passes, self.apply(value.function), value.name),)
        if isinstance(value, Managed):
            return tuple(Managed(inner) for inner in self._applied((value.function,)))
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
        receiver = self._applied((value.receiver,))
        bound = receiver[0] if len(receiver) == 1 else value.receiver
        if isinstance(value, Method):
            return Method(value.code, bound, merged)
        return Generated(value.code, bound, merged, value.managed)


def limited(environment: Environment) -> Environment:
    """An environment cut to what is worth carrying on."""
    kept = tuple(pair for pair in environment if not is_deep(pair[1], DEEPEST))
    return kept[:_MOST_ENTRIES]


def _is_nested(code: Code) -> bool:
    """Whether a function may read what the functions around it were given."""
    return code.parent is not None and code.parent.scope.kind in ("function", "lambda")


def _is_open(value: Value) -> bool:
    """Whether a value may hold a symbol."""
    if isinstance(value, FunctionValue):
        return bool(value.environment) or _is_nested(value.code)
    if isinstance(value, Method):
        return _is_open(value.receiver) or bool(value.environment) or _is_nested(value.code)
    if isinstance(value, (Symbolic, Self, Generated, Managed, Partial, Offloaded)):
        return True
    if isinstance(value, Instance):
        return bool(value.environment)
    if isinstance(value, MappingOf) and any(_is_open(item) for _, items in value.named for item in items):
        return True
    if isinstance(value, (ItemsOf, MappingOf)):
        return any(_is_open(item) for item in value.items)
    if isinstance(value, Awaitable):
        return any(_is_open(item) for item in value.result)
    if isinstance(value, TupleOf):
        return any(_is_open(item) for items in value.items for item in items)
    if isinstance(value, ExternalInstance):
        return any(_is_open(item) for items in value.arguments for item in items)
    return False
