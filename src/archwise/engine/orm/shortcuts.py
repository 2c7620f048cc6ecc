"""What functions give that their names tell: Python's own, and the shortcuts of Django, Flask and Jinja."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine.orm import containers
from archwise.engine.orm.domain import NOTHING, Alternatives, Group, Items, Model, Page, Query, Table, union
from archwise.engine.orm.iteration import depends
from archwise.engine.orm.rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from archwise.engine import ir
    from archwise.engine.orm.evaluator import Evaluator
    from archwise.engine.orm.frames import Frame


class Called(msgspec.Struct, frozen=True):
    """A call of one of these functions; ``given`` is what each of its arguments may be."""

    evaluator: Evaluator
    frame: Frame
    op: ir.Call
    index: int
    given: list[Alternatives]


def _first(call: Called) -> Alternatives:
    return call.given[0]


def _filtered(call: Called) -> Alternatives:
    """``filter(function, rows)``, or what another function of this name is given."""
    return call.given[1] if len(call.given) > 1 else call.given[0]


def _members(call: Called) -> Alternatives:
    return containers.members(call.given[0])


def _from_keys(call: Called) -> Alternatives:
    return (Items(containers.members(call.given[0])),)


def _enumerated(call: Called) -> Alternatives:
    return (Items((Group((NOTHING, containers.members(call.given[0]))),)),)


def _zipped(call: Called) -> Alternatives:
    return (Items((Group(tuple(map(containers.members, call.given))),)),)


def _chained(call: Called) -> Alternatives:
    return union(*call.given)


def _grouped(call: Called) -> Alternatives:
    return (Items((containers.grouped(call.evaluator, call.frame, call.op, call.given[0]),)),)


def _dict(call: Called) -> Alternatives:
    if call.given:
        return tuple(map(containers.paired, call.given[0]))
    return (Table(NOTHING, tuple((key, call.evaluator.value(call.frame, at)) for key, at in call.op.keywords)),)


def _empty(call: Called) -> Alternatives:
    return (Table(NOTHING),)


def _attribute(call: Called) -> Alternatives:
    """``getattr(row, name)``."""
    texts = sorted(call.evaluator.texts(call.frame, call.op.arguments[1])) if len(call.given) > 1 else ()
    of = call.evaluator.attributes.of
    return union(*(of(call.frame, each, text, call.index) for each in call.given[0] for text in texts))


def _queries(call: Called) -> Alternatives:
    """The querysets among what a function is given that narrows or cuts one."""
    return tuple(each for values in call.given for each in values if isinstance(each, Query))


def _template(call: Called) -> Alternatives:
    pages = map(call.evaluator.rendering.named, call.evaluator.texts(call.frame, call.op.arguments[0]))
    return tuple(Page(page) for page in pages if page is not None)


def _users(call: Called) -> Alternatives:
    return call.evaluator.users


def _model(call: Called) -> Alternatives:
    """``apps.get_model("shop.Order")``, or with the two names apart."""
    texts = [call.evaluator.texts(call.frame, argument) for argument in call.op.arguments]
    if not texts or any(len(text) != 1 for text in texts):
        return NOTHING
    found = call.evaluator.models.named(".".join(next(iter(text)) for text in texts), call.frame.code)
    return (Model(found),) if found is not None else NOTHING


def _fetched(call: Called) -> Alternatives:
    """The row of ``get_object_or_404(Model, key)``: another in each round of the loop that the key depends on."""
    keys = (*call.given[1:], *(call.evaluator.value(call.frame, at) for _, at in call.op.keywords))
    each = depends(union(*keys))
    queries = [query for query in _fetched_list(call) if isinstance(query, Query)]
    tied = [msgspec.structs.replace(query, each=query.each or each) for query in queries]
    return union(*(rows_of(query, query.each) for query in tied))


def _fetched_list(call: Called) -> Alternatives:
    place = call.frame.code, call.index
    return tuple(Query(each.cls, place) if isinstance(each, Model) else each for each in call.given[0])


_LISTED = ("list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "islice", "deque", "copy", "deepcopy")
"""Functions that give the items of what they are given."""
OF_ARGUMENTS: dict[str, Callable[[Called], Alternatives]] = {
    **dict.fromkeys(_LISTED, _first),
    "filter": _filtered,
    "enumerate": _enumerated,
    "fromkeys": _from_keys,
    "next": _members,
    "min": _members,
    "max": _members,
    "getattr": _attribute,
    "groupby": _grouped,
    "Paginator": _first,
    "paginate": _first,
    "get_template": _template,
    "get_object_or_404": _fetched,
    "aget_object_or_404": _fetched,
    "get_list_or_404": _fetched_list,
    "aget_list_or_404": _fetched_list,
}
"""What is said of a call that has arguments."""
OF_ANY: dict[str, Callable[[Called], Alternatives]] = {
    "zip": _zipped,
    "chain": _chained,
    "dict": _dict,
    "defaultdict": _empty,
    "filter_queryset": _queries,
    "paginate_queryset": _queries,
    "get_model": _model,
    "get_user_model": _users,
}
"""What is said of a call whether it has arguments or not."""
