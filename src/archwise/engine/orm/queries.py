"""What the methods of querysets and managers make of a query."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.orm import flags, paths, statements
from archwise.engine.orm.domain import (
    EVERYTHING,
    NOTHING,
    SEPARATOR,
    Alternatives,
    Flag,
    Group,
    Place,
    Query,
    Scalar,
    Table,
    Users,
    union,
)
from archwise.engine.orm.iteration import depends
from archwise.engine.orm.rows import cut, rows_of
from archwise.engine.templates.ops import Lookup
from archwise.engine.values import Literal

if TYPE_CHECKING:
    from archwise.engine.orm.evaluator import Evaluator
    from archwise.engine.orm.frames import Frame
    from archwise.engine.program import Code

SAME = frozenset({"all", "iterator", "aiterator", "get_queryset", "db_manager", "using", "_clone", "_chain"})
"""Methods after which a relation's rows may still be those that were loaded beforehand."""
NARROWED = frozenset(
    {
        *("filter", "exclude", "complex_filter", "order_by", "distinct", "reverse", "annotate", "alias", "extra"),
        *("union", "intersection", "difference", "defer", "only", "limit", "offset"),
    }
)
LOADING = frozenset({"select_related", "prefetch_related"})
VALUES = frozenset({"values", "values_list", "dates", "datetimes"})
PICKED = frozenset(
    f"{a}{name}" for a in ("", "a") for name in ("get", "first", "last", "latest", "earliest", "create")
) | {"get_or_none"}
_KEYS = frozenset({"pk", "id"})
"""By these, a filter gives one row at most."""
_IS_NULL = f"{SEPARATOR}isnull"
_LOCKING = "select_for_update"
_PAGES = frozenset({"page", "get_page"})
"""Methods of what divides a query into pages."""
_MADE = frozenset({"create", "acreate"})
PAIRED = frozenset(f"{a}{name}" for a in ("", "a") for name in ("get_or_create", "update_or_create"))
TABLES = frozenset({"in_bulk", "ain_bulk"})
COUNTED = frozenset(f"{a}{name}" for a in ("", "a") for name in ("count", "exists", "aggregate", "contains"))
ASKING = (PICKED - {"create", "acreate"}) | PAIRED | TABLES | COUNTED
"""Methods that send a query at once, to read."""
BARE = ir.Call(0, (), (), (), 0, 0, 0, 0)
"""A call without arguments."""
REMEMBERED = frozenset({"count", "exists", "contains", "acount", "aexists", "acontains"})
"""Of these, the ones that rows loaded beforehand answer without a query."""


def asked(evaluator: Evaluator, frame: Frame, index: int, query: Query, name: str) -> Alternatives:
    """What calling a method of a queryset gives; a template calls it without arguments."""
    op = frame.code.scope.ops[index]
    if isinstance(op, Lookup):
        op = BARE
    if not isinstance(op, ir.Call):
        return NOTHING
    if evaluator.models.dialect(query.model) == "sqlalchemy":
        return statements.asked(evaluator, frame, index, query, name)
    if name == "none":
        return NOTHING
    if name == _LOCKING:
        return (msgspec.structs.replace(_started(query, (frame.code, index)), locked=True),)
    if name in _PAGES:
        return (query,)
    if name in SAME:
        return (_started(query, (frame.code, index)),)
    if name in LOADING:
        return (_loading(evaluator, frame, op, narrowed(query, (frame.code, index), None), name),)
    query = narrowed(query, (frame.code, index), depends(given_to(evaluator, frame, op)))
    if name in NARROWED:
        if name == "filter":
            is_one = query.one or _gives_one(evaluator, query, op)
            of = query.of or _belongs_to(evaluator, query, op)
            query = msgspec.structs.replace(query, one=is_one, of=of, loads=query.loads | _missing(frame.code, op))
        return (_limited(frame, query, op) if name == "limit" and op.arguments else query,)
    if name in VALUES:
        return (msgspec.structs.replace(query, plain=True),)
    if name in PICKED:  # a row that each round of a loop gets is one of as many
        return rows_of(_given(evaluator, frame, query, op) if name in _MADE else query, query.each)
    if name in PAIRED:
        return (Group((rows_of(_given(evaluator, frame, query, op), query.each), NOTHING)),)
    if name in TABLES:
        return (Table(rows_of(query, None)),)
    if name in COUNTED and query.each is not None:
        return (Scalar(query.each, True),)
    return (query,) if evaluator.managers.gives_itself(query, name) else NOTHING


def _gives_one(evaluator: Evaluator, query: Query, op: ir.Call) -> bool:
    """Whether a filter is by a key, or by a row that has one of these at most."""
    models = evaluator.models
    links = models.links(query.model) if query.model is not None else {}
    named = [links[name] for name, _ in op.keywords if name in links]
    is_to_one = any(link.declared and not link.many and models.back_of(link) == "one" for link in named)
    return is_to_one or any(name in _KEYS for name, _ in op.keywords)


def _missing(code: Code, op: ir.Call) -> frozenset[str]:
    """The relations that rows are picked for not having, which reading them needs no query to tell."""
    tests = (
        name.removesuffix(_IS_NULL)
        for name, given in op.keywords
        if name.endswith(_IS_NULL) and flags.of(code, given) == (Flag(True),)
    )
    return frozenset(tests)


