"""What values have to do with a loop: as its items, as what depends on them, as what many rounds go through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine.orm.domain import Alternatives, Found, Group, Items, Place, Query, Row, Scalar, Table

if TYPE_CHECKING:
    from collections.abc import Callable


def placed(item: Found, place: Place) -> Found:
    """An item of a container, as a loop gives it."""
    if isinstance(item, (Row, Scalar)):
        return msgspec.structs.replace(item, each=place)
    if isinstance(item, Query) and item.each is not None:
        return msgspec.structs.replace(item, each=place)
    if isinstance(item, Query) and item.home is not None and item.home.each is not None:
        return msgspec.structs.replace(item, home=msgspec.structs.replace(item.home, each=place))
    if isinstance(item, Table):
        return _each_of(item, lambda each: placed(each, place))
    if isinstance(item, Group):
        return Group(
            tuple(tuple(placed(inner, place) for inner in items) or (Scalar(place, False),) for items in item.items)
        )
    return item


def single(found: Found) -> Found:
    """What is no loop's item any longer: kept, or picked out of what a loop has made."""
    if isinstance(found, Row) and found.each is not None:
        return msgspec.structs.replace(found, each=None)
    if isinstance(found, Table):
        return _each_of(found, single)
    return found


def picked(items: Alternatives, key: Alternatives) -> Alternatives:
    """What a key picks out of a container: another row in each round of the loop that the key depends on."""
    each = depends(key)
    return tuple(placed(item, each) if each is not None else single(item) for item in items)


def _each_of(table: Table, change: Callable[[Found], Found]) -> Table:
    """A dict with something done to each value in it."""
    named = tuple((name, tuple(map(change, values))) for name, values in table.named)
    return Table(tuple(map(change, table.items)), named, tuple(map(change, table.keys)))


def depends(found: Alternatives) -> Place | None:
    """The loop on whose item one of these depends."""
    for each in found:
        place = getattr(each, "each", None)
        if place is not None:
            return place  # type: ignore[no-any-return]  # all that have one have a place
        if isinstance(each, (Items, Table)):
            inner = depends(each.items)
            if inner is not None:
                return inner
    return None


def is_of_loop(found: Found) -> bool:
    """Whether a value, or something in it, depends on the rounds of a loop."""
    if isinstance(found, Query) and found.home is not None and found.home.each is not None:
        return True
    if isinstance(found, Table):
        return any(is_of_loop(each) for each in found.items) or any(
            is_of_loop(each) for _, values in found.named for each in values
        )
    if isinstance(found, Items):
        return any(map(is_of_loop, found.items))
    if isinstance(found, Group):
        return any(is_of_loop(each) for values in found.items for each in values)
    return getattr(found, "each", None) is not None


def goes_through_rows(found: Found) -> bool:
    """Whether a loop over a value goes through rows or values of a query, so that it may have many rounds."""
    if isinstance(found, (Items, Table)):
        return any(map(_holds_row, found.items))
    return isinstance(found, Query) or (isinstance(found, Scalar) and found.rows)


def _holds_row(found: Found) -> bool:
    """Whether a value is a row, or a value of one, or a tuple with one."""
    if isinstance(found, Group):
        return any(isinstance(each, Row) for items in found.items for each in items)
    return isinstance(found, Row) or (isinstance(found, Scalar) and found.rows)
