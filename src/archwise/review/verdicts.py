"""Each decision of the guide: what the code shows was taken, beside what is advised for its context."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.decide.cases import cases
from archwise.decide.context import Answer, contradictions
from archwise.decide.outlook import completions
from archwise.decide.rank import rank, resolve, upstream
from archwise.decide.verdict import Verdict as Advised
from archwise.decide.verdict import advise
from archwise.guide.model import Row
from archwise.review.kind import REACTS
from archwise.review.model import Reason, Stand, Verdict
from archwise.review.serving import title_of

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator, Mapping

    from archwise.decide.verdict import Reason as Because
    from archwise.guide.model import Decision, Guide
    from archwise.review.cost import Costs
    from archwise.review.model import Measured, Seen

_APPLICATIONS = frozenset({"framework", "tests", "grouping", "background", "file-access", "errors", "validation"})
"""Decisions of applications: a library or a tool is not lectured about them."""
_REQUESTED = frozenset({"grouping", "background"})
"""Decisions that speak of requests, or of what else is done than answering: what answers events does not have them."""
_TOGETHER = frozenset({"data-layer", "database-driver", "http-client", "redis-client"})
"""Decisions that scripts take each for itself, and not together."""
_AS_GOOD = 1
"""How many reasons what was taken may be behind what is advised, and still be as good."""
_MANY = 50
"""Modules of a program in which one of them is a corner."""
_DRAWN = 24
"""How many ways to answer what is open are looked at."""
_NOTHING = frozenset({"none", "not-django", "ungrouped"})
"""Options that say a decision does not arise, or that nothing was done."""


def verdicts(
    guide: Guide, measured: Measured, said: Mapping[str, Answer], today: datetime.date, costs: Costs
) -> tuple[Verdict, ...]:
    """A verdict for each decision that arises here.

    ``said`` are answers that somebody gave to factors: they go before what is measured. Framework and async or sync
    are judged by the context alone; the rest given what was taken there, so that no departure counts twice.
    """
    answers = _answers(guide, measured, said)
    alike: dict[frozenset[str], list[str]] = {}
    for name in guide.decisions:
        alike.setdefault(_given(guide, name), []).append(name)
    advised: dict[str, tuple[Guide, Advised]] = {}
    for taken, names in alike.items():
        options = {name: measured.options[name].value for name in taken if name in measured.options}
        advised |= _weighed(guide, answers, options, names, today)
        if not measured.partly.keys().isdisjoint(options):
            # What fits the part of the program that does otherwise is not wrong.
            for name, other in _weighed(guide, answers, {**options, **measured.partly}, names, today).items():
                seen = measured.options.get(name)
                stands = [_stand(each, answers, verdict, seen) for each, verdict in (advised[name], other)]
                if stands[0] != "fits" == stands[1]:
                    advised[name] = other
    return tuple(_verdicts(guide, measured, answers, [advised[name] for name in guide.decisions], costs))


def _weighed(
    guide: Guide, answers: Mapping[str, Answer], taken: Mapping[str, str], names: list[str], today: datetime.date
) -> dict[str, tuple[Guide, Advised]]:
    """What is advised on some decisions where those they build on are taken, with the guide it was advised by."""
    pinned = _pinned(guide, taken)
    return {each.decision.id: (pinned, each) for each in advise(pinned, answers, today, names).verdicts}


def _answers(guide: Guide, measured: Measured, said: Mapping[str, Answer]) -> dict[str, Answer]:
    """What is known of the context. Where it cannot hold together, the kind of program stands and the rest is open."""
    answers = {name: Answer(seen.value, f"measured: {seen.why}") for name, seen in measured.factors.items()}
    answers |= said
    while wrong := contradictions(guide, answers):
        loose = [name for name in wrong[0].answers if name not in said and name != "kind"]
        if not loose:
            break
        del answers[loose[-1]]
    return answers


def _given(guide: Guide, decision: str) -> frozenset[str]:
    """The decisions that one builds on, taken as the program has them."""
    headline = guide.decisions[decision].headline
    return frozenset() if headline else frozenset(upstream(guide, [decision]) - {decision})


def _pinned(guide: Guide, taken: Mapping[str, str]) -> Guide:
    """The guide with some decisions settled as the program has them."""
    decisions = dict(guide.decisions)
    for name, value in taken.items():
        decision = decisions[name]
        if any(option.id == value for option in decision.option):
            row = Row(id="taken", when={}, must=(value,), because="it is what the program has")
            decisions[name] = msgspec.structs.replace(decision, row=(row,))
    return msgspec.structs.replace(guide, decisions=decisions)


def _verdicts(
    guide: Guide,
    measured: Measured,
    answers: Mapping[str, Answer],
    advised: Iterable[tuple[Guide, Advised]],
    costs: Costs,
) -> Iterator[Verdict]:
    """The verdicts; ``advised`` comes with the guide that it was advised by."""
    foreign = _foreign(measured)
    unweighed = _is_unweighed(guide, measured)
    for weighed, each in advised:
        decision = each.decision
        seen = measured.options.get(decision.id)
        if decision.id in foreign or _does_not_arise(each, seen) or _is_moot(decision, seen):
            continue
        apart = unweighed and decision.id == "framework"
        if unweighed and not apart and "framework" in upstream(guide, [decision.id]):
            continue
        stand = _stand(weighed, answers, each, seen)
        if stand == "contradicts" and _is_in_a_corner(measured, decision, seen):
            stand = "drifts"
        moves = stand in ("drifts", "contradicts") and seen is not None and each.choice is not None
        yield Verdict(
            decision.id,
            decision.title,
            decision.question,
            stand,
            (seen.name or _title(decision, seen.value)) if seen else "",
            "" if apart else " or ".join(_title(decision, option) for option in _possible(weighed, answers, each)),
            seen,
            () if apart else tuple(_reasons(each, seen)),
            tuple(guide.factors[name].question for name in each.missing if name in guide.factors),
            costs.of(decision.id, seen.value, each.choice) if moves and seen and each.choice else None,
        )


def _foreign(measured: Measured) -> frozenset[str]:
    """The decisions that are none for a program of its kind."""
    kind = measured.factors["kind"]
    return frozenset().union(
        _TOGETHER if "lifetime" in measured.factors else (),
        _REQUESTED if kind.name == REACTS else (),
        _APPLICATIONS if kind.value in ("library", "tool") else (),
    )


def _possible(guide: Guide, answers: Mapping[str, Answer], advised: Advised) -> tuple[str, ...]:
    """The options that are left: where few answers are missing those that they lead to, else all that may be."""
    told = cases(guide, {name: answer.value for name, answer in answers.items()}, advised.decision.id)
    return tuple(dict.fromkeys(case.option for case in told)) or advised.candidates


def _is_unweighed(guide: Guide, measured: Measured) -> bool:
    """Whether the program is on a framework that the guide does not weigh: then nothing that follows is advised."""
    seen = measured.options.get("framework")
    return seen is not None and all(option.id != seen.value for option in guide.decisions["framework"].option)


def _does_not_arise(advised: Advised, seen: Seen | None) -> bool:
    return set(advised.candidates) <= _NOTHING and (seen is None or seen.value in _NOTHING)


def _is_moot(decision: Decision, seen: Seen | None) -> bool:
    return seen is not None and any(option.moot and option.id == seen.value for option in decision.option)


def _stand(guide: Guide, answers: Mapping[str, Answer], advised: Advised, seen: Seen | None) -> Stand:
    if seen is None:
        return "undecided"
    if seen.value in advised.candidates:
        return "fits"
    taken = next((option for option in advised.decision.option if option.id == seen.value), None)
    if taken is None:
        return "undecided"
    other = next((each for each in advised.alternatives if each.option == taken.id), None)
    if other is not None and any(not reason.row.custom for reason in other.blocked):
        return "contradicts"
    if not set(taken.covers).isdisjoint(advised.candidates):
        return "fits"
    if other is None:
        return "fits" if _may_be_as_good(guide, answers, advised.decision, taken.id) else "drifts"
    return "fits" if not other.blocked and advised.points - len(other.preferred) <= _AS_GOOD else "drifts"


def _is_in_a_corner(measured: Measured, decision: Decision, seen: Seen | None) -> bool:
    """Whether a library is seen in one module of many: it may be there to be handed to another one."""
    modules = next((figure.total for figure in measured.figures if figure.id == "modules"), 0)
    return decision.id in _TOGETHER and seen is not None and len(seen.places) == 1 and modules >= _MANY


def _may_be_as_good(guide: Guide, answers: Mapping[str, Answer], decision: Decision, option: str) -> bool:
    """Whether there are answers to what is open beside which an option is as good as the one that is best then."""
    known = {name: answer.value for name, answer in answers.items()}
    for end in completions(guide, known, _DRAWN):
        best, *others = rank(decision, {**end, **resolve(guide, end)})
        taken = next(each for each in others if each.option == option)
        if not taken.blocked and best.points - taken.points <= _AS_GOOD:
            return True
    return False


def _reasons(advised: Advised, seen: Seen | None) -> Iterator[Reason]:
    """Why what is advised, then what speaks for and against what was taken."""
    for reason in (*advised.requirements, *advised.reasons):
        for option in (advised.choice,) if advised.choice else _speaks_for(reason.row, advised.candidates):
            yield _reason(advised.decision, reason, option)
    for other in advised.alternatives:
        if seen is not None and other.option == seen.value:
            for reason in other.blocked:
                yield _reason(advised.decision, reason, other.option, against=True)
            for reason in other.preferred:
                yield _reason(advised.decision, reason, other.option)


def _speaks_for(row: Row, options: Iterable[str]) -> list[str]:
    return [option for option in options if option in (*row.prefers, *row.must)]


def _reason(decision: Decision, reason: Because, option: str, *, against: bool = False) -> Reason:
    dated = f" ({'; '.join(fact.removesuffix('.') for fact in reason.facts)})" if reason.facts else ""
    return Reason(f"{reason.row.because}{dated}", reason.row.claims, _title(decision, option), against)


def _title(decision: Decision, option: str) -> str:
    for each in decision.option:
        if each.id == option:
            return each.title
    return title_of(option)
