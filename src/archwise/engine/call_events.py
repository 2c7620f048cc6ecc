"""What happens at a call: what it may mean, less the waits that are ruled out where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir, nonblocking
from archwise.engine.actions import Actions, as_awaited
from archwise.engine.arguments import Arguments
from archwise.engine.callbacks import Callbacks
from archwise.engine.event import Alternatives, Demand, Event, Sink
from archwise.engine.fitting import is_awaited_below, takes
from archwise.engine.parameters import variadic
from archwise.engine.returns import takes_either
from archwise.engine.transactions import is_over
from archwise.engine.values import (
    UNKNOWN_VALUES,
    Awaitable,
    ExternalMethod,
    FunctionValue,
    Literal,
    Method,
    Value,
    Values,
    is_coroutine_function,
)
from archwise.engine.waits import Waits

if TYPE_CHECKING:
    from collections.abc import Callable

    from archwise.engine.awaiting import Used
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code
    from archwise.knowledge.facts import Effect


class CallEvents:
    """Finds the events of calls."""

    def __init__(self, inference: Inference, actions: Actions) -> None:
        self._inference = inference
        self._actions = actions
        self._waits = Waits(inference)
        self._callbacks = Callbacks(inference)

    def of(self, code: Code, index: int, op: ir.Call, used: Used) -> Alternatives:
        """What happens at a call, by what the callee may be."""
        if is_over(self._inference, code, index, op):
            return ()
        function = code.scope.ops[op.function]
        found = self._called(code, index, op, index in used.awaited)
        if _is_seen_async(code, function):
            found = _without(tuple(map(as_awaited, found)), _asks_callers)
        if index in used.streamed or (index in used.entered and len(found) > 1):
            found = tuple(map(as_awaited, found))
        if isinstance(function, ir.Attribute):
            found = self.as_made(code, function.value, found)
        return _without(found, _is_wait) if self._refuses(code, index, op.function, found) else found

    def _called(self, code: Code, index: int, op: ir.Call, is_awaited: bool) -> Alternatives:
        called = self._inference.values(code, op.function)
        if called == UNKNOWN_VALUES:
            return ()
        called = self._meant(code, index, op, called, is_awaited)
        arguments = Arguments.of(self._inference, code, op)
        found = tuple(tuple(self._actions.perform(value, arguments)) for value in called if type(value) is not Literal)
        if code.scope.is_async and self.has_twin(called):
            found = _without(found, _is_sink)
        elif _is_of_attribute(code, op):
            found = _without(found, _is_for_locals)
        if op.starred and variadic(code) is not None:
            passes = arguments.positional
            found = tuple(tuple(_forwarding(event, passes, code) for event in events) for events in found)
        return tuple(map(as_awaited, found)) if is_awaited else found

    def _meant(self, code: Code, index: int, op: ir.Call, called: Values, is_awaited: bool) -> Values:
        """The alternatives that a call can mean, by what it gives them and by what becomes of what they give."""
        if len(called) > 1:
            called = tuple(value for value in called if takes(value, op)) or called
        has_twin = len(called) > 1 and code.scope.is_async and any(map(is_coroutine_function, called))
        if is_awaited or (has_twin and not takes_either(code, index)):
            return self._awaitable(called)
        return called

    def as_made(self, code: Code, index: int, alternatives: Alternatives) -> Alternatives:
        """The events of using an object, less the waits that the call which made it rules out."""
        return tuple(
            tuple(
                self._of_made(e, code, index) if isinstance(e, Sink) else e
                for e in events
                if not (isinstance(e, Sink) and self.is_ruled_out(e.effect, code, index))
            )
            for events in alternatives
        )

    def is_ruled_out(self, effect: Effect, code: Code, index: int) -> bool:
        """Whether the call that made what an operation gives rules out that using it waits."""
        return self._waits.is_ruled_out(effect, code, index)

    def _of_made(self, sink: Sink, code: Code, index: int) -> Sink:
        needs = self._waits.needs_of_maker(sink.effect, code, index)
        return msgspec.structs.replace(sink, needs=sink.needs + needs) if needs else sink

    def _refuses(self, code: Code, index: int, function: int, alternatives: Alternatives) -> bool:
        """Whether the object a call is made on refuses where it would have to wait."""
        if not any(_is_wait(event) for events in alternatives for event in events):
            return False
        called = code.scope.ops[function]
        kinds = {event.effect.kind for events in alternatives for event in events if isinstance(event, Sink)}
        if self._callbacks.is_over(code, index) or any(self._callbacks.is_ready(code, kind) for kind in kinds):
            return True
        if isinstance(called, ir.Attribute) and nonblocking.is_told(self._inference, code, called.value):
            return True
        if nonblocking.is_awaited_ready(code, index):
            return True
        return any(map(_waits_for_others, alternatives)) and (
            nonblocking.expects_refusal(code, index) or nonblocking.is_asked_first(code, index)
        )

    def _awaitable(self, called: Values) -> Values:
        """The alternatives of an awaited call: where one is a coroutine function, the others give something alike."""
        called = tuple(value for value in called if not is_awaited_below(self._inference.classes, value))
        if any(is_coroutine_function(value) for value in called):
            makers = {_maker(value) for value in called if is_coroutine_function(value)} - {None}
            return tuple(
                value
                for value in called
                if is_coroutine_function(value) or (_maker(value) not in makers and self._gives_awaitable(value))
            )
        return tuple(value for value in called if not self._actions.is_plain(value))

    def _gives_awaitable(self, value: Value) -> bool:
        if not isinstance(value, (FunctionValue, Method)):
            return True
        made = self._inference.calls.result((value,), Arguments())
        return any(isinstance(each, Awaitable) for each in made)

    def has_twin(self, called: Values) -> bool:
        """Whether another package's object may be the asynchronous one, with a coroutine of the same name."""
        facts = [self._inference.facts.method(v.receiver.name, v.name) for v in called if isinstance(v, ExternalMethod)]
        return len(facts) > 1 and any(fact is not None and fact.coroutine for fact in facts)


