"""What can happen at an operation of a function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from archwise.engine.needs import Needs, Written
    from archwise.engine.program import Code
    from archwise.engine.values import Environment, Symbolic, Values
    from archwise.knowledge.facts import Effect

Mode = Literal["call", "awaited", "iterate", "enter", "property"]


class Event(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """Something that happens at an operation."""


class Sink(Event, frozen=True):
    """A call of another package that does something to the calling thread."""

    effect: Effect
    needs: Needs = ()
    """What the parameters of the calling function must be for it to happen."""


class Run(Event, frozen=True):
    """Code of the program runs, on the same thread, before the operation is done."""

    code: Code
    environment: Environment
    written: Written | None = None
    """The call that runs it, where it stands in the program."""


class Launch(Event, frozen=True):
    """Code of the program is made to run otherwise: as a coroutine, on the loop later, on another thread."""

    code: Code
    passes: str
    environment: Environment = ()


class Demand(Event, frozen=True):
    """Something is done to what a parameter will be."""

    symbol: Symbolic
    mode: Mode
    name: str = ""
    passes: tuple[Values, ...] = ()
    """The arguments, where the function that demands it hands on its own ``*args`` or ``**kwargs`` after them."""
    forwarder: Code | None = None


class Build(Event, frozen=True):
    """An object is made that holds connections and is meant to be made once."""

    name: str


Alternatives = tuple[tuple[Event, ...], ...]
"""The events of an operation, by what its operands may be."""


class Site(msgspec.Struct, frozen=True, gc=False):
    """An operation at which something happens, with the events of each alternative."""

    op: int
    alternatives: Alternatives
    overrides: bool = False
    """Whether the alternatives are what classes derived from a declared one make of a method."""
