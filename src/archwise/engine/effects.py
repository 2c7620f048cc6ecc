"""Which effects a function has on its caller's thread, each with the shortest path that proves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.conditions import Conditions, Needs, Written, merged, together
from archwise.engine.events import Build, Demand, Event, Launch, Run, Sink, Site
from archwise.engine.program import Code
from archwise.engine.values import (
    Environment,
    ExternalMethod,
    FunctionValue,
    Key,
    Method,
    Self,
    Symbolic,
    Value,
    Values,
    is_known,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from archwise.engine.events import Events
    from archwise.engine.fallback import Fallback
    from archwise.engine.inference import Inference
    from archwise.knowledge.facts import Effect

_LONGEST = 12
_MOST = 64
_MOST_OPEN = 96
_SEVERAL = 4
_EFFECTIVE = frozenset({Sink, Demand, Run})


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

    @property
    def sink(self) -> Step:
        """The last hop."""
        return _last(self.path)


class Pending(msgspec.Struct, frozen=True, gc=False):
    """Something done to a parameter, somewhere below, whose effect depends on what the caller passes."""

    demand: Demand
    path: Step
    length: int
    certain: bool
    once: bool
    needs: Needs = ()


Given = tuple[dict[Key, Values], Environment]
"""What one caller passes, to look up by parameter and as it is."""
Reaches = dict[tuple[Code, int, str, bool], Reach]
Pendings = dict[tuple[Demand, Code, int], Pending]


class Place(msgspec.Struct, frozen=True, gc=False):
    """An operation that may have an effect: what happens there, and how often and when it is got to."""

    op: int
    alternatives: tuple[tuple[Event, ...], ...]
    overrides: bool
    once: bool
    guarded: bool
    needs: Needs


class Found:
    """A function's effects, and what it leaves open."""

    __slots__ = ("grew", "pendings", "reaches")

    def __init__(self) -> None:
        self.reaches: Reaches = {}
        self.pendings: Pendings = {}
        self.grew = False


