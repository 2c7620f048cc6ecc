"""The contexts that a table can meet: all of them, a decision at a time."""

import functools
from collections.abc import Iterator
from itertools import product

from archwise.decide.context import domains, possible
from archwise.decide.rank import factors_of, resolve
from archwise.guide.load import guide

Context = dict[str, str]


@functools.cache
def contexts(decision: str) -> list[Context]:
    """Every combination of what a decision's rows read that some possible context has.

    What earlier decisions can be is not assumed: all answers that reach them are gone through.
    """
    inputs = guide().decisions[decision].inputs
    earlier = [name for name in inputs if name in guide().decisions]
    shared = factors_of(guide(), earlier) if earlier else ()
    own = [name for name in inputs if name in guide().factors and name not in shared]
    met = {
        tuple((name, known[name]) for name in inputs if name in known)
        for values in answers(shared)
        for known in [{**values, **resolve(guide(), values, earlier)}]
    }
    return [
        context
        for before in sorted(met)
        for after in answers(own)
        if domains(guide(), factors_in(context := {**dict(before), **after})) is not None
    ]


def factors_in(context: Context) -> Context:
    """The answers in a context, without what was decided."""
    return {name: value for name, value in context.items() if name in guide().factors}


def answers(factors: tuple[str, ...] | list[str]) -> Iterator[Context]:
    """Every possible way to answer some questions."""
    for values in product(*(guide().factors[name].values for name in factors)):
        if possible(guide(), context := dict(zip(factors, values, strict=True))):
            yield context
