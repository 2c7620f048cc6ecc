"""What is done to a parameter comes to what callers pass: demands, met or left to callers further up."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.arguments import Arguments
from archwise.engine.event import Demand, Event, Launch, Run, Sink
from archwise.engine.fitting import is_awaited_below, takes
from archwise.engine.needs import Needs, Written, together
from archwise.engine.reach import LONGEST, Found, Pending, Reach, Step, joined, last
from archwise.engine.returns import is_other_way, takes_either
from archwise.engine.values import (
    Environment,
    ExternalMethod,
    FunctionValue,
    Instance,
    Key,
    Method,
    Self,
    Symbolic,
    Value,
    Values,
    is_coroutine_function,
    is_known,
    union,
)
from archwise.engine.waits import excused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from archwise.engine.conditions import Conditions
    from archwise.engine.events import Events
    from archwise.engine.fallback import Fallback
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code
    from archwise.knowledge.facts import Effect

Given = tuple[dict[Key, Values], Environment]
"""What one caller passes, to look up by parameter and as it is."""
_SEVERAL = 4
_DEEPEST = 3
"""Callables that are given callables that are given callables: each level multiplies the ways."""


class _Doing(msgspec.Struct, frozen=True, gc=False):
    """A value that the demanded is done to, ``depth`` demands after the first that was met."""

    value: Value
    pending: Pending
    path: Step
    length: int
    environment: Environment
    depth: int = 0


class Demands:
    """Meets what functions leave open."""

    def __init__(
        self,
        inference: Inference,
        events: Events,
        fallback: Fallback,
        conditions: Conditions,
        below: Callable[[Code, Code], Found],
    ) -> None:
        """``below`` gives the effects of a function that another one calls."""
        self._inference = inference
        self._events = events
        self._fallback = fallback
        self._conditions = conditions
        self._below = below
        self._events_of: dict[tuple[Value, Demand], tuple[Event, ...]] = {}
        self._moved: dict[tuple[Symbolic, Code, int, Code, Needs, bool], Needs | None] = {}
        self._ways: dict[tuple[Values, tuple[str, ...]], Values] = {}

    def resolved(
        self,
        code: Code,
        op: int,
        called: Code,
        environment: Environment,
        given: dict[Key, Values],
        pending: Pending,
        cached: bool,
    ) -> Iterator[Reach | Pending]:
        """A demand of the called function, met by what this call passes, or left to this function's callers."""
        symbol = pending.demand.symbol
        values = given.get((symbol.code, symbol.name))
        if values is not None:
            known = values if is_known(values) else self._fallback.annotated(symbol)
            values = self._followed(known, symbol.path)
        elif self._stays_open(code, called, environment, symbol):
            path = Step(code, op, pending.path)
            once = pending.once or cached
            yield Pending(pending.demand, path, pending.length + 1, pending.certain, once, pending.needs, pending.open)
            return
        else:
            values = self._fallback.values(symbol)
        if is_known(values):
            yield from self._met(values, pending, Step(code, op, pending.path), cached, environment)

    def _met(
        self, values: Values, pending: Pending, path: Step, cached: bool, environment: Environment
    ) -> Iterator[Reach | Pending]:
        values = self._fitting(values, pending)
        groups = [list(self._do(_Doing(value, pending, path, pending.length + 1, environment))) for value in values]
        if not any(groups) or (self._inference.classes.are_overrides(values) and is_rare(groups)):
            return
        certain = pending.certain and all(groups)
        for group in groups:
            for each in group:
                yield msgspec.structs.replace(
                    each,
                    certain=each.certain and certain,
                    once=each.once or pending.once or cached,
                    needs=together(pending.needs, each.needs),
                    open=each.open or pending.open,
                )

    def _fitting(self, values: Values, pending: Pending) -> Values:
        """The alternatives that take what they are called with, and that an asynchronous function would be given."""
        mode, place = pending.demand.mode, last(pending.path)
        if len(values) > 1 and mode in ("call", "awaited"):
            call = self._call_of(pending)
            values = tuple(v for v in values if call is None or takes(v, call)) or values
        values = tuple(v for v in values if not self._conditions.excludes(place.code, place.op, v)) or values
        if mode == "awaited":
            meant = tuple(v for v in values if not is_awaited_below(self._inference.classes, v))
            return tuple(filter(is_coroutine_function, values)) or meant
        if mode == "call" and place.code.scope.is_async:
            if len(values) > 1 and not takes_either(place.code, place.op):
                values = tuple(filter(is_coroutine_function, values)) or values
            if self._events.calls.has_twin(values):
                return tuple(value for value in values if not isinstance(value, ExternalMethod))
        return values

    def _followed(self, values: Values, path: tuple[str, ...]) -> Values:
        """What the steps of a path make of values, each found once."""
        key = values, path
        found = self._ways.get(key)
        if found is None:
            found = self._ways[key] = self._inference.steps.follow(values, path)
        return found

    def _events_of_demand(self, value: Value, demand: Demand, environment: Environment) -> tuple[Event, ...]:
        """What happens when the demanded is done to a value; the environment matters to forwarded arguments only."""
        if demand.forwarder is not None:
            return tuple(self._events.actions.do(value, demand, environment))
        key = value, demand
        found = self._events_of.get(key)
        if found is None:
            found = self._events_of[key] = tuple(self._events.actions.do(value, demand, environment))
        return found

    def _do(self, doing: _Doing) -> Iterator[Reach | Pending]:
        """What doing the demanded to a value brings about."""
        path, length, top = doing.path, doing.length, doing.path.code
        for event in self._events_of_demand(doing.value, doing.pending.demand, doing.environment):
            if isinstance(event, Sink):
                if not self._is_excused(event.effect, doing.pending):
                    yield Reach(event.effect, path, length, True, False)
            elif isinstance(event, Demand):
                yield Pending(event, path, length, True, False)
            elif isinstance(event, Run) and event.code is not top and not self._is_apart(top, event.code):
                below = self._below(top, event.code)
                yield from self._reached(doing, event, below)
                if doing.depth < _DEEPEST:
                    yield from self._asked(doing, event, below)

    def _reached(self, doing: _Doing, run: Run, below: Found) -> Iterator[Reach]:
        """The effects of what runs."""
        is_awaited = doing.pending.demand.mode == "awaited"
        for reach in list(below.reaches.values()):
            needs = self._through(reach.needs, doing, run)
            if needs is None or (is_awaited and is_other_way(self._inference, reach.path)):
                continue
            path, length = joined(doing.path, reach.path), doing.length + reach.length
            yield msgspec.structs.replace(reach, path=path, length=length, needs=needs if doing.depth else ())

    def _asked(self, doing: _Doing, run: Run, below: Found) -> Iterator[Reach | Pending]:
        """What doing the demanded to the parameters of what runs brings about, with what they are given."""
        pendings = list(below.pendings.values())
        passed = dict((*(self._passed(doing, run) if pendings else ()), *run.environment))
        for inner in pendings:
            length = doing.length + inner.length
            if length > LONGEST or self._through(inner.needs, doing, run) is None:
                continue
            path, depth = joined(doing.path, inner.path), doing.depth + 1
            values = self._given(doing, run, inner.demand.symbol, passed)
            groups = [list(self._do(_Doing(each, inner, path, length, run.environment, depth))) for each in values]
            certain = all(groups)
            for each in itertools.chain(*groups):
                needs = self._through(each.needs, doing, run)
                if needs is not None:
                    kept = needs if doing.depth else ()
                    yield msgspec.structs.replace(each, certain=each.certain and certain, needs=kept)

    def _given(self, doing: _Doing, run: Run, symbol: Symbolic, passed: dict[Key, Values]) -> Values:
        """What a parameter may be of what runs, or of a function around it; nothing where that is for others to say."""
        given = passed.get((symbol.code, symbol.name))
        if given is not None and is_known(given):
            return self._followed(given, symbol.path)
        if symbol.code is run.code or (not doing.depth and self._made_with(doing.value, symbol)):
            return self._fallback.values(symbol)
        return ()

    def _is_apart(self, code: Code, called: Code) -> bool:
        return self._inference.program.import_roots.are_apart(code.module, called.module)

    def _passed(self, doing: _Doing, run: Run) -> Environment:
        """What the call that makes a demand passes to what it runs."""
        op = self._call_of(doing.pending)
        if op is None:
            return ()
        place = last(doing.pending.path)
        receiver = doing.value.receiver if isinstance(doing.value, Method) else None
        found = self._inference.calls.bind(run.code, receiver, Arguments.of(self._inference, place.code, op), ())
        closed = ((key, self._closed(values)) for key, values in found)
        return tuple(
            (key, values) for key, values in closed if not any(isinstance(v, (Symbolic, Self)) for v in values)
        )

    def _made_with(self, value: Value, symbol: Symbolic) -> bool:
        """Whether a symbol is what the object was made with whose method a value is."""
        receiver = value.receiver if isinstance(value, Method) else None
        made = symbol.code.owner if symbol.code.scope.name == "__init__" else symbol.code
        if not isinstance(receiver, Instance) or receiver.environment:
            return False
        return made in self._inference.classes.order(receiver.code)

    def launches(self, code: Code, op: int, demand: Demand) -> Iterator[Launch]:
        """The coroutines that calling a parameter makes, of functions that nothing calls by their names."""
        call = code.scope.ops[op]
        if demand.symbol.path or not isinstance(call, ir.Call):
            return
        for value in self._fallback.values(demand.symbol):
            if isinstance(value, FunctionValue) and value.code.scope.is_async and not self._is_named(value.code):
                made = self._events.actions.perform(value, Arguments.of(self._inference, code, call))
                yield from (event for event in made if isinstance(event, Launch))

    def _is_named(self, code: Code) -> bool:
        """Whether calls name a function, or another of its name."""
        return bool(self._inference.program.called.get(code.scope.name))

    def _call_of(self, pending: Pending) -> ir.Call | None:
        """The call that makes a demand."""
        place = last(pending.path)
        op = place.code.scope.ops[place.op]
        if not isinstance(op, ir.Call):
            return None
        return op if _is_of(pending.demand.symbol, self._inference.values(place.code, op.function)) else None

    def _is_excused(self, effect: Effect, pending: Pending) -> bool:
        """Whether the call that makes a demand says that it must not wait: ``pool.shutdown(wait=False)``."""
        op = self._call_of(pending) if effect.unless else None
        if op is None or op.starred:
            return False
        return excused(effect.unless, Arguments.of(self._inference, last(pending.path).code, op))

    def _through(self, needs: Needs, doing: _Doing, run: Run) -> Needs | None:
        """What is needed below, in terms of the function whose call makes a demand; None where that rules it out."""
        if not needs:
            return ()
        place, bound = last(doing.pending.path), isinstance(doing.value, Method)
        key = doing.pending.demand.symbol, place.code, place.op, run.code, needs, bound
        if key not in self._moved:
            op = self._call_of(doing.pending)
            written = Written(place.code, op, bound) if op is not None else None
            self._moved[key] = self._conditions.through(needs, place.code, place.op, run.code, written)
        return self._moved[key]

    def _stays_open(self, code: Code, called: Code, environment: Environment, symbol: Symbolic) -> bool:
        """Whether a symbol this call does not settle may be settled further up: the caller's own, or its object's."""
        if symbol.code is called:
            return False
        if symbol.code is code or symbol.code.encloses(code):
            return True
        receivers = [values for (owner, _), values in environment if owner is called]
        return any(isinstance(value, Self) for values in receivers for value in values)

    def settled(self, pending: Pending, given: Iterable[Given]) -> list[Reach]:
        """What a demand left open by a function that runs on the loop comes to, with what its callers pass."""
        symbol = pending.demand.symbol
        key = symbol.code, symbol.name
        passed: dict[object, tuple[Values, Environment]] = {}
        for table, environment in given:
            values = table.get(key)
            if values is not None:
                apart = (values, environment) if pending.demand.forwarder is not None else values
                passed.setdefault(apart, (values, environment))
        found: list[Reach] = []
        settled = False
        for values, environment in passed.values():
            if is_known(values) and not any(isinstance(v, (Symbolic, Self)) for v in values):
                settled = True
                found += self._reaches(self._closed(self._followed(values, symbol.path)), pending, environment)
        if not settled:
            found += self._reaches(self._fallback.values(symbol), pending, ())
        return found

    def _closed(self, values: Values) -> Values:
        """The values, with what the callers were given themselves settled by what the whole program says of it."""
        if not any(isinstance(value, Symbolic) for value in values):
            return values
        return union(*(self._fallback.values(value) if isinstance(value, Symbolic) else (value,) for value in values))

    def _reaches(self, values: Values, pending: Pending, environment: Environment) -> list[Reach]:
        if not is_known(values):
            return []
        ways = [_Doing(v, pending, pending.path, pending.length, environment) for v in self._fitting(values, pending)]
        groups = [[each for each in self._do(way) if isinstance(each, Reach)] for way in ways]
        certain = all(groups)
        return [
            msgspec.structs.replace(
                each,
                certain=each.certain and certain and pending.certain,
                once=each.once or pending.once,
                open=each.open or pending.open,
            )
            for group in groups
            for each in group
        ]


def _is_of(symbol: Symbolic, called: Values) -> bool:
    """Whether a symbol, perhaps in terms of callers by now, is what a call calls."""
    return any(isinstance(v, Symbolic) and symbol.path[len(symbol.path) - len(v.path) :] == v.path for v in called)


def is_rare(groups: Sequence[Sequence[object]]) -> bool:
    """Whether fewer than half of four or more implementations have an effect.

    Which of them a call meets is not seen, so nothing is known of this call.
    """
    return len(groups) >= _SEVERAL and 2 * sum(map(bool, groups)) < len(groups)