def _belongs_to(evaluator: Evaluator, query: Query, op: ir.Call) -> Code | Users | None:
    """The model of the one row that a filter gives the rows of: ``filter(order=order)``."""
    links = evaluator.models.links(query.model) if query.model is not None and query.each is None else {}
    for name, _ in op.keywords:
        link = links.get(name.removesuffix("__pk").removesuffix("__id").removesuffix("_id"))
        if link is not None and link.declared and not link.many and (link.target is not None or link.to_user):
            return link.target or Users()
    return None


def given_to(evaluator: Evaluator, frame: Frame, op: ir.Call) -> Alternatives:
    """What the rows that a call asks for depend on: of many keys asked for at once, only a query that gives them."""
    groups = [evaluator.value(frame, argument) for argument in op.arguments]
    for name, index in op.keywords:
        found = evaluator.value(frame, index)
        groups.append(tuple(each for each in found if isinstance(each, Query)) if name.endswith("__in") else found)
    for index in op.starred:
        tables = (each for each in evaluator.value(frame, index) if isinstance(each, Table))
        groups += [values for table in tables for name, values in table.named if not name.endswith("__in")]
    return union(*groups)


def _limited(frame: Frame, query: Query, op: ir.Call) -> Query:
    return cut(query, frame.code, frame.code.scope.ops[op.arguments[0]])


def is_extended(name: str) -> bool:
    """Whether a project's own method of this name adds to what Django's does, rather than being one of its own."""
    return name in SAME or name in NARROWED or name in LOADING


def _given(evaluator: Evaluator, frame: Frame, query: Query, op: ir.Call) -> Query:
    """The query of a row that is made with what a call names: that needs not be loaded."""
    named = dict(op.keywords)
    defaults = evaluator.value(frame, named["defaults"]) if "defaults" in named else NOTHING
    names = {name for each in defaults if isinstance(each, Table) for name, _ in each.named}
    return msgspec.structs.replace(query, loads=query.loads.union(names, named))


def narrowed(query: Query, place: Place, each: Place | None) -> Query:
    """A query of its own: a relation's, once something more is asked of it, is not what was loaded beforehand."""
    if query.home is not None:
        each = query.home.each or each
        guessed = query.guessed or query.home.query.guessed
        of = paths.model_of(query.home) if each is None else None
        return msgspec.structs.replace(query, home=None, link=None, made=place, each=each, guessed=guessed, of=of)
    query = _started(query, place)
    return msgspec.structs.replace(query, each=each, tied=place) if each is not None and query.each is None else query


def _started(query: Query, place: Place) -> Query:
    return query if query.made is not None or query.open else msgspec.structs.replace(query, made=place)


def _loading(evaluator: Evaluator, frame: Frame, op: ir.Call, query: Query, name: str) -> Query:
    """The query with what ``select_related`` or ``prefetch_related`` loads."""
    if op.starred:
        return msgspec.structs.replace(query, open=True)
    if not op.arguments:
        everything = {EVERYTHING} if name == "select_related" else set()
        return msgspec.structs.replace(query, loads=query.loads | everything, selected=name == "select_related")
    loads: set[str] = set()
    kept: list[tuple[str, str]] = []
    is_open = query.open
    for index in op.arguments:
        given = frame.code.scope.ops[index]
        if ir.is_none(given):
            return msgspec.structs.replace(query, loads=frozenset())
        texts = evaluator.texts(frame, index)
        prefetch = _prefetch_at(frame.code, index)
        if prefetch is not None:
            found, unclear, as_attributes = _prefetch(evaluator, frame, prefetch)
            loads |= found
            is_open |= unclear
            kept += as_attributes
        elif texts:
            loads |= texts
        else:
            is_open = True
    selected = query.selected or name == "select_related"
    return msgspec.structs.replace(
        query, loads=query.loads | loads, open=is_open, selected=selected, kept=(*query.kept, *kept)
    )


def _prefetch_at(code: Code, index: int) -> ir.Call | None:
    """The ``Prefetch(…)`` that an argument is, or a name that alone is bound to one."""
    op = code.scope.ops[index]
    bindings = code.scope.bindings.get(op.id, ()) if isinstance(op, ir.Name) else ()
    op = code.scope.ops[bindings[0].value] if len(bindings) == 1 else op
    return op if isinstance(op, ir.Call) and ir.identifier(code.scope.ops[op.function]) == "Prefetch" else None


def _prefetch(evaluator: Evaluator, frame: Frame, op: ir.Call) -> tuple[set[str], bool, list[tuple[str, str]]]:
    """The paths that ``Prefetch(lookup, queryset, to_attr)`` loads, if there may be more, and what it keeps as what."""
    lookups = evaluator.texts(frame, op.argument("lookup", 0))
    if not lookups:
        return set(), True, []
    loads = set(lookups)
    attributes = evaluator.texts(frame, op.argument("to_attr"))
    kept = []
    for lookup in lookups:
        before = lookup.rpartition(SEPARATOR)[0]
        kept += [(f"{before}{SEPARATOR}{name}" if before else name, lookup) for name in attributes]
    loads.update(attribute for attribute, _ in kept)
    given = op.argument("queryset", 1)
    queries = [each for each in (evaluator.value(frame, given) if given else NOTHING) if isinstance(each, Query)]
    further = {f"{path}{SEPARATOR}{load}" for path in loads for each in queries for load in each.loads}
    return loads | further, any(each.open for each in queries), kept


def texts_of(values: tuple[object, ...]) -> frozenset[str]:
    """The strings among values; none where one of them is anything else."""
    if values and all(isinstance(value, Literal) and value.kind == "str" for value in values):
        return frozenset(value.text for value in values if isinstance(value, Literal))
    return frozenset()
