"""What can still become of a decision while answers are missing.

``bounds`` is quick and never leaves out an option that can win, but may keep one that cannot. ``settled`` splits open
factors until the bounds agree, so that a decision is called settled only when no answer could change it.
"""

import random
from collections.abc import Iterable

from archwise.decide.context import Domains, Values, domains, narrowed
from archwise.decide.rank import blocks, factors_of, upstream
from archwise.guide.model import Decision, Guide, Row

_SPLITS = 3000
"""How often open factors are split before a decision counts as open: enough for every decision of the guide."""


def bounds(guide: Guide, open_: Domains, wanted: Iterable[str]) -> Domains:
    """The options that may win, for the wanted decisions and those they build on."""
    names = upstream(guide, wanted)
    known = dict(open_)
    for name, decision in guide.decisions.items():
        if name in names:
            known[name] = _candidates(decision, known)
    return {name: known[name] for name in guide.decisions if name in names}


def _candidates(decision: Decision, known: Domains) -> tuple[str, ...]:
    sure, unsure = rows(decision, known)
    options = [option.id for option in decision.option]
    allowed = [option for option in options if not any(blocks(row, option) for row in sure)]
    safe = [option for option in allowed if not any(blocks(row, option) for row in unsure)]

    def lead(one: str, other: str) -> int:
        """The least by which one can be ahead of another."""
        certain = sum((one in row.prefers) - (other in row.prefers) for row in sure)
        return certain - sum(other in row.prefers and one not in row.prefers for row in unsure)

    def beaten(option: str) -> bool:
        place = options.index(option)
        return any(
            other != option and (margin := lead(other, option)) >= 0 and (margin > 0 or options.index(other) < place)
            for other in safe
        )

    return tuple(option for option in allowed if not beaten(option))


def rows(decision: Decision, known: Domains) -> tuple[list[Row], list[Row]]:
    """The rows that hold whatever is still open, and those that may or may not."""
    sure: list[Row] = []
    unsure: list[Row] = []
    for row in decision.row:
        certain = True
        for name, wanted in row.when.items():
            fitting = sum(value in wanted for value in known[name])
            if not fitting:
                break
            certain = certain and fitting == len(known[name])
        else:
            (sure if certain else unsure).append(row)
    return sure, unsure


def settled(guide: Guide, values: Values, decision: str) -> str | None:
    """The option that every completion of the answers leads to, if there is one.

    There is none where decisions that a guide holds to be taken contradict each other, and leave no option.
    """
    found: set[str] = set()
    pending = [domains(guide, values)]
    for _ in range(_SPLITS):
        if not pending or len(found) > 1:
            break
        left = pending.pop()
        if left is None:
            continue
        now = bounds(guide, left, [decision])
        if len(now[decision]) == 1:
            found.add(now[decision][0])
            continue
        factor = _splitting(guide, left, now, decision)
        if factor is None:
            return None
        pending += [narrowed(guide, left, factor, value) for value in left[factor]]
    return found.pop() if len(found) == 1 and not pending else None


def _splitting(guide: Guide, left: Domains, now: Domains, decision: str) -> str | None:
    """An open factor that a row in doubt reads, of the first decision in doubt; none where no factor is open."""
    for name in guide.decisions:
        if name in now and len(now[name]) > 1:
            _, unsure = rows(guide.decisions[name], {**left, **now})
            for row in unsure:
                for factor in row.when:
                    if len(left.get(factor, ())) > 1:
                        return factor
    return next((factor for factor in factors_of(guide, [decision]) if len(left[factor]) > 1), None)


def completions(guide: Guide, values: Values, count: int) -> list[dict[str, str]]:
    """Ways to complete the answers, drawn evenly and the same each time; one where nothing is open."""
    draw = random.Random(0)
    found: list[dict[str, str]] = []
    possible = domains(guide, values)
    if possible is not None and all(len(each) == 1 for each in possible.values()):
        return [{name: each[0] for name, each in possible.items()}]
    while len(found) < count:
        known, left = dict(values), possible
        for name in draw.sample(list(guide.factors), len(guide.factors)):
            if left is None:
                break
            known[name] = draw.choice(left[name])
            left = narrowed(guide, left, name, known[name])
        else:
            found.append(known)
    return found
