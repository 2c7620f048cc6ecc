"""Which effects a function has on its caller's thread, each with the shortest path that proves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.conditions import Conditions
from archwise.engine.demands import Demands, Given, is_rare
from archwise.engine.event import Build, Demand, Event, Launch, Run, Sink, Site
from archwise.engine.frequency import is_cached, is_guarded, is_once
from archwise.engine.needs import Needs, Written, merged, together
from archwise.engine.nonblocking import bound_to, is_asked_first
from archwise.engine.preconditions import Preconditions
from archwise.engine.reach import LONGEST, Found, Pending, Reach, Step, weight
from archwise.engine.returns import is_other_way
from archwise.engine.values import FunctionValue, Managed, Method

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archwise.engine.events import Events
    from archwise.engine.fallback import Fallback
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code
    from archwise.engine.values import Environment

_MOST = 64
_MOST_OPEN = 96
"""Effects kept of a function, and demands that it leaves open: bounded, so that the work stays linear."""
_EFFECTIVE = frozenset({Sink, Demand, Run})
"""What happens on the caller's own thread; the other events do not."""


class Place(msgspec.Struct, frozen=True, gc=False):
    """An operation that may have an effect: what happens there, and how often and when it is got to."""

    op: int
    alternatives: tuple[tuple[Event, ...], ...]
    overrides: bool
    once: bool
    guarded: bool
    needs: Needs


