"""A decision with its reasons: why, why not the others, how close it was, what would flip it, what is missing."""

import datetime
from collections.abc import Collection, Iterable, Mapping
from typing import Literal

import msgspec

from archwise.decide.context import Answer, Contradiction, Domains, Values, contradictions, domains
from archwise.decide.flips import Flip, flips
from archwise.decide.outlook import bounds, completions, rows, settled
from archwise.decide.questions import next_question
from archwise.decide.rank import factors_of, rank, resolve, standings, upstream
from archwise.decide.wording import worded
from archwise.guide.model import Decision, Guide, Row

Margin = Literal["clear", "close", "toss-up"]
MARGINS: tuple[Margin, ...] = ("clear", "close", "toss-up")

_DRAWN = 24


class Reason(msgspec.Struct, frozen=True):
    """A row that holds, with the answers and earlier choices that make it hold, and its facts with their dates."""

    row: Row
    because_of: dict[str, str]
    facts: tuple[str, ...]


class Alternative(msgspec.Struct, frozen=True):
    """An option that was not taken: what speaks for it, what rules it out, and the smallest change that takes it."""

    option: str
    preferred: tuple[Reason, ...]
    blocked: tuple[Reason, ...]
    flip: Flip | None


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one decision.

    While an answer that is missing could still change it there is no ``choice``, only ``candidates`` and the factors
    that are ``missing``, and the reasons for some of the candidates that hold whatever is missing. ``margin`` is the
    least that it can be, whatever is missing. ``reasons`` hold for sure; where the choice is the same for different
    reasons, they are those that may hold. ``requirements`` are the rows that allow
    the choice and little else. Alternatives come nearest miss first.
    """

    decision: Decision
    candidates: tuple[str, ...]
    choice: str | None = None
    missing: tuple[str, ...] = ()
    margin: Margin | None = None
    reasons: tuple[Reason, ...] = ()
    requirements: tuple[Reason, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    flips: tuple[Flip, ...] = ()

    @property
    def points(self) -> int:
        """How many rows prefer the choice."""
        return len(self.reasons)

    @property
    def runner_up(self) -> Alternative | None:
        """The option that would be next: nothing rules it out."""
        return next((other for other in self.alternatives if not other.blocked), None)


class Advice(msgspec.Struct, frozen=True, kw_only=True):
    """All decisions, what follows from the answers beside what was said, and the question to ask next."""

    answers: dict[str, Answer]
    implied: dict[str, str]
    contradictions: tuple[Contradiction, ...]
    verdicts: tuple[Verdict, ...]
    question: str | None

    @property
    def values(self) -> dict[str, str]:
        """What was answered, and what follows."""
        return {**{name: answer.value for name, answer in self.answers.items()}, **self.implied}


def advise(
    guide: Guide, answers: Mapping[str, Answer], today: datetime.date, wanted: Collection[str] | None = None
) -> Advice:
    """Decide what can be decided from these answers. Where they contradict each other, only that is said.

    ``wanted`` are the decisions to go into; without it, all.
    """
    names = [name for name in guide.decisions if wanted is None or name in wanted]
    wrong = tuple(contradictions(guide, answers))
    values = {name: answer.value for name, answer in answers.items()}
    guide = worded(guide, values)
    left = domains(guide, values)
    if left is None:
        return Advice(answers=dict(answers), implied={}, contradictions=wrong, verdicts=(), question=None)
    implied = {name: each[0] for name, each in left.items() if len(each) == 1 and name not in values}
    known = {**values, **implied}
    choices = {name: settled(guide, known, name) for name in guide.decisions if name in upstream(guide, names)}
    reach = left | bounds(guide, left, guide.decisions)
    reach |= {name: (choice,) for name, choice in choices.items() if choice is not None}
    ends = [{**end, **resolve(guide, end)} for end in completions(guide, known, _DRAWN)]
    verdicts = tuple(
        _open(guide, guide.decisions[name], reach, today)
        if choices[name] is None
        else _verdict(guide, guide.decisions[name], reach, known, ends, today)
        for name in names
    )
    question = next_question(guide, known, [name for name in names if choices[name] is None])
    return Advice(answers=dict(answers), implied=implied, contradictions=(), verdicts=verdicts, question=question)


def _verdict(
    guide: Guide,
    decision: Decision,
    reach: Domains,
    known: dict[str, str],
    ends: list[dict[str, str]],
    today: datetime.date,
) -> Verdict:
    sure, unsure = rows(decision, reach)
    (choice,) = reach[decision.id]
    chosen, *others = sorted(standings(decision, sure), key=lambda standing: standing.option != choice)
    speaking = chosen.preferred or tuple(row for row in sure if choice in row.must)
    either = () if speaking else tuple(row for row in unsure if choice in (*row.prefers, *row.must))
    found = flips(guide, known, decision.id, choice)

    def reasons(given: Iterable[Row]) -> tuple[Reason, ...]:
        return tuple(_reason(guide, row, reach, today) for row in given)

    return Verdict(
        decision=decision,
        choice=choice,
        candidates=(choice,),
        margin=max((_margin(decision, resolved) for resolved in ends), key=MARGINS.index),
        reasons=reasons(chosen.preferred or either),
        requirements=reasons(row for row in sure if choice in row.must),
        alternatives=tuple(
            Alternative(
                other.option,
                reasons(other.preferred),
                reasons(other.blocked),
                next((flip for flip in found if flip.to == other.option), None),
            )
            for other in others
        ),
        flips=tuple(flip for flip in found if len(flip.changes) == len(found[0].changes)),
    )


def _open(guide: Guide, decision: Decision, reach: Domains, today: datetime.date) -> Verdict:
    missing = tuple(name for name in factors_of(guide, [decision.id]) if len(reach[name]) > 1)
    candidates = reach[decision.id]
    speaking = (row for row in rows(decision, reach)[0] if not set(candidates).isdisjoint((*row.prefers, *row.must)))
    reasons = tuple(_reason(guide, row, reach, today) for row in speaking)
    return Verdict(decision=decision, candidates=candidates, missing=missing, reasons=reasons)


def _margin(decision: Decision, values: Values) -> Margin:
    """Clear: a lead of two, or nothing speaks for any other option that is allowed. A toss-up: no lead."""
    chosen, *others = rank(decision, values)
    rivals = [other.points for other in others if not other.blocked]
    if not rivals or chosen.points - max(rivals) > 1:
        return "clear"
    if chosen.points == max(rivals):
        return "toss-up"
    return "close" if max(rivals) else "clear"


def _reason(guide: Guide, row: Row, reach: Domains, today: datetime.date) -> Reason:
    facts = tuple(guide.facts[name].dated(today) for name in row.facts)
    return Reason(row, {name: " or ".join(reach[name]) for name in row.when}, facts)