class Effects:
    """The effects of functions: a fixpoint over calls, computed for what is asked."""

    def __init__(self, inference: Inference, events: Events, fallback: Fallback) -> None:
        self._inference = inference
        self._events = events
        self._fallback = fallback
        self._conditions = Conditions(inference)
        self._found: dict[Code, Found] = {}
        self._places: dict[Code, tuple[Place, ...]] = {}
        self._events_of: dict[tuple[Value, Demand], tuple[Event, ...]] = {}
        self._ways: dict[tuple[Values, tuple[str, ...]], Values] = {}
        self._dependents: dict[Code, dict[Code, None]] = {}
        self._stale: dict[Code, None] = {}

    def of(self, code: Code) -> Found:
        """The effects of calling a function; final once `settle` has run."""
        found = self._found.get(code)
        if found is None:
            found = self._found[code] = Found()
            self._update(code)
        return found

    def settle(self, roots: Iterable[Code]) -> None:
        """Computes the effects of these functions and of all they call."""
        for code in roots:
            self.of(code)
        while self._stale:
            code = next(iter(self._stale))
            del self._stale[code]
            self._update(code)

    def _update(self, code: Code) -> None:
        found = self._found[code]
        found.grew = False
        for place in self._places_of(code):
            self._at(code, place, found)
        if found.grew:
            for dependent in self._dependents.get(code, ()):
                self._stale[dependent] = None

    def _places_of(self, code: Code) -> tuple[Place, ...]:
        """The operations of a function that may have an effect on its own thread."""
        places = self._places.get(code)
        if places is None:
            places = self._places[code] = tuple(
                self._place(code, site)
                for site in self._events.sites(code)
                if any(type(event) in _EFFECTIVE for events in site.alternatives for event in events)
            )
        return places

    def _place(self, code: Code, site: Site) -> Place:
        once, guarded = is_once(code, site.op), is_guarded(code, site.op)
        return Place(site.op, site.alternatives, site.overrides, once, guarded, self._conditions.needs(code, site.op))

    def _at(self, code: Code, place: Place, found: Found) -> None:
        collected: list[list[Reach | Pending]] = []
        every = True
        for events in place.alternatives:
            group: list[Reach | Pending] = []
            for event in events:
                if type(event) in _EFFECTIVE:
                    group.extend(self._of_event(code, place.op, event))
            collected.append(group)
            every = every and bool(group)
        if place.overrides and _is_exception(collected):
            return
        for group in collected:
            for each in group:
                certain, once = each.certain and every, each.once or place.once
                needs = together(place.needs, each.needs)
                if isinstance(each, Reach):
                    total = each.guarded + place.guarded
                    each = Reach(each.effect, each.path, each.length, certain, once, total, needs)
                elif certain != each.certain or once != each.once or needs != each.needs:
                    each = Pending(each.demand, each.path, each.length, certain, once, needs)
                self._keep(found, each)

    def by_place(self, code: Code) -> Iterator[Found]:
        """The effects of each operation of a function apart; final once `settle` has run."""
        for place in self._places_of(code):
            found = Found()
            self._at(code, place, found)
            if found.reaches or found.pendings:
                yield found

    def _keep(self, found: Found, each: Reach | Pending) -> None:
        if each.length > _LONGEST:
            return
        if isinstance(each, Pending):
            open_at = each.demand, each.path.code, each.path.op
            pending = found.pendings.get(open_at)
            if pending is None:
                if len(found.pendings) < _MOST_OPEN:
                    found.pendings[open_at] = each
                    found.grew = True
            elif pending.needs and (needs := merged(pending.needs, each.needs)) != pending.needs:
                found.pendings[open_at] = msgspec.structs.replace(pending, needs=needs)
                found.grew = True
            return
        sink = each.sink
        key = sink.code, sink.op, each.effect.name, each.once
        known = found.reaches.get(key)
        if known is None:
            if len(found.reaches) < _MOST:
                found.reaches[key] = each
                found.grew = True
            return
        needs = merged(known.needs, each.needs) if known.needs else ()
        found.grew |= needs != known.needs
        better = each if _weight(each) < _weight(known) else known
        if better is not known or needs != known.needs:
            found.reaches[key] = msgspec.structs.replace(better, needs=needs) if needs != better.needs else better

    def _of_event(self, code: Code, op: int, event: Event) -> Iterator[Reach | Pending]:
        if isinstance(event, Sink):
            yield Reach(event.effect, Step(code, op, None), 1, True, False, 0, event.needs)
        elif isinstance(event, Demand):
            yield Pending(event, Step(code, op, None), 1, True, False)
        elif isinstance(event, Run):
            yield from self._through(code, op, event)

    def _through(self, code: Code, op: int, run: Run) -> Iterator[Reach | Pending]:
        """What calling a function brings with it."""
        called, environment = run.code, run.environment
        if called is code:
            return
        self._dependents.setdefault(called, {})[code] = None
        below = self.of(called)
        cached = is_cached(self._inference, called)
        plain = "opaque" not in self._inference.decorators.kinds(called)
        for reach in list(below.reaches.values()):
            needs = self._conditions.through(reach.needs, code, op, called, run.written)
            if needs is None:
                continue
            once, certain = reach.once or cached, reach.certain and plain
            yield Reach(reach.effect, Step(code, op, reach.path), reach.length + 1, certain, once, reach.guarded, needs)
        if below.pendings:
            given = dict(environment)
            for pending in list(below.pendings.values()):
                needs = self._conditions.through(pending.needs, code, op, called, run.written)
                if pending.length < _LONGEST and needs is not None:
                    if pending.needs:
                        pending = msgspec.structs.replace(pending, needs=needs)
                    yield from self._resolved(code, op, called, environment, given, pending, cached)

    def _resolved(
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
            yield Pending(pending.demand, path, pending.length + 1, pending.certain, once, pending.needs)
            return
        else:
            values = self._fallback.values(symbol)
        if is_known(values):
            yield from self._met(values, pending, Step(code, op, pending.path), cached, environment)

    def _met(
        self, values: Values, pending: Pending, path: Step, cached: bool, environment: Environment
    ) -> Iterator[Reach | Pending]:
        values = self._fitting(values, pending)
        groups = [list(self._do(value, pending, path, pending.length + 1, environment)) for value in values]
        if not any(groups) or (self._inference.classes.are_overrides(values) and _is_exception(groups)):
            return
        certain = pending.certain and all(groups)
        for group in groups:
            for each in group:
                yield msgspec.structs.replace(
                    each,
                    certain=each.certain and certain,
                    once=each.once or pending.once or cached,
                    needs=together(pending.needs, each.needs),
                )

    def _fitting(self, values: Values, pending: Pending) -> Values:
        """The alternatives that an asynchronous function would be given for what it does with them."""
        if pending.demand.mode == "awaited":
            return (
                tuple(v for v in values if isinstance(v, (FunctionValue, Method)) and v.code.scope.is_async) or values
            )
        if pending.demand.mode == "call" and _last(pending.path).code.scope.is_async and self._events.has_twin(values):
            return tuple(value for value in values if not isinstance(value, ExternalMethod))
        return values

    def _followed(self, values: Values, path: tuple[str, ...]) -> Values:
        """What the steps of a path make of values, each found once."""
        key = values, path
        found = self._ways.get(key)
        if found is None:
            found = self._ways[key] = self._inference.follow(values, path)
        return found

    def _events_of_demand(self, value: Value, demand: Demand, environment: Environment) -> tuple[Event, ...]:
        """What happens when the demanded is done to a value; the environment matters to forwarded arguments only."""
        if demand.forwarder is not None:
            return tuple(self._events.do(value, demand, environment))
        key = value, demand
        found = self._events_of.get(key)
        if found is None:
            found = self._events_of[key] = tuple(self._events.do(value, demand, environment))
        return found

    def _do(
        self, value: Value, pending: Pending, path: Step, length: int, environment: Environment
    ) -> Iterator[Reach | Pending]:
        demand = pending.demand
        top = path.code
        for event in self._events_of_demand(value, demand, environment):
            if isinstance(event, Sink):
                yield Reach(event.effect, path, length, True, False)
            elif isinstance(event, Demand):
                yield Pending(event, path, length, True, False)
            elif isinstance(event, Run) and event.code is not top:
                self._dependents.setdefault(event.code, {})[top] = None
                below = self.of(event.code)
                for reach in list(below.reaches.values()):
                    if self._is_ruled_out(reach.needs, pending, event, isinstance(value, Method)):
                        continue
                    joined = _joined(path, reach.path)
                    total = length + reach.length
                    yield Reach(reach.effect, joined, total, reach.certain, reach.once, reach.guarded)
                for inner in list(below.pendings.values()):
                    symbol = inner.demand.symbol
                    given = dict(event.environment).get((symbol.code, symbol.name))
                    total = length + inner.length
                    if total > _LONGEST or self._is_ruled_out(inner.needs, pending, event, isinstance(value, Method)):
                        continue
                    joined = _joined(path, inner.path)
                    if given is not None and is_known(given):
                        values = self._followed(given, symbol.path)
                    elif symbol.code is event.code:
                        values = self._fallback.values(symbol)
                    else:
                        continue
                    for met in values:
                        yield from self._do(met, inner, joined, total, event.environment)

    def _is_ruled_out(self, needs: Needs, pending: Pending, run: Run, bound: bool) -> bool:
        """Whether the call that makes a demand gives what it runs something that cannot bring this about."""
        last = _last(pending.path)
        op = last.code.scope.ops[last.op]
        if not needs or not isinstance(op, ir.Call):
            return False
        if pending.demand.symbol not in self._inference.values(last.code, op.function):
            return False
        return self._conditions.through(needs, last.code, last.op, run.code, Written(last.code, op, bound)) is None

    def _stays_open(self, code: Code, called: Code, environment: Environment, symbol: Symbolic) -> bool:
        """Whether a symbol this call does not settle may be settled further up: the caller's own, or its object's."""
        if symbol.code is called:
            return False
        if symbol.code is code or symbol.code.encloses(code):
            return True
        receivers = [values for (owner, _), values in environment if owner is called]
        return any(isinstance(value, Self) for values in receivers for value in values)

    def launched(self, codes: Iterable[Code]) -> dict[Code, list[tuple[Code, int, str, Environment]]]:
        """Who makes which code run otherwise than by calling it: the function, its operation, how, and with what."""
        found: dict[Code, list[tuple[Code, int, str, Environment]]] = {}
        for code in codes:
            for site in self._events.sites(code):
                for events in site.alternatives:
                    for event in events:
                        if isinstance(event, Launch):
                            entry = code, site.op, event.passes, event.environment
                            found.setdefault(event.code, []).append(entry)
        return found

    def builds(self, code: Code) -> Iterator[tuple[int, str]]:
        """The operations of a function that build something meant to be built once."""
        for site in self._events.sites(code):
            for events in site.alternatives:
                for event in events:
                    if isinstance(event, Build):
                        yield site.op, event.name

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
                found += self._reaches(self._followed(values, symbol.path), pending, environment)
        if not settled:
            found += self._reaches(self._fallback.values(symbol), pending, ())
        return found

    def _reaches(self, values: Values, pending: Pending, environment: Environment) -> list[Reach]:
        if not is_known(values):
            return []
        groups = [
            [
                each
                for each in self._do(v, pending, pending.path, pending.length, environment)
                if isinstance(each, Reach)
            ]
            for v in self._fitting(values, pending)
        ]
        certain = all(groups)
        return [
            msgspec.structs.replace(
                each, certain=each.certain and certain and pending.certain, once=each.once or pending.once
            )
            for group in groups
            for each in group
        ]

    @property
    def known(self) -> tuple[Code, ...]:
        """All functions looked at so far."""
        return tuple(self._found)


def _is_exception(groups: Sequence[Sequence[object]]) -> bool:
    """Whether only few of several alternatives have an effect: then nothing is known of this call."""
    return len(groups) >= _SEVERAL and 2 * sum(map(bool, groups)) < len(groups)


def _weight(reach: Reach) -> tuple[int, bool, bool, int]:
    """Orders proofs of the same effect, the best first; one that needs a parameter stands last."""
    return len(reach.needs), not reach.certain, reach.guarded > 0, reach.length


_CONDITIONAL = frozenset({"if", "case", "except", "rest"})


def is_guarded(code: Code, index: int) -> bool:
    """Whether an operation stands under a condition."""
    blocks = code.scope.blocks
    block: int = getattr(code.scope.ops[index], "block", 0)
    while block > 0:
        if blocks[block].kind in _CONDITIONAL:
            return True
        block = blocks[block].parent
    return False


def is_once(code: Code, index: int) -> bool:
    """Whether an operation runs a first time only."""
    blocks = code.scope.blocks
    block: int = getattr(code.scope.ops[index], "block", 0)
    while block >= 0:
        if blocks[block].once:
            return True
        block = blocks[block].parent
    return False


def is_cached(inference: Inference, code: Code) -> bool:
    """Whether a function's result is kept and it takes nothing that could vary."""
    if "cache" not in inference.decorators.kinds(code):
        return False
    return len(code.scope.parameters) <= (1 if code.owner is not None else 0)


def _last(step: Step) -> Step:
    while step.next is not None:
        step = step.next
    return step


def _joined(first: Step, rest: Step) -> Step:
    if first.next is None:
        return Step(first.code, first.op, rest)
    return Step(first.code, first.op, _joined(first.next, rest))
