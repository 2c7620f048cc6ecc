"""What an expression can be to somebody who looks for queries: rows, querysets, and what they are made of.

These stand beside the engine's own values and are concrete: where a function is called, they are its arguments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from archwise.engine.orm.frames import Frame
    from archwise.engine.orm.models import Link
    from archwise.engine.program import Code

Known = tuple[tuple[str, "Row"], ...]
"""Rows that a relation leads back to without a query, by the relation's name."""
Place = tuple["Code", int]
"""A function and an operation of it."""
SEPARATOR = "__"
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
