"""What an expression can be to somebody who looks for queries: rows, querysets, and what they are made of.

These stand beside the engine's own values and are concrete: where a function is called, they are its arguments.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir

if TYPE_CHECKING:
    from collections.abc import Callable

    from archwise.engine.orm.evaluator import Frame
    from archwise.engine.orm.models import Link
    from archwise.engine.program import Code

Known = tuple[tuple[str, "Row"], ...]
"""Rows that a relation leads back to without a query, by the relation's name."""
Place = tuple["Code", int]
"""A function and an operation of it."""
SEPARATOR = "__"
_LONGEST_PATH = 6
_HANDFUL = 10
"""So many rows at most are few."""
EVERYTHING = "*"
"""In place of a path: every relation to one row that must be there."""


class Found(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """One alternative."""


Alternatives = tuple[Found, ...]
NOTHING: Alternatives = ()


class Model(Found, frozen=True, cache_hash=True):
    """A model itself."""

    cls: Code


class Users(Found, frozen=True, cache_hash=True):
    """Django's own user model, which is no code of the program."""


class Query(Found, frozen=True, cache_hash=True):
    """A queryset, or a manager, which starts one.

    ``made`` is where it starts, None where that was not seen; ``loads`` the paths of relations that it loads with its
    rows, of which there may be more where it is ``open``. ``home`` is the row whose relation ``link`` it is, with
    nothing asked of it that would make it another query. ``known`` are rows that its rows have anyway. ``plain``
    where it gives no rows but values. ``each`` is the loop whose items it depends on, by what was asked of it at
    ``tied``. ``waited`` where its rows came by ``await``, so that nothing more can be loaded without one. ``guessed``
    where the model follows from names alone.
    ``of_users`` where its rows are Django's own users, ``few`` where it is cut to a handful of rows,
    ``columns`` where it can give no rows at all, ``selected`` where ``select_related`` was called.
    ``entities`` are the models of each row's parts where it gives tuples, None for a column.
    ``locked`` where its rows are locked one by one, on purpose, ``kept`` are the attributes that ``to_attr`` keeps
    the rows of a relation under, each with the path to it, ``one`` where it gives one row at most, ``of`` the model of
    the one row that its rows belong to, or Django's own user.
    """

    model: Code | None
    made: Place | None = None
    loads: frozenset[str] = frozenset()
    open: bool = False
    home: Row | None = None
    link: Link | None = None
    known: Known = ()
    plain: bool = False
    kinds: tuple[Code, ...] = ()
    each: Place | None = None
    waited: bool = False
    guessed: bool = False
    of_users: bool = False
    few: bool = False
    columns: bool = False
    selected: bool = False
    entities: tuple[Code | None, ...] = ()
    locked: bool = False
    kept: tuple[tuple[str, str], ...] = ()
    tied: Place | None = None
    one: bool = False
    of: Code | Users | None = None


class Row(Found, frozen=True, cache_hash=True):
    """A row: of ``query``, or what ``path`` leads to from one. ``each`` is the loop whose item it is.

    The first ``base`` steps of the path were taken before any loop. ``few`` where the loop has a handful of rounds,
    ``is_user`` where the path leads to one of Django's own users.
    """

    model: Code | None
    query: Query
    path: tuple[str, ...] = ()
    base: int = 0
    known: Known = ()
    each: Place | None = None
    few: bool = False
    is_user: bool = False


class Object(Found, frozen=True, cache_hash=True):
    """An instance of another class of the program; ``given`` are the rows that its ``__init__`` was given, by name."""

    cls: Code
    given: tuple[tuple[str, Alternatives], ...] = ()


class Items(Found, frozen=True, cache_hash=True):
    """A list or other container that is held in memory, by its items."""

    items: Alternatives


class Table(Found, frozen=True, cache_hash=True):
    """A dict held in memory, by its values and its keys."""

    items: Alternatives
    named: tuple[tuple[str, Alternatives], ...] = ()
    keys: Alternatives = ()


class Group(Found, frozen=True, cache_hash=True):
    """A tuple."""

    items: tuple[Alternatives, ...]


class Scalar(Found, frozen=True, cache_hash=True):
    """Something that depends on a loop's item; ``rows`` where the loop is over the rows of a query."""

    each: Place
    rows: bool


class Bound(Found, frozen=True, cache_hash=True):
    """A method of a queryset, row or other value."""

    receiver: Found
    name: str


class Function(Found, frozen=True, cache_hash=True):
    """A function of the program that is handed on, with the call around it."""

    code: Code
    outer: Frame


class Class(Found, frozen=True, cache_hash=True):
    """A serializer, or another class of the program that is no model, handed on."""

    cls: Code


class Flag(Found, frozen=True, cache_hash=True):
    """``True`` or ``False``, written out."""

    holds: bool


class Page(Found, frozen=True):
    """A template that was loaded, to be rendered."""

    template: Code


def union(*groups: Alternatives) -> Alternatives:
    """All alternatives, each once, in order."""
    if len(groups) == 1:
        return groups[0]
    if len(groups) == 2 and not (groups[0] and groups[1]):
        return groups[0] or groups[1]
    return tuple(dict.fromkeys(found for group in groups for found in group))


def step(row: Row, link: Link) -> Row:
    """The one row that a relation of a row leads to."""
    known = dict(row.known).get(link.name)
    if known is not None:
        return known
    path = (*row.path, link.name)
    base = len(path) if row.each is None else row.base
    return Row(link.target, row.query, path, base, back(row, link), row.each, row.few, link.to_user)


def back(row: Row, link: Link) -> Known:
    """What the rows that a relation leads to have of the row it is read on."""
    return ((link.inverse, row),) if link.inverse else ()


def rows_of(query: Query, each: Place | None) -> Alternatives:
    """What iterating over a queryset gives."""
    each = query.each if query.one else each
    if query.entities:
        return (Group(tuple(_part(query, model, each) for model in query.entities)),)
    if query.plain:
        return (Scalar(each, True),) if each is not None else NOTHING
    if query.home is not None and query.link is not None:
        row = step(query.home, query.link)
        if query.loads:
            row = msgspec.structs.replace(row, query=_with_loads(row, query.loads))
        return (msgspec.structs.replace(row, known=query.known, each=each, few=query.few),)
    return (Row(query.model, query, known=query.known, each=each, few=query.few),)


def _part(query: Query, model: Code | None, each: Place | None) -> Alternatives:
    """One part of a row that is a tuple."""
    if model is None:
        return (Scalar(each, True),) if each is not None else NOTHING
    return (Row(model, msgspec.structs.replace(query, model=model, plain=False, entities=()), each=each),)


def opened(found: Found) -> Found:
    """A query that may load more than is seen."""
    return msgspec.structs.replace(found, open=True) if isinstance(found, Query) else found


def cut(query: Query, code: Code, length: ir.AnyOp) -> Query:
    """A slice of a query, or what is left when it is limited to a number, or to a constant's name."""
    text = length.text.strip("[:]") if isinstance(length, ir.Constant) else ir.identifier(length)
    number = text if text.isdigit() else _constant(code, text)
    return msgspec.structs.replace(query, few=True) if number.isdigit() and int(number) <= _HANDFUL else query


def _constant(code: Code, name: str) -> str:
    """What a name is bound to, once, in a function or its module, where that is written out."""
    for holder in (code, code.module.code):
        bindings = holder.scope.bindings.get(name, ())
        if bindings:
            op = holder.scope.ops[bindings[0].value]
            return op.text if len(bindings) == 1 and isinstance(op, ir.Constant) else ""
    return ""


def _with_loads(row: Row, loads: frozenset[str]) -> Query:
    """The query that a relation's rows go back to, with what the relation's own manager loads with them."""
    path = SEPARATOR.join(row.path)
    own = {f"{path}{SEPARATOR}{load}" for load in loads if load != EVERYTHING}
    return msgspec.structs.replace(row.query, loads=row.query.loads | own)


def shallow(values: Alternatives, levels: int) -> Alternatives:
    """The alternatives without what containers or methods nest more than ``levels`` deep, or rows too far away.

    What keeps all that it has stays the same object, whose hash is known.
    """
    if _DEEP.isdisjoint(map(type, values)):
        return values
    kept = tuple(found for each in values if (found := _shallow(each, levels)) is not None)
    return values if len(kept) == len(values) and all(map(operator.is_, kept, values)) else kept


_DEEP = frozenset({Row, Items, Table, Group, Bound})


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


def kept_of(values: Alternatives) -> Alternatives:
    """What an object may keep of what it is given: rows, querysets, and lists of them."""
    return tuple(each for each in values if isinstance(each, (Row, Query)) or _is_of_rows(each))


def _is_of_rows(found: Found) -> bool:
    return isinstance(found, Items) and bool(found.items) and all(isinstance(each, Row) for each in found.items)


def _each_of(table: Table, change: Callable[[Found], Found]) -> Table:
    """A dict with something done to each value in it."""
    named = tuple((name, tuple(map(change, values))) for name, values in table.named)
    return Table(tuple(map(change, table.items)), named, tuple(map(change, table.keys)))


def is_loaded(row: Row, link: Link) -> bool:
    """Whether reading a relation of a row needs no query, for all that is seen."""
    if any(name == link.name for name, _ in row.known):
        return True
    if link.loading != "lazy":
        return True
    loads = row.query.loads
    path = SEPARATOR.join((*row.path, link.name))
    if path in loads or any(load.startswith(path + SEPARATOR) for load in loads):
        return True
    return EVERYTHING in loads and not link.many and not link.nullable and not link.generic


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


def waited(found: Found) -> Found:
    """What was awaited: nothing more can be loaded of it without awaiting that."""
    if isinstance(found, Query):
        return msgspec.structs.replace(found, waited=True)
    if isinstance(found, Row):
        return msgspec.structs.replace(found, query=msgspec.structs.replace(found.query, waited=True))
    return found


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
