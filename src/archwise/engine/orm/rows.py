"""Rows: those of a query, the one that a relation of another leads to, and what was loaded with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.orm.domain import (
    EVERYTHING,
    NOTHING,
    SEPARATOR,
    Alternatives,
    Found,
    Group,
    Items,
    Known,
    Place,
    Query,
    Row,
    Scalar,
)

if TYPE_CHECKING:
    from archwise.engine.orm.models import Link
    from archwise.engine.program import Code

_HANDFUL = 10
"""So many rows at most are few."""


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


def _with_loads(row: Row, loads: frozenset[str]) -> Query:
    """The query that a relation's rows go back to, with what the relation's own manager loads with them."""
    path = SEPARATOR.join(row.path)
    own = {f"{path}{SEPARATOR}{load}" for load in loads if load != EVERYTHING}
    return msgspec.structs.replace(row.query, loads=row.query.loads | own)


def opened(found: Found) -> Found:
    """A query that may load more than is seen."""
    return msgspec.structs.replace(found, open=True) if isinstance(found, Query) else found


def waited(found: Found) -> Found:
    """What was awaited: nothing more can be loaded of it without awaiting that."""
    if isinstance(found, Query):
        return msgspec.structs.replace(found, waited=True)
    if isinstance(found, Row):
        return msgspec.structs.replace(found, query=msgspec.structs.replace(found.query, waited=True))
    return found


def kept_of(values: Alternatives) -> Alternatives:
    """What an object may keep of what it is given: rows, querysets, and lists of them."""
    return tuple(each for each in values if isinstance(each, (Row, Query)) or _is_of_rows(each))


def _is_of_rows(found: Found) -> bool:
    return isinstance(found, Items) and bool(found.items) and all(isinstance(each, Row) for each in found.items)


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
