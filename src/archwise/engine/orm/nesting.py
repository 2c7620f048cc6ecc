"""How deeply values nest: what containers hold deeper, and rows too far away, are followed no more."""

from __future__ import annotations

import operator

from archwise.engine.orm.domain import Alternatives, Bound, Found, Group, Items, Row, Table

_LONGEST_PATH = 6
_DEEP = frozenset({Row, Items, Table, Group, Bound})


def shallow(values: Alternatives, levels: int) -> Alternatives:
    """The alternatives without what containers or methods nest more than ``levels`` deep, or rows too far away.

    What keeps all that it has stays the same object, whose hash is known.
    """
    if _DEEP.isdisjoint(map(type, values)):
        return values
    kept = tuple(found for each in values if (found := _shallow(each, levels)) is not None)
    return values if len(kept) == len(values) and all(map(operator.is_, kept, values)) else kept


def _shallow(found: Found, levels: int) -> Found | None:
    match found:
        case Row():
            return found if len(found.path) <= _LONGEST_PATH else None
        case Items() | Table() | Group() | Bound() if levels == 0:
            return None
        case Items():
            items = shallow(found.items, levels - 1)
            return found if items is found.items else Items(items)
        case Table():
            items, keys = shallow(found.items, levels - 1), shallow(found.keys, levels - 1)
            named = tuple((name, shallow(values, levels - 1)) for name, values in found.named)
            is_same = all(new is old for (_, new), (_, old) in zip(named, found.named, strict=True))
            return found if is_same and items is found.items and keys is found.keys else Table(items, named, keys)
        case Group():
            parts = tuple(shallow(values, levels - 1) for values in found.items)
            return found if all(map(operator.is_, parts, found.items)) else Group(parts)
        case Bound():
            return found if _shallow(found.receiver, levels - 1) is not None else None
    return found
