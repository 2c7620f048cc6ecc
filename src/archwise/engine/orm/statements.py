"""What SQLAlchemy's statements, queries and results make of a query."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.orm import declarative
from archwise.engine.orm.domain import NOTHING, SEPARATOR, Alternatives, Found, Model, Query, union
from archwise.engine.orm.iteration import depends
from archwise.engine.orm.rows import cut, rows_of

if TYPE_CHECKING:
    from archwise.engine.orm.domain import Place
    from archwise.engine.orm.evaluator import Evaluator
    from archwise.engine.orm.frames import Frame
    from archwise.engine.orm.models import Link
    from archwise.engine.program import Code

_SAME = frozenset(
    {
        *("order_by", "limit", "offset", "join", "outerjoin", "group_by", "having"),
        *("distinct", "execution_options", "unique", "all", "fetchall", "with_for_update", "select_from", "slice"),
        *(
            "yield_per",
            "union",
            "union_all",
            "populate_existing",
            "paginate",
            "enable_eagerloads",
            "partitions",
            "correlate",
        ),
    }
)
NARROWING = frozenset({"where", "filter", "filter_by"})
_OR_404 = frozenset({"get_or_404", "first_or_404", "one_or_404"})
"""What Flask-SQLAlchemy adds."""
_ONE = _OR_404 | {"first", "one", "one_or_none", "scalar", "scalar_one", "scalar_one_or_none", "fetchone", "get"}
LOADERS = frozenset(
    {
        *("selectinload", "joinedload", "subqueryload", "immediateload", "contains_eager", "defaultload", "eagerload"),
        *("joinedload_all", "subqueryload_all", "eagerload_all"),  # the last three until SQLAlchemy 1.3
    }
)
_HARMLESS = frozenset({"load_only", "defer", "undefer", "raiseload", "noload", "with_loader_criteria", "lazyload"})
SENDING = _OR_404 | {"all", "first", "one", "one_or_none", "scalar", "count", "get"}
"""Methods of older queries that send them."""
RUNS = frozenset({"execute", "stream"})
"""Methods of sessions whose result has a tuple a row."""
RUNS_SCALARS = frozenset({"scalars", "stream_scalars", "exec"})
"""Methods of sessions whose result has the rows themselves."""


def asked(evaluator: Evaluator, frame: Frame, index: int, query: Query, name: str) -> Alternatives:
    """What calling a method of a statement, query or result gives."""
    op = frame.code.scope.ops[index]
    if not isinstance(op, ir.Call):
        return NOTHING
    if name == "options":
        return (with_options(frame, op, query),)
    if name in NARROWING and query.model is not None:
        held = {link.name for link in evaluator.models.links(query.model).values() if _holds(op, link)}
        asked_for = (each for each in op.given if not _is_batch(frame.code.scope.ops[each], frame))
        each = depends(union(*(evaluator.value(frame, argument) for argument in asked_for)))
        each = query.each or each or _compared(evaluator, frame, op, index)
        tied = (frame.code, index) if each is not None and query.each is None else query.tied
        return (msgspec.structs.replace(query, loads=query.loads | held, each=each, tied=tied),)
    if name == "scalars":
        return (_firsts(query),)
    if name == "limit" and op.arguments:
        return (cut(query, frame.code, frame.code.scope.ops[op.arguments[0]]),)
    if name in _SAME:
        return (query,)
    if name in _ONE:
        wanted = (
            query if name in ("first", "one", "one_or_none") else msgspec.structs.replace(query, plain=query.columns)
        )
        return rows_of(_firsts(wanted) if name.startswith("scalar") else wanted, None)
    if name in ("mappings", "tuples", "with_entities", "with_only_columns", "add_columns", "columns"):
        return (msgspec.structs.replace(query, plain=True, entities=query.entities if name == "tuples" else ()),)
    return NOTHING


def _one(query: Query) -> tuple[Code | None, ...]:
    """The parts of a row that has but one."""
    return (query.model,) if query.model is not None and not query.plain else ()


def _firsts(query: Query) -> Query:
    """The first part of each row of a result."""
    model, *_ = query.entities or (query.model,)
    return msgspec.structs.replace(query, model=model, plain=query.columns or model is None, entities=())


def _is_batch(op: ir.AnyOp, frame: Frame) -> bool:
    """Whether a condition asks for many rows at once: ``Model.column.in_(keys)``."""
    return isinstance(op, ir.Call) and ir.identifier(frame.code.scope.ops[op.function]) == "in_"


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
            sent = msgspec.structs.replace(each, each=None)
            if name == "scalar":
                found.extend(rows_of(msgspec.structs.replace(sent, plain=each.columns), None))
            elif name in RUNS:
                found.append(msgspec.structs.replace(sent, plain=True, entities=each.entities or _one(each)))
            else:
                found.append(_firsts(sent))
    return tuple(found)


def started(frame: Frame, index: int, given: Alternatives) -> Alternatives:
    """What ``select(Model)`` and ``session.query(Model)`` give."""
    return tuple(Query(each.cls, (frame.code, index)) for each in given if isinstance(each, Model))


def of_several(evaluator: Evaluator, frame: Frame, index: int, op: ir.Call) -> Alternatives:
    """What ``session.query(Model, Other)`` and ``select(Model, func.count())`` give: tuples."""
    models: list[Code | None] = []
    for argument in op.arguments:
        found = [each.cls for each in evaluator.value(frame, argument) if isinstance(each, Model)]
        models.append(found[0] if len(found) == 1 else None)
    first = next((model for model in models if model is not None), None)
    return (Query(first, (frame.code, index), plain=True, entities=tuple(models)),) if first is not None else NOTHING


def of_columns(evaluator: Evaluator, frame: Frame, index: int, op: ir.Call) -> Alternatives:
    """What ``select(Model.column)``, ``select(func.count(Model.id))`` and ``….select_from(Model)`` give: no rows."""
    models = union(*(_entities(evaluator, frame, argument) for argument in op.arguments[:1]))
    sqlalchemy = (
        each for each in models if isinstance(each, Model) and evaluator.models.dialect(each.cls) == "sqlalchemy"
    )
    return tuple(Query(each.cls, (frame.code, index), plain=True, columns=True) for each in sqlalchemy)


def _entities(evaluator: Evaluator, frame: Frame, index: int, depth: int = 3) -> Alternatives:
    """The models whose columns an expression is made of."""
    op = frame.code.scope.ops[index]
    if isinstance(op, ir.Attribute):
        return evaluator.value(frame, op.value)
    if isinstance(op, ir.Call) and depth:
        return union(*(_entities(evaluator, frame, argument, depth - 1) for argument in op.arguments))
    return evaluator.value(frame, index) if isinstance(op, ir.Name) else NOTHING


def _compared(evaluator: Evaluator, frame: Frame, op: ir.Call, index: int) -> Place | None:
    """The loop on whose item a comparison in a call's arguments depends: ``Model.column == row.id``."""
    ops = frame.code.scope.ops
    for each in ops[op.function + 1 : index]:
        if isinstance(each, ir.Operation) and each.method in ir.COMPARISONS:
            column = ops[each.value]
            models = evaluator.value(frame, column.value) if isinstance(column, ir.Attribute) else NOTHING
            if any(isinstance(model, Model) for model in models):
                found = depends(evaluator.value(frame, each.operand))
                if found is not None:
                    return found
    return None


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
    if name not in LOADERS:
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
