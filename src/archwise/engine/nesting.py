"""What values are made of, and how deeply that nests: what is carried through calls must not grow for ever."""

from __future__ import annotations

from archwise.engine.values import (
    Awaitable,
    ClassValue,
    Environment,
    External,
    ExternalInstance,
    ExternalMethod,
    FunctionValue,
    Generated,
    Instance,
    ItemsOf,
    Literal,
    MappingOf,
    Method,
    ModuleValue,
    Namespace,
    Offloaded,
    Partial,
    Self,
    Symbolic,
    TupleOf,
    Unknown,
    Value,
    Values,
)

_DEEPEST = 4
_MOST_ENTRIES = 12
_FLAT = frozenset({Unknown, Literal, ModuleValue, ClassValue, Self, Namespace, External, Symbolic})


def parts(value: Value) -> tuple[Values, ...]:
    """What a value is made of, but for the one that a method or a context manager is made of."""
    if isinstance(value, (Instance, FunctionValue, Method, Generated)):
        return tuple([inner for _, inner in value.environment])
    if isinstance(value, ItemsOf):
        return (value.items,)
    if isinstance(value, MappingOf):
        return value.items, value.keys, *(inner for _, inner in value.named)
    if isinstance(value, TupleOf):
        return value.items
    if isinstance(value, Awaitable):
        return (value.result,)
    if isinstance(value, Offloaded):
        return (value.function,)
    if isinstance(value, ExternalInstance):
        return value.arguments
    if isinstance(value, Partial):
        return value.function, *value.arguments, *(inner for _, inner in value.keywords)
    return ()


def limited(environment: Environment) -> Environment:
    """An environment cut to what is worth carrying on."""
    kept = tuple(pair for pair in environment if not _is_deep(pair[1], _DEEPEST))
    return kept[:_MOST_ENTRIES]


def _is_deep(values: Values, levels: int) -> bool:
    """Whether values nest at least so deeply; a method is as deep as what it is bound to."""
    if levels <= 0:
        return True
    for value in values:
        if type(value) in _FLAT:
            continue
        if isinstance(value, (Method, ExternalMethod)) and _is_deep((value.receiver,), levels):
            return True
        if any(_is_deep(each, levels - 1) for each in parts(value)):
            return True
    return False
