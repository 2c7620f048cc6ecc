"""An open decision told in a few cases: for which answers to what is missing it comes out how."""

from collections.abc import Iterable

import msgspec

from archwise.decide.context import Domains, Values, domains, narrowed
from archwise.decide.outlook import bounds, rows
from archwise.guide.model import Condition, Guide

_MOST = 4
"""Cases that a reader takes in at a glance."""
_DEEP = 2
"""Answers that a case may hang on."""


class Case(msgspec.Struct, frozen=True):
    """An option, and the answers that lead to it whatever the others are."""

    when: Condition
    option: str


def cases(guide: Guide, values: Values, decision: str) -> tuple[Case, ...]:
    """The cases of a decision beside these answers; none where it takes more than a few to tell."""
    found = _told(guide, domains(guide, values), decision, _DEEP)
    return tuple(found) if found is not None and len(found) <= _MOST else ()


def _told(guide: Guide, left: Domains | None, decision: str, depth: int) -> list[Case] | None:
    """The fewest cases; nothing where they hang on more answers than ``depth``."""
    if left is None:
        return []
    now = bounds(guide, left, [decision])
    if len(now[decision]) == 1:
        return [Case({}, now[decision][0])]
    best: list[Case] | None = None
    for factor in _in_doubt(guide, left, now) if depth else ():
        found: list[Case] = []
        for value in left[factor]:
            told = _told(guide, narrowed(guide, left, factor, value), decision, depth - 1)
            if told is None:
                break
            found = _merged(found, factor, value, told)
        else:
            found = [_without(case, factor, left[factor]) for case in found]
            if best is None or len(found) < len(best):
                best = found
    return best


def _in_doubt(guide: Guide, left: Domains, now: Domains) -> list[str]:
    """The open factors that rows in doubt read."""
    known = {**left, **now}
    found: dict[str, None] = {}
    for name, options in now.items():
        if len(options) > 1:
            for row in rows(guide.decisions[name], known)[1]:
                found |= dict.fromkeys(factor for factor in row.when if len(left.get(factor, ())) > 1)
    return list(found)


def _merged(found: list[Case], factor: str, value: str, told: Iterable[Case]) -> list[Case]:
    """Cases, and those of one more value of a factor; where they are alike but for the value they become one."""
    merged = list(found)
    for case in told:
        for index, other in enumerate(merged):
            rest = {name: values for name, values in other.when.items() if name != factor}
            if other.option == case.option and rest == case.when:
                merged[index] = Case({factor: (*other.when[factor], value), **rest}, case.option)
                break
        else:
            merged.append(Case({factor: (value,), **case.when}, case.option))
    return merged


def _without(case: Case, factor: str, values: tuple[str, ...]) -> Case:
    """A case, without a condition that whatever is possible meets."""
    if set(case.when.get(factor, ())) != set(values):
        return case
    return Case({name: wanted for name, wanted in case.when.items() if name != factor}, case.option)