class Effects:
    """The effects of functions: a fixpoint over calls, computed for what is asked."""

    def __init__(self, inference: Inference, events: Events, fallback: Fallback) -> None:
        self._inference = inference
        self._events = events
        self._preconditions = Preconditions(inference)
        self._conditions = Conditions(inference, self._preconditions)
        self._demands = Demands(inference, events, fallback, self._conditions, self.below)
        self._found: dict[Code, Found] = {}
        self._places: dict[Code, tuple[Place, ...]] = {}
        self._dependents: dict[Code, dict[Code, None]] = {}
        self._stale: dict[Code, None] = {}

    def of(self, code: Code) -> Found:
        """The effects of calling a function; final once `settle` has run."""
        found = self._found.get(code)
        if found is None:
            found = self._found[code] = Found()
            self._update(code)
        return found

    def below(self, caller: Code, called: Code) -> Found:
        """The effects, so far, of a function that another one calls, which hears of it when they grow."""
        self._dependents.setdefault(called, {})[caller] = None
        return self.of(called)

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
        once, guarded = is_once(self._inference, code, site.op), is_guarded(code, site.op)
        return Place(site.op, site.alternatives, site.overrides, once, guarded, self._preconditions.of(code, site.op))

    def _at(self, code: Code, place: Place, found: Found) -> None:
        collected: list[list[Reach | Pending]] = []
        for events in place.alternatives:
            group: list[Reach | Pending] = []
            for event in events:
                if type(event) in _EFFECTIVE:
                    group.extend(self._of_event(code, place.op, event))
            collected.append(group)
        if place.overrides and is_rare(collected):
            return
        shared = _shared(collected)
        for group in collected:
            for each in group:
                certain = each.certain and (shared is None or _kind(each) in shared)
                once = each.once or place.once
                needs = together(place.needs, each.needs)
                if isinstance(each, Reach):
                    total = each.guarded + place.guarded
                    each = Reach(each.effect, each.path, each.length, certain, once, total, needs, each.open)
                elif certain != each.certain or once != each.once or needs != each.needs:
                    each = Pending(each.demand, each.path, each.length, certain, once, needs, each.open)
                self._keep(found, each)

    def by_place(self, code: Code) -> Iterator[Found]:
        """The effects of each operation of a function apart; final once `settle` has run."""
        for place in self._places_of(code):
            found = Found()
            self._at(code, place, found)
            if found.reaches or found.pendings:
                yield found

    def _keep(self, found: Found, each: Reach | Pending) -> None:
        if each.length > LONGEST:
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
        better = each if weight(each) < weight(known) else known
        if better is not known or needs != known.needs:
            found.reaches[key] = msgspec.structs.replace(better, needs=needs) if needs != better.needs else better

    def _of_event(self, code: Code, op: int, event: Event) -> Iterator[Reach | Pending]:
        if isinstance(event, Sink):
            yield Reach(event.effect, Step(code, op, None), 1, not event.effect.likely, False, 0, event.needs)
        elif isinstance(event, Demand):
            yield Pending(event, Step(code, op, None), 1, True, False)
        elif isinstance(event, Run):
            yield from self._through(code, op, event)

    def _through(self, code: Code, op: int, run: Run) -> Iterator[Reach | Pending]:
        """What calling a function brings with it."""
        called, environment = run.code, run.environment
        if called is code or self._inference.program.import_roots.are_apart(code.module, called.module):
            return
        below = self.below(code, called)
        cached = is_cached(self._inference, called, code)
        plain = "opaque" not in self._inference.decorators.kinds(called)
        selected = self._conditions.selected(code, op, called)
        written = run.written or _made_there(self._inference, code, op, called)
        for reach in list(below.reaches.values()):
            needs = self._conditions.through(reach.needs, code, op, called, written)
            if needs is None or (op in self._events.awaited(code) and is_other_way(self._inference, reach.path)):
                continue
            if reach.effect.kind == "lock" and is_asked_first(code, op):
                continue
            if reach.effect.unless_made and reach.length == 1 and self._is_made_otherwise(called, reach, written):
                continue
            once, certain = reach.once or cached, reach.certain and plain
            path, length = Step(code, op, reach.path), reach.length + 1
            open_ = reach.open or self._conditions.leaves_open(reach.needs, reach.path.op, called, run.written)
            yield Reach(reach.effect, path, length, certain, once, reach.guarded, together(selected, needs), open_)
        if below.pendings:
            given = dict(environment)
            for pending in list(below.pendings.values()):
                needs = self._conditions.through(pending.needs, code, op, called, written)
                if pending.length < LONGEST and needs is not None:
                    if pending.needs:
                        open_ = pending.open or self._conditions.leaves_open(
                            pending.needs, pending.path.op, called, run.written
                        )
                        pending = msgspec.structs.replace(pending, needs=needs, open=open_)
                    yield from self._demands.resolved(code, op, called, environment, given, pending, cached)

    def _is_made_otherwise(self, called: Code, reach: Reach, written: Written | None) -> bool:
        """Whether what is given to a function was made so that what it does to that does not wait: on a buffer."""
        ops = called.scope.ops
        call = ops[reach.path.op]
        function = ops[call.function] if isinstance(call, ir.Call) else None
        holder = ops[function.value] if isinstance(function, ir.Attribute) else None
        if not isinstance(holder, ir.Name) or holder.id in called.scope.bindings or written is None:
            return False
        given = written.given(called, holder.id)
        return given is not None and self._events.calls.is_ruled_out(reach.effect, *given)

    def launched(self, codes: Iterable[Code]) -> dict[Code, list[tuple[Code, int, str, Environment]]]:
        """Who makes which code run otherwise than by calling it: the function, its operation, how, and with what."""
        found: dict[Code, list[tuple[Code, int, str, Environment]]] = {}
        for code in codes:
            for site in self._events.sites(code):
                for events in site.alternatives:
                    for event in events:
                        for launch in self._launches(code, site.op, event):
                            entry = code, site.op, launch.passes, launch.environment
                            found.setdefault(launch.code, []).append(entry)
        return found

    def _launches(self, code: Code, op: int, event: Event) -> Iterable[Launch]:
        if isinstance(event, Launch):
            return (event,)
        return self._demands.launches(code, op, event) if isinstance(event, Demand) and code.scope.is_async else ()

    def builds(self, code: Code) -> Iterator[tuple[int, str]]:
        """The operations of a function that build something meant to be built once."""
        for site in self._events.sites(code):
            for events in site.alternatives:
                for event in events:
                    if isinstance(event, Build):
                        yield site.op, event.name

    def settled(self, pending: Pending, given: Iterable[Given]) -> list[Reach]:
        """What a demand left open by a function that runs on the loop comes to, with what its callers pass."""
        return self._demands.settled(pending, given)

    @property
    def known(self) -> tuple[Code, ...]:
        """All functions looked at so far."""
        return tuple(self._found)


def _shared(collected: list[list[Reach | Pending]]) -> set[str] | None:
    """The kinds of effect that all alternatives have for certain; None where there is one alternative."""
    if len(collected) < 2:
        return None
    return set.intersection(*({_kind(each) for each in group if each.certain} for group in collected))


def _kind(each: Reach | Pending) -> str:
    return each.effect.kind if isinstance(each, Reach) else each.demand.mode


def _made_there(inference: Inference, code: Code, index: int, called: Code) -> Written | None:
    """The call of a generator function that an operation goes through or enters, directly or by its name."""
    ops = code.scope.ops
    op = ops[index]
    made = op.value if isinstance(op, (ir.Element, ir.Enter)) else 0
    name = ops[made]
    if made and isinstance(name, ir.Name):
        made = bound_to(code, name, made)
    call = ops[made] if made else None
    if not isinstance(call, ir.Call):
        return None
    for value in inference.values(code, call.function):
        function = value.function if isinstance(value, Managed) else value
        if isinstance(function, (FunctionValue, Method)) and function.code is called:
            return Written(code, call, isinstance(function, Method))
    return None
