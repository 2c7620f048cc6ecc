"""Which question to ask next: the one whose answer could change most."""

from collections.abc import Iterable

from archwise.decide.context import Values, domains, possible
from archwise.decide.outlook import completions
from archwise.decide.rank import factors_of, resolve, upstream
from archwise.guide.model import Guide

_DRAWN = 24


def influence(guide: Guide, values: Values, wanted: Iterable[str]) -> dict[str, float]:
    """For each open factor, how many of the wanted decisions its answer changes, on average over what is open."""
    wanted = tuple(wanted)
    left = domains(guide, values)
    if left is None:
        return {}
    drawn = completions(guide, values, _DRAWN)
    found = {}
    for factor in factors_of(guide, wanted):
        if len(left[factor]) > 1:
            reached = [name for name in wanted if factor in factors_of(guide, [name])]
            changed = sum(_changed(guide, known, factor, reached) for known in drawn)
            found[factor] = changed / len(drawn)
    return found


def _changed(guide: Guide, values: Values, factor: str, wanted: list[str]) -> int:
    variants = [{**values, factor: value} for value in guide.factors[factor].values]
    names = upstream(guide, wanted)
    outcomes = [resolve(guide, variant, names) for variant in variants if possible(guide, variant)]
    return sum(len({outcome[name] for outcome in outcomes}) > 1 for name in wanted)


def next_question(guide: Guide, values: Values, waiting: Iterable[str], skipped: Iterable[str] = ()) -> str | None:
    """The factor to ask for, if an answer can still change one of the decisions that are waiting.

    Headline decisions come first. Of the factors that matter those the guide asks first are asked first, in its order;
    then the one with the most influence.
    """
    waiting, skipped = list(waiting), set(skipped)
    headline = [name for name in waiting if guide.decisions[name].headline]
    for wanted in (headline, waiting):
        scores = {name: score for name, score in influence(guide, values, wanted).items() if name not in skipped}
        if scores:
            first = [name for name, score in scores.items() if guide.factors[name].first and score]
            return first[0] if first else max(scores, key=scores.__getitem__)
    return None
