"""What would flip a decision: the smallest changes of answers that lead to another option."""

from collections.abc import Iterator
from itertools import combinations, product

import msgspec

from archwise.decide.context import Values, domains
from archwise.decide.outlook import bounds
from archwise.decide.rank import factors_of
from archwise.guide.model import Guide

_LARGEST = 3


class Flip(msgspec.Struct, frozen=True):
    """A change of answers, and the option that it leads to."""

    changes: dict[str, str]
    to: str


def flips(guide: Guide, values: Values, decision: str, choice: str) -> list[Flip]:
    """All changes of the smallest size that lead away from a choice, and for each option beyond them its smallest.

    Sizes up to three are tried; from two on, only until some change leads away. Answers that are missing stay missing,
    and a change counts only if it leads away whatever they are. Among changes of one size those of later factors come
    first: the first factors are what the project is.
    """
    found: list[Flip] = []
    options = {option.id for option in guide.decisions[decision].option} - {choice}
    for size in range(1, _LARGEST + 1):
        if found and size > 2:
            break
        reached = {flip.to for flip in found}
        smallest = not found
        for changes in _changes(guide, values, decision, size):
            to = _leads_to(guide, {**values, **changes}, decision)
            if to is None or to == choice or to in reached:
                continue
            found.append(Flip(changes, to))
            if not smallest:
                reached.add(to)
        if {flip.to for flip in found} == options:
            break
    return found


def _changes(guide: Guide, values: Values, decision: str, size: int) -> Iterator[dict[str, str]]:
    factors = [name for name in reversed(factors_of(guide, [decision])) if name in values]
    for names in combinations(factors, size):
        others = ([value for value in guide.factors[name].values if value != values[name]] for name in names)
        for changed in product(*others):
            yield dict(zip(names, changed, strict=True))


def _leads_to(guide: Guide, values: Values, decision: str) -> str | None:
    left = domains(guide, values)
    if left is None:
        return None
    options = bounds(guide, left, [decision])[decision]
    return options[0] if len(options) == 1 else None
