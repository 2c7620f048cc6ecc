"""What the engine infers an expression to be, in the terms of those who look for queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine.orm.domain import NOTHING, Alternatives, Group, Items, Model, Object, Query, Row, Table, union
from archwise.engine.orm.users import DJANGO_USERS
from archwise.engine.values import (
    ClassValue,
    External,
    ExternalInstance,
    Instance,
    ItemsOf,
    MappingOf,
    TupleOf,
    Value,
    Values,
    class_of,
    is_known,
)

if TYPE_CHECKING:
    from archwise.engine.orm.evaluator import Evaluator
    from archwise.engine.program import Code

_LOGGED_IN = frozenset(f"{name}.current_user" for name in ("flask_login", "flask_security", "flask_jwt_extended"))


def translated(evaluator: Evaluator, values: Values) -> Alternatives:
    """The engine's own values, as rows and querysets."""
    return union(*(_translated(evaluator, value) for value in values))


def _translated(evaluator: Evaluator, value: Value) -> Alternatives:
    if isinstance(value, ClassValue):
        return (Model(value.code),) if evaluator.models.is_model(value.code) else NOTHING
    if isinstance(value, External) and value.name in DJANGO_USERS:
        return evaluator.users
    if isinstance(value, External) and value.name in _LOGGED_IN and evaluator.models.user is not None:
        return (Row(evaluator.models.user, Query(evaluator.models.user, open=True)),)
    if (cls := class_of(value)) is not None:
        return _instance(evaluator, cls)
    if isinstance(value, ItemsOf):
        return (Items(translated(evaluator, value.items)),) if is_known(value.items) else NOTHING
    if isinstance(value, MappingOf):
        return (Table(translated(evaluator, value.items)),) if is_known(value.items) else NOTHING
    if isinstance(value, TupleOf):
        return (Group(tuple(translated(evaluator, item) for item in value.items)),)
    if isinstance(value, ExternalInstance) and value.arguments and evaluator.managers.is_query(value.name):
        for row in value.arguments[0]:
            if isinstance(row, Instance) and evaluator.models.is_model(row.code):
                return (Query(row.code, open=True),)
    return NOTHING


def _instance(evaluator: Evaluator, cls: Code) -> Alternatives:
    """An instance of a class of the program of which nothing else is known."""
    if evaluator.models.is_model(cls):
        return (Row(cls, Query(cls, open=True)),)
    if evaluator.managers.is_query_class(cls):
        return (Query(None, open=True, kinds=(cls,)),)
    return (Object(cls),)
