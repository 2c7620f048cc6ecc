"""Effects of a function, and what it leaves open: each with its path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.event import Demand
    from archwise.engine.needs import Needs
    from archwise.engine.program import Code
    from archwise.knowledge.facts import Effect

LONGEST = 12
"""The hops of a path."""


class Step(msgspec.Struct, frozen=True, gc=False):
    """One hop: an operation of a function, and what it leads to."""

    code: Code
    op: int
    next: Step | None


class Reach(msgspec.Struct, frozen=True, gc=False):
    """An effect a function has, and the path to it."""

    effect: Effect
    path: Step
    length: int
    certain: bool
    once: bool
    guarded: int = 0
    """How many hops stand under a condition."""
    needs: Needs = ()
    """What parameters must be for the effect to happen."""
    open: bool = False
    """Whether it happens for one type of what a call gives, and nothing tells of which type that is."""

    @property
    def sink(self) -> Step:
        """The last hop."""
        return last(self.path)


class Pending(msgspec.Struct, frozen=True, gc=False):
    """Something done to a parameter, somewhere below, whose effect depends on what the caller passes."""

    demand: Demand
    path: Step
    length: int
    certain: bool
    once: bool
    needs: Needs = ()
    open: bool = False
    """As for an effect."""


class Found:
    """A function's effects, and what it leaves open."""

    __slots__ = ("grew", "pendings", "reaches")

    def __init__(self) -> None:
        self.reaches: dict[tuple[Code, int, str, bool], Reach] = {}
        self.pendings: dict[tuple[Demand, Code, int], Pending] = {}
        self.grew = False


def weight(reach: Reach) -> tuple[int, bool, bool, int]:
    """Orders proofs of the same effect, the best first; one that needs a parameter stands last."""
    return len(reach.needs), not reach.certain or reach.open, reach.guarded > 0, reach.length


def steps(step: Step | None) -> Iterator[Step]:
    """The hops of a path from one on."""
    while step is not None:
        yield step
        step = step.next


def last(step: Step) -> Step:
    """The last hop of a path."""
    while step.next is not None:
        step = step.next
    return step


def joined(first: Step, rest: Step) -> Step:
    """Two paths as one."""
    if first.next is None:
        return Step(first.code, first.op, rest)
    return Step(first.code, first.op, joined(first.next, rest))