def _without(alternatives: Alternatives, is_left_out: Callable[[Event], bool]) -> Alternatives:
    return tuple(tuple(event for event in events if not is_left_out(event)) for events in alternatives)


def _is_sink(event: Event) -> bool:
    return isinstance(event, Sink)


def _is_for_locals(event: Event) -> bool:
    """Whether something happens only where its object is made in the function that uses it."""
    return isinstance(event, Sink) and event.effect.when_local


def _asks_callers(event: Event) -> bool:
    """Whether callers are asked, who pass what does nothing when it is called as a coroutine function."""
    return isinstance(event, Demand)


def _is_of_attribute(code: Code, op: ir.Call) -> bool:
    """Whether a call is of a method of what some object keeps."""
    function = code.scope.ops[op.function]
    return isinstance(function, ir.Attribute) and isinstance(code.scope.ops[function.value], ir.Attribute)


def _waits_for_others(events: tuple[Event, ...]) -> bool:
    """Whether a call waits for a peer, a thread or a process: for what can be asked to refuse instead."""
    return any(_is_wait(event) and not (isinstance(event, Sink) and event.effect.kind == "file") for event in events)


def _is_wait(event: Event) -> bool:
    return isinstance(event, (Sink, Demand))


def _maker(value: Value) -> Code | None:
    """The function that a function is defined in: decorators make a wrapper of each kind, for what is of that kind."""
    parent = value.code.parent if isinstance(value, (FunctionValue, Method)) else None
    return parent if parent is not None and parent.scope.kind == "function" else None


def _forwarding(event: Event, passes: tuple[Values, ...], code: Code) -> Event:
    if isinstance(event, Demand) and event.mode == "call":
        return Demand(event.symbol, "call", "", passes, code)
    return event


def _is_seen_async(code: Code, function: ir.AnyOp) -> bool:
    """Whether a name is called where it was found to be a coroutine function (``iscoroutinefunction(f)``).

    A wrapper that is defined in the branch for coroutine functions is such a place.
    """
    function = _cast(code, function)
    if not isinstance(function, ir.Name):
        return False
    here: Code | None = code
    block = function.block
    while here is not None and here.scope.kind in ("function", "lambda"):
        if function.id in here.tested and _is_tested(here, block, function.id):
            return True
        if function.id in here.scope.bindings or any(each.name == function.id for each in here.scope.parameters):
            return False
        block = here.defined_in
        here = here.parent
    return False


def _cast(code: Code, op: ir.AnyOp) -> ir.AnyOp:
    """What ``cast(…, value)`` gives: the value."""
    ops = code.scope.ops
    is_cast = isinstance(op, ir.Call) and len(op.arguments) == 2 and ir.identifier(ops[op.function]) == "cast"
    return ops[op.arguments[1]] if isinstance(op, ir.Call) and is_cast else op


def _is_tested(code: Code, block: int, name: str) -> bool:
    return any(test.path == name and test.kind in ("coroutine", "async-generator") for test in code.conditions(block))
