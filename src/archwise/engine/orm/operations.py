"""What each kind of operation gives, of rows and querysets, told from what its operands may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.orm.domain import NOTHING, Alternatives, Bound, Group, Items, Query, Row, Scalar, Table, union
from archwise.engine.orm.iteration import picked, single
from archwise.engine.orm.names import is_repeated
from archwise.engine.orm.rows import cut, opened, rows_of, waited
from archwise.engine.orm.translated import translated
from archwise.engine.templates.ops import Grouped, Lookup, Tagged
from archwise.engine.values import Symbolic, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from archwise.engine.orm.evaluator import Evaluator
    from archwise.engine.orm.frames import Frame

_CURRENT = frozenset({("request", "user"), ("g", "user"), ("g", "current_user")})
"""Where Django and Flask's extensions keep whoever is logged in."""


def _name(evaluator: Evaluator, frame: Frame, op: ir.Name, index: int) -> Alternatives:
    return evaluator.names.read(frame, op.id, op.block, index)


def _attribute(evaluator: Evaluator, frame: Frame, op: ir.Attribute, index: int) -> Alternatives:
    base = evaluator.value(frame, op.value)
    if all(isinstance(each, Bound) for each in base):
        holder, user = ir.identifier(frame.code.scope.ops[op.value]), evaluator.models.user
        if (holder, op.name) in _CURRENT and (user is not None or evaluator.models.links_of_user):
            return (Row(user, Query(user, of_users=user is None), is_user=user is None),)
        if holder == "user" and op.name in evaluator.models.links_of_user:
            return evaluator.attributes.guessed(frame, op)
    if not base:
        values = evaluator.inference.values(frame.code, index)
        found = translated(evaluator, values)
        if found or not all(isinstance(value, (Unknown, Symbolic)) for value in values):
            return found
        return evaluator.attributes.guessed(frame, op)
    return union(*(evaluator.attributes.of(frame, each, op.name, index) for each in base))


def _call(evaluator: Evaluator, frame: Frame, op: ir.Call, index: int) -> Alternatives:
    return evaluator.results.of_call(frame, op, index)


def _element(evaluator: Evaluator, frame: Frame, op: ir.Element, index: int) -> Alternatives:
    return evaluator.items(frame, evaluator.value(frame, op.value), index)


def _item(evaluator: Evaluator, frame: Frame, op: ir.Item, index: int) -> Alternatives:
    key = frame.code.scope.ops[op.key]
    sliced = isinstance(key, ir.Constant) and key.kind == "slice"
    groups: list[Alternatives] = []
    for value in evaluator.value(frame, op.value):
        if isinstance(value, Query):
            groups.append((cut(value, frame.code, key),) if sliced else rows_of(value, None))
        elif isinstance(value, Items):
            groups.append((value,) if sliced else picked(value.items, evaluator.value(frame, op.key)))
        elif isinstance(value, Table):
            named = dict(value.named)
            text = key.text if isinstance(key, ir.Constant) else ""
            groups.append(named[text] if text in named else picked(value.items, evaluator.value(frame, op.key)))
        elif isinstance(value, Group) and isinstance(key, ir.Constant) and key.text.isdigit():
            groups.append(value.items[int(key.text)] if int(key.text) < len(value.items) else NOTHING)
        elif isinstance(value, Scalar):
            groups.append((value,))
    return union(*groups)


def _unpack(evaluator: Evaluator, frame: Frame, op: ir.Unpack, index: int) -> Alternatives:
    groups: list[Alternatives] = []
    for value in evaluator.value(frame, op.value):
        if isinstance(value, Group):
            if 0 <= op.position < len(value.items):
                groups.append(value.items[op.position])
        elif isinstance(value, Scalar):
            groups.append((value,))
    return union(*groups)


def _either(evaluator: Evaluator, frame: Frame, op: ir.Either, index: int) -> Alternatives:
    return union(*(evaluator.value(frame, option) for option in op.options))


def _await(evaluator: Evaluator, frame: Frame, op: ir.Await, index: int) -> Alternatives:
    found = evaluator.value(frame, op.value)
    awaited = frame.code.scope.ops[op.value]
    if isinstance(awaited, ir.Call) and evaluator.calls.frames(frame, awaited):
        return found
    return tuple(map(waited, found))


def _display(evaluator: Evaluator, frame: Frame, op: ir.Display, index: int) -> Alternatives:
    if op.kind == "tuple":
        return (Group(tuple(evaluator.value(frame, item) for item in op.items)),)
    items = union(*(_held(evaluator, frame, item) for item in op.items))
    return (Items(items),)


def _held(evaluator: Evaluator, frame: Frame, item: int) -> Alternatives:
    """What an item of a list may be; a row that is written out once is none of many."""
    found = tuple(map(single, evaluator.value(frame, item)))
    many = isinstance(frame.code.scope.ops[item], ir.Element) or is_repeated(frame.code, item)
    return found if many else tuple(each for each in found if not isinstance(each, Row))


def _mapping(evaluator: Evaluator, frame: Frame, op: ir.Mapping, index: int) -> Alternatives:
    named = []
    for key, value in zip(op.keys, op.values, strict=True):
        text = frame.code.scope.ops[key]
        if isinstance(text, ir.Constant) and text.kind == "str":
            named.append((text.text, evaluator.value(frame, value)))
    items = union(*(tuple(map(single, evaluator.value(frame, value))) for value in op.values))
    keys = union(*(evaluator.names.key(frame, key) for key in op.keys))
    return (Table(items, tuple(named), keys),)


def _operation(evaluator: Evaluator, frame: Frame, op: ir.Operation, index: int) -> Alternatives:
    if op.method not in ("__or__", "__and__", "__add__"):
        return NOTHING
    first, second = evaluator.value(frame, op.value), evaluator.value(frame, op.operand)
    if op.method == "__add__" or not any(isinstance(each, Query) for each in (*first, *second)):
        return union(first, second)
    return first or tuple(map(opened, second))  # two querysets load what the first of them does


def _brought(evaluator: Evaluator, frame: Frame, op: ir.Import | ir.Define, index: int) -> Alternatives:
    return translated(evaluator, evaluator.inference.values(frame.code, index))


def _lookup(evaluator: Evaluator, frame: Frame, op: Lookup, index: int) -> Alternatives:
    return evaluator.rendering.looked_up(frame, op, index)


def _tagged(evaluator: Evaluator, frame: Frame, op: Tagged, index: int) -> Alternatives:
    return evaluator.rendering.given(frame, op)


def _grouped(evaluator: Evaluator, frame: Frame, op: Grouped, index: int) -> Alternatives:
    return (Items((Table(NOTHING, (("list", evaluator.value(frame, op.value)),)),)),)


EVALUATE: dict[type, Callable[..., Alternatives]] = {
    ir.Name: _name,
    ir.Attribute: _attribute,
    ir.Call: _call,
    ir.Element: _element,
    ir.Item: _item,
    ir.Unpack: _unpack,
    ir.Either: _either,
    ir.Await: _await,
    ir.Display: _display,
    ir.Mapping: _mapping,
    ir.Operation: _operation,
    ir.Import: _brought,
    ir.Define: _brought,
    Lookup: _lookup,
    Grouped: _grouped,
    Tagged: _tagged,
}
