"""What Python's own containers, and the functions that make them of others, give of the rows in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine.orm.domain import NOTHING, Alternatives, Found, Group, Items, Query, Table, union
from archwise.engine.orm.iteration import picked, single
from archwise.engine.orm.rows import rows_of
from archwise.engine.values import FunctionValue

if TYPE_CHECKING:
    from archwise.engine import ir
    from archwise.engine.orm.evaluator import Evaluator
    from archwise.engine.orm.frames import Frame


def members(values: Alternatives) -> Alternatives:
    """What is in querysets and containers, outside any loop."""
    groups = []
    for value in values:
        if isinstance(value, Query):
            groups.append(rows_of(value, None))
        elif isinstance(value, Items):
            groups.append(tuple(map(single, value.items)))
    return union(*groups)


def parts(table: Table, name: str) -> Alternatives:
    """What a dict's ``items``, ``keys`` or ``values`` go through; nothing where the name is another."""
    if name in ("values", "keys"):
        return (Items(table.items if name == "values" else table.keys),)
    return (Items((Group((table.keys, table.items)),)),) if name == "items" else NOTHING


def of_table(evaluator: Evaluator, frame: Frame, table: Table, name: str, op: ir.Call) -> Alternatives:
    """What a dict's method gives."""
    if found := parts(table, name):
        return found
    if name in ("get", "pop", "setdefault"):
        texts = evaluator.texts(frame, op.arguments[0]) if op.arguments else frozenset()
        named = dict(table.named)
        if len(texts) == 1 and (text := next(iter(texts))) in named:
            return named[text]
        return picked(table.items, evaluator.value(frame, op.arguments[0]) if op.arguments else NOTHING)
    return NOTHING


def paired(found: Found) -> Found:
    """What ``dict()`` makes of pairs."""
    if not isinstance(found, Items):
        return found if isinstance(found, Table) else Table(NOTHING)
    pairs = [each.items for each in found.items if isinstance(each, Group) and len(each.items) == 2]
    return Table(union(*(tuple(map(single, values)) for _, values in pairs)), (), union(*(keys for keys, _ in pairs)))


def grouped(evaluator: Evaluator, frame: Frame, op: ir.Call, rows: Alternatives) -> Found:
    """One group of ``groupby``: what the function that it is given makes of each row, and the rows."""
    key = op.argument("key", 1)
    found = []
    for value in evaluator.inference.values(frame.code, key) if key else ():
        if isinstance(value, FunctionValue) and value.code.scope.parameters:
            given = ((value.code.scope.parameters[0].name, members(rows)),)
            around = frame if value.code.parent is frame.code else None
            found.append(evaluator.returned(evaluator.frame(value.code, given, around, frame)))
    return Group((union(*found), (Items(members(rows)),)))
