"""What the methods of lists, dicts and tuples give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine.values import UNKNOWN_VALUES, ContainerMethod, ItemsOf, MappingOf, TupleOf, Values, under, union

if TYPE_CHECKING:
    from archwise.engine.arguments import Arguments


def container_result(method: ContainerMethod, arguments: Arguments) -> Values:
    """What calling a method of a container gives."""
    container = method.container
    if isinstance(container, MappingOf):
        match method.name:
            case "get" | "pop" | "setdefault":
                return union(under(container, arguments.at(0)), arguments.at(1)) or UNKNOWN_VALUES
            case "values":
                return (ItemsOf(container.items),)
            case "items":
                return (ItemsOf((TupleOf((container.keys or UNKNOWN_VALUES, container.items)),)),)
            case "keys":
                return (ItemsOf(container.keys),)
            case "popitem":
                return (TupleOf((container.keys or UNKNOWN_VALUES, container.items)),)
            case "copy":
                return (container,)
        return UNKNOWN_VALUES
    items = union(*container.items) if isinstance(container, TupleOf) else container.items
    if method.name in ("pop", "popleft"):
        return items or UNKNOWN_VALUES
    return (container,) if method.name in ("copy", "union", "difference") else UNKNOWN_VALUES
