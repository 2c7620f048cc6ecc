"""What the findings about queries in loops have in common: the hops from the query to the read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.orm.domain import EVERYTHING, SEPARATOR
from archwise.findings import Finding, Hop
from archwise.rules import place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archwise.engine.orm.domain import Place
    from archwise.engine.orm.loops import Unloaded
    from archwise.engine.program import Code
    from archwise.rules.rule import Rule

_MOST_NAMED = 3
_MOST_AGAIN = 6
"""So many other places where a path is read are told at most."""


def line_of(where: Place) -> int:
    """The line of an operation, of its scope where it has none; an item of a list in a class body has its own."""
    code, op = where
    line = getattr(code.scope.ops[op], "line", 0) or (_line_of_item(code, op) if op else 0)
    return line or code.scope.line


def _line_of_item(code: Code, item: int) -> int:
    displays = (op for _, op in code.operations(ir.Display) if op.lines and item in op.items)
    return next((op.lines[op.items.index(item)] for op in displays), 0)


def hop(where: Place, note: str) -> Hop:
    """A step of a trace."""
    code, op = where
    return Hop(code.module.path, line_of(where), getattr(code.scope.ops[op], "column", 0), code.name, note)


def first_note(hops: tuple[Place, ...], last: str) -> str:
    """What happens at the first of these places: the read itself, or the call that leads to it."""
    return last if len(hops) == 1 else _goes_to(hops[1])


def _goes_to(where: Place) -> str:
    """What leads to the next step: a call, or a list of columns in a class body."""
    code, _ = where
    return f"{'shows a field of' if code.scope.kind == 'class' else 'calls'} `{code.name}`"


def rest(hops: tuple[Place, ...], last: str) -> Iterator[Hop]:
    """The steps after the first."""
    for position, each in enumerate(hops[1:], 1):
        yield hop(each, last if position == len(hops) - 1 else _goes_to(hops[position + 1]))


def remedy(found: Unloaded) -> str:
    """The call that loads the relation, and the query that lacks it."""
    return f"add `{_call(found)}` to the query made in `{found.made[0].name}`"


def remedy_in_admin(found: Unloaded, listed: Iterable[Unloaded], admin: str) -> str:
    """What an admin class says to load the relations of one row that its list reads.

    That takes the place of what Django loads by itself.
    """
    if found.many or any(each.many for each in found.further):
        return f"add `{_call(found)}` in `get_queryset` of {admin}"
    read = [SEPARATOR.join(each.path) for one in listed for each in (one, *one.further) if not each.many]
    by_itself = sorted(found.row.query.loads - {EVERYTHING}) if EVERYTHING in found.row.query.loads else []
    names = ", ".join(f'"{name}"' for name in dict.fromkeys((*read, *by_itself)))
    return f"set `list_select_related = [{names}]` in {admin}"


def _call(found: Unloaded) -> str:
    everything = (found, *found.further)
    if found.link.orm == "sqlalchemy":
        loaders = [*map(_loader, everything[:_MOST_NAMED]), *("…" for _ in everything[_MOST_NAMED:][:1])]
        return f".options({', '.join(loaders)})"
    calls: dict[str, list[str]] = {}
    for each in everything:
        path = f'"{SEPARATOR.join(each.path)}"'
        if _is_counted(each):
            calls.setdefault("annotate", []).append(f"Count({path})")
        else:
            calls.setdefault("prefetch_related" if each.many else "select_related", []).append(path)
    return "".join(f".{name}({', '.join(given)})" for name, given in calls.items())


def _loader(found: Unloaded) -> str:
    return ".".join(f"selectinload({owner}.{name})" for owner, name in zip(found.owners, found.path, strict=True))


def paths(found: Unloaded) -> str:
    """What is read, as the subject of a sentence with its verb."""
    named = [f"`{'.'.join(each.path)}`" for each in (found, *found.further)]
    if len(named) > _MOST_NAMED:
        named[_MOST_NAMED:] = [f"{len(named) - _MOST_NAMED} more"]
    return f"{', '.join(named[:-1])} and {named[-1]} are" if len(named) > 1 else f"{named[0]} is"


def too(found: Unloaded) -> Iterator[Hop]:
    """The steps to where else the loop reads the path, a line each, and to where it reads the further paths."""
    told = {_where(place) for place in found.hops}
    for each in (found, *found.further):
        own = () if each is found else (each.hops,)
        for way in (*own, *each.again[:_MOST_AGAIN]):
            for position, step in enumerate(way):
                is_last = position == len(way) - 1
                if _where(step) not in told or (is_last and way in own):
                    told.add(_where(step))
                    yield hop(step, f"reads `{'.'.join(each.path)}` too" if is_last else _goes_to(way[position + 1]))


def _where(place: Place) -> tuple[str, int]:
    return place[0].module.path, line_of(place)


def _is_counted(found: Unloaded) -> bool:
    """Whether the rows of a relation are only counted."""
    code, op = found.hops[-1]
    read = code.scope.ops[op]
    return isinstance(read, ir.Call) and ir.identifier(code.scope.ops[read.function]) == "count" and found.link.many


def cause(found: Unloaded) -> str:
    """What findings about the same lack have in common: the query and the relation."""
    return f"{found.made[0].key}\0{found.made[1]}\0{SEPARATOR.join(found.path)}"


def per_row(rule: Rule, found: Unloaded) -> Finding:
    """The finding about a relation that a loop reads of each row."""
    code, op = found.hops[0]
    owner = found.row.query.model if not found.row.base else None
    rows = f"`{owner.scope.name}`" if owner is not None else "row"
    through = f", in `{found.hops[-1][0].name}`" if len(found.hops) > 1 else ""
    last = f"reads `{found.link.name}`, one query"
    why = information(found.minor or shared(found))
    return place.at(
        rule,
        code,
        op,
        f"{paths(found)} read for each {rows} of a loop, one query each time{through}{why}",
        remedy(found),
        note=first_note(found.hops, last),
        severity="info" if why else "warning",
        confidence="certain" if found.seen and not found.shared else "likely",
        before=tuple(_before(found)),
        after=(*rest(found.hops, last), *too(found)),
        cause=cause(found),
    )


def information(why: str) -> str:
    """Why a finding is information, at the end of its message."""
    return f"; information, {why}" if why else ""


def shared(found: Unloaded) -> str:
    """Why a relation that rows may have in common is information; empty where they may not."""
    return "as a session loads a row once for all that share it" if found.shared else ""


def _before(found: Unloaded) -> Iterator[Hop]:
    if found.made != found.each:
        yield hop(found.made, f"makes the query, without `{found.path[0]}`")
    yield hop(found.each, "goes through its rows")
