"""How far a path proves that it is taken: what is likely only, and what is no more than information.

Each line was drawn by the labels of ``benchmarks/``: of a kind of evidence that is reported as likely, at least 85 % of
the judged findings were true as first found, on code that nobody had looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine.event import Demand, Run, Sink
from archwise.engine.frequency import conditions_of
from archwise.engine.reach import steps

if TYPE_CHECKING:
    from archwise.engine.analysis import Analysis
    from archwise.engine.event import Event
    from archwise.engine.reach import Reach, Step

_FAR = 3
_MANY = 3
_TOO_MANY = 6
_LONG = 5
"""The hops of a way on which conditions weigh more."""
_FARTHEST_GUARDED = 6
_FARTHEST_DOUBTED = 5
_SEVERAL = 3
_HAVING_TWINS = frozenset({"network", "lock", "sleep", "dns"})
"""Kinds of waits for which asynchronous code is given something else, with methods of the same names."""


def is_farfetched(reach: Reach) -> bool:
    """Whether doubt has added up: a long way of which some step might lead elsewhere, or that many conditions guard.

    Of the judged findings of this kind more were false than true.
    """
    if not reach.certain and reach.length > _FARTHEST_DOUBTED:
        return True
    return reach.guarded >= _MANY and reach.length > _FARTHEST_GUARDED


def is_conditional(reach: Reach) -> bool:
    """Whether what is called does this for one type of what it is given, or only where many conditions hold.

    A condition of the function on the loop is its own affair; those of what it calls may never hold for this call.
    Two of them are few on a short way: of the judged findings on a longer one a quarter was false.
    """
    few = _MANY - (reach.length >= _LONG)
    return reach.open or _guarded(reach) >= few


def reason(analysis: Analysis, reach: Reach) -> str:
    """Why a likely finding is no more than information, in words; empty where it is more.

    Of the judged ones with such a reason between a quarter and three quarters were false.
    """
    if reach.open and reach.length >= _FAR and reach.effect.kind != "cpu":
        return "for one type of what is given only, and which is given is not seen"
    if _is_remote(reach):
        return "many conditions must hold"
    if analysis.halves.crosses(reach):
        return "the asynchronous half has a twin of what this leads to"
    if not reach.certain and analysis.unmade.is_met(reach):
        return "nothing makes an object of a class that this leads to"
    if not reach.certain and reach.effect.kind in _HAVING_TWINS:
        if _comes_from_callers(analysis, reach):
            return "what this is called on comes from callers, and may be something that does not wait"
        if any(_is_rare(analysis, step) for step in steps(reach.path)):
            return "of the many that may be called on the way, few wait"
    return ""


def _is_remote(reach: Reach) -> bool:
    """Whether so many conditions of what is called must hold that a third of the judged findings was false.

    Or many, on a way of which some step might lead elsewhere: more than half of those were.
    """
    in_doubt = not reach.certain and _guarded(reach) >= _MANY
    return in_doubt or sum(_conditions(reach)) >= _TOO_MANY


def _comes_from_callers(analysis: Analysis, reach: Reach) -> bool:
    """Whether what the loop calls is what callers gave, and is not seen.

    They gave it to the function, or to the one that made its object. Where several of what it may be wait, it matters
    little which it is.
    """
    step = reach.path
    events = [event for events in _alternatives(analysis, step) for event in events]
    if any(_leads_on(event, reach) for event in events):
        return False
    if not any(isinstance(event, Demand) and not _is_receiver(event) for event in events):
        return False
    below = {each.path.next.code for each in analysis.reaches(step.code) if each.path.op == step.op and each.path.next}
    return len(below) < _SEVERAL


def _leads_on(event: Event, reach: Reach) -> bool:
    """Whether an event is the next step of a path, whatever callers give."""
    if isinstance(event, Run):
        return reach.path.next is not None and reach.path.next.code is event.code
    return isinstance(event, Sink) and event.effect.kind == reach.effect.kind


def _is_receiver(demand: Demand) -> bool:
    code, name = demand.symbol.code, demand.symbol.name
    return code.owner is not None and bool(code.scope.parameters) and code.scope.parameters[0].name == name


def _is_rare(analysis: Analysis, step: Step) -> bool:
    """Whether a step calls one of four or more, of which at most a quarter wait for anything."""
    alternatives = _alternatives(analysis, step)
    waiting = sum(any(_may_wait(analysis, event) for event in events) for events in alternatives)
    return len(alternatives) > _SEVERAL and 4 * waiting <= len(alternatives)


def _may_wait(analysis: Analysis, event: Event) -> bool:
    if isinstance(event, Run):
        found = analysis.effects.of(event.code)
        return bool(found.reaches or found.pendings)
    return isinstance(event, (Demand, Sink))


def _alternatives(analysis: Analysis, step: Step) -> tuple[tuple[Event, ...], ...]:
    return next((site.alternatives for site in analysis.events.sites(step.code) if site.op == step.op), ())


def _guarded(reach: Reach) -> int:
    """How many functions below the one on the loop go on only under a condition."""
    return sum(count > 0 for count in _conditions(reach))


def _conditions(reach: Reach) -> list[int]:
    """The conditions that each function below the one on the loop goes through to its next step."""
    return [conditions_of(step.code, step.op) for step in steps(reach.path.next)]
