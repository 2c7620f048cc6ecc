"""What SQLAlchemy's statements, queries and results make of a query."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.orm import declarative
from archwise.engine.orm.domain import NOTHING, SEPARATOR, Alternatives, Found, Model, Query, cut, rows_of

if TYPE_CHECKING:
    from archwise.engine.orm.evaluator import Frame
    from archwise.engine.orm.models import Link, Models

_SAME = frozenset(
    {
        *("order_by", "limit", "offset", "join", "outerjoin", "group_by", "having"),
        *("distinct", "execution_options", "unique", "all", "fetchall", "with_for_update", "select_from", "slice"),
        *("yield_per", "union", "union_all", "populate_existing", "enable_eagerloads", "partitions", "correlate"),
    }
)
_NARROWING = frozenset({"where", "filter", "filter_by"})
_ONE = frozenset({"first", "one", "one_or_none", "scalar", "scalar_one", "scalar_one_or_none", "fetchone", "get"})
_LOADERS = frozenset({"selectinload", "joinedload", "subqueryload", "immediateload", "contains_eager", "defaultload"})
_HARMLESS = frozenset({"load_only", "defer", "undefer", "raiseload", "noload", "with_loader_criteria", "lazyload"})
RUNS = frozenset({"execute", "stream"})
"""Methods of sessions whose result has a tuple a row."""
RUNS_SCALARS = frozenset({"scalars", "stream_scalars", "exec"})
"""Methods of sessions whose result has the rows themselves."""


def asked(models: Models, frame: Frame, index: int, query: Query, name: str) -> Alternatives:
    """What calling a method of a statement, query or result gives."""
    op = frame.code.scope.ops[index]
    if not isinstance(op, ir.Call):
        return NOTHING
    if name == "options":
        return (with_options(frame, op, query),)
    if name in _NARROWING and query.model is not None:
        held = {link.name for link in models.links(query.model).values() if _holds(op, link)}
        return (msgspec.structs.replace(query, loads=query.loads | held) if held else query,)
    if name == "scalars":
        return (msgspec.structs.replace(query, plain=False),)
    if name == "limit" and op.arguments:
        return (cut(query, frame.code.scope.ops[op.arguments[0]]),)
    if name in _SAME:
        return (query,)
    if name in _ONE:
        wanted = query if name in ("first", "one", "one_or_none") else msgspec.structs.replace(query, plain=False)
        return rows_of(wanted, None)
    if name in ("mappings", "tuples", "with_entities", "with_only_columns", "add_columns", "columns"):
        return (msgspec.structs.replace(query, plain=True),)
    return NOTHING


def _holds(op: ir.Call, link: Link) -> bool:
    """Whether ``filter_by`` lets all rows lead to the same one by a relation: a session loads it once at most."""
    if link.many or link.target is None:
        return False
    names = {link.name, *declarative.keys(link.code, link.target)}
    return any(name in names for name, _ in op.keywords)


def run(name: str, given: Alternatives) -> Alternatives:
    """What a session gives that runs a statement."""
    found: list[Found] = []
    for each in given:
        if isinstance(each, Query):
            if name == "scalar":
                found.extend(rows_of(msgspec.structs.replace(each, plain=False), None))
            else:
                found.append(msgspec.structs.replace(each, plain=each.plain or name in RUNS))
    return tuple(found)


def started(frame: Frame, index: int, given: Alternatives, entities: int) -> Alternatives:
    """What ``select(Model)`` and ``session.query(Model)`` give."""
    if entities != 1:
        return NOTHING
    return tuple(Query(each.cls, (frame.code, index)) for each in given if isinstance(each, Model))


def with_options(frame: Frame, op: ir.Call, query: Query) -> Query:
    """The query with the relations that its loader options name."""
    if op.starred:
        return msgspec.structs.replace(query, open=True)
    loads = set(query.loads)
    is_open = query.open
    for argument in op.arguments:
        path = _path(frame, argument)
        if path is None:
            is_open = True
        elif path:
            loads.add(SEPARATOR.join(path))
    return msgspec.structs.replace(query, loads=frozenset(loads), open=is_open)


def _path(frame: Frame, index: int) -> tuple[str, ...] | None:
    """The relations that one loader option loads, each of the one before; None where that cannot be seen."""
    op = frame.code.scope.ops[index]
    if not isinstance(op, ir.Call):
        return None
    function = frame.code.scope.ops[op.function]
    name = ir.identifier(function)
    before: tuple[str, ...] | None = ()
    if isinstance(function, ir.Attribute) and isinstance(frame.code.scope.ops[function.value], ir.Call):
        before = _path(frame, function.value)
    if before is None or name in _HARMLESS:
        return before
    if name not in _LOADERS:
        return None
    names = []
    for argument in op.arguments:
        attribute = frame.code.scope.ops[argument]
        if isinstance(attribute, ir.Call):  # Model.relation.of_type(…), .and_(…)
            made = frame.code.scope.ops[attribute.function]
            attribute = frame.code.scope.ops[made.value] if isinstance(made, ir.Attribute) else attribute
        if not isinstance(attribute, ir.Attribute):
            return None
        names.append(attribute.name)
    return (*before, *names)
