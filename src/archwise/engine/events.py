"""What happens at each operation of a function: code that runs, effects on the calling thread, callables handed on."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir, nonblocking
from archwise.engine.actions import Actions, as_awaited
from archwise.engine.arguments import Arguments
from archwise.engine.callbacks import Callbacks
from archwise.engine.constants import Constants
from archwise.engine.descriptors import bound
from archwise.engine.event import Demand, Event, Sink, Site
from archwise.engine.fitting import is_awaited_below, takes
from archwise.engine.forks import in_child
from archwise.engine.parameters import variadic
from archwise.engine.returns import takes_either
from archwise.engine.transactions import is_over
from archwise.engine.values import (
    UNKNOWN_VALUES,
    Accessor,
    Awaitable,
    ExternalMethod,
    FunctionValue,
    Instance,
    Literal,
    Method,
    Self,
    Symbolic,
    Value,
    Values,
    is_coroutine_function,
)
from archwise.engine.waits import Waits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code
    from archwise.knowledge.facts import Effect

_FORMATS = ("__format__", "__str__")
_ACTIVE = frozenset({ir.Call, ir.Attribute, ir.Element, ir.Enter, ir.Operation, ir.Await, ir.Item})


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


def _known(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """The events that ask nothing of callers: what they pass does nothing when it is called as a coroutine function."""
    return tuple(event for event in events if not isinstance(event, Demand))


class Events:
    """Finds the events of functions."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._waits = Waits(inference)
        self._callbacks = Callbacks(inference)
        self.constants = Constants(inference)
        self._sites: dict[Code, tuple[Site, ...]] = {}
        self._awaited: dict[Code, frozenset[int]] = {}
        self.actions = Actions(inference)

    def sites(self, code: Code) -> tuple[Site, ...]:
        """The operations of a function at which something happens, in source order."""
        found = self._sites.get(code)
        if found is None:
            found = self._sites[code] = tuple(self._find(code))
        return found

    def awaited(self, code: Code) -> frozenset[int]:
        """The operations of a function that it awaits, itself or by what it hands them to (``asyncio.wait_for``)."""
        found = self._awaited.get(code)
        if found is None:
            own = [op.value for op in code.scope.ops if type(op) is ir.Await]
            given = [at for index in own for at in self._awaited_below(code, index)]
            later = _awaited_by_name(code, own) if own else ()
            found = self._awaited[code] = frozenset((*own, *later, *given, *self._handed_to_loop(code)))
        return found

    def _awaited_below(self, code: Code, index: int) -> Iterator[int]:
        """The calls whose results an awaited coroutine function of the program awaits: ``await checked(fetch())``."""
        ops = code.scope.ops
        op = ops[index]
        given = [at for at in op.arguments if isinstance(ops[at], ir.Call)] if isinstance(op, ir.Call) else []
        called = self._inference.values(code, op.function) if given and isinstance(op, ir.Call) else ()
        if given and isinstance(op, ir.Call) and len(called) == 1 and is_coroutine_function(called[0]):
            names = _awaited_parameters(called[0])
            yield from (at for at, name in zip(op.arguments, names, strict=False) if at in given and name)

    def _handed_to_loop(self, code: Code) -> Iterator[int]:
        """What a function gives to calls that await the coroutine they are given."""
        for _, op in code.operations(ir.Call):
            if ir.identifier(code.scope.ops[op.function]) in self._awaiting:
                boundary = self._inference.boundary(code, op)
                if boundary is not None and boundary.passes == "task" and boundary.arguments is None:
                    yield from op.arguments if boundary.callable == "*" else op.arguments[:1]

    @functools.cached_property
    def _awaiting(self) -> frozenset[str]:
        """The last identifiers of what awaits a coroutine that it is given."""
        boundaries = self._inference.facts.boundaries.items()
        return frozenset(name.rpartition(".")[2] for name, boundary in boundaries if boundary.passes == "task")

    def _find(self, code: Code) -> Iterator[Site]:
        ops = code.scope.ops
        awaited = self.awaited(code)
        streamed, entered = set(_streamed(code)), _entered(code)
        idle = {number for number, block in enumerate(code.scope.blocks) if block.kind == "lazy"}
        idle |= self.constants.ruled_out(code) | in_child(self._inference, code)
        for index, op in enumerate(ops):
            if type(op) in _ACTIVE and not (idle and getattr(op, "block", 0) in idle):
                if type(op) is ir.Attribute:
                    alternatives = self._read(code, op)
                elif type(op) is ir.Call:
                    function = ops[op.function]
                    if is_over(self._inference, code, index, op):
                        continue
                    alternatives = self._called(code, index, op, index in awaited)
                    if _is_seen_async(code, function):
                        alternatives = tuple(map(_known, map(as_awaited, alternatives)))
                    if index in streamed or (index in entered and len(alternatives) > 1):
                        alternatives = tuple(map(as_awaited, alternatives))
                    if isinstance(function, ir.Attribute):
                        alternatives = self._as_made(code, function.value, alternatives)
                    if self._refuses(code, index, op.function, alternatives):
                        alternatives = tuple(tuple(e for e in events if not _is_wait(e)) for events in alternatives)
                else:
                    alternatives = self._protocol(code, op)
                if any(alternatives):
                    yield Site(index, alternatives, self._has_overrides(code, op, len(alternatives)))

    def _has_overrides(self, code: Code, op: ir.AnyOp, alternatives: int) -> bool:
        if not isinstance(op, ir.Call) or alternatives < 2:
            return False
        return self._inference.classes.are_overrides(self._inference.values(code, op.function))

    def _called(self, code: Code, index: int, op: ir.Call, is_awaited: bool) -> tuple[tuple[Event, ...], ...]:
        called = self._inference.values(code, op.function)
        if called == UNKNOWN_VALUES:
            return ()
        arguments = Arguments.of(self._inference, code, op)
        if len(called) > 1:
            called = tuple(value for value in called if takes(value, op)) or called
        has_twin = len(called) > 1 and code.scope.is_async and any(map(is_coroutine_function, called))
        if is_awaited or (has_twin and not takes_either(code, index)):
            called = self._awaitable(called)
        found = [tuple(self.actions.perform(value, arguments)) for value in called if type(value) is not Literal]
        function = code.scope.ops[op.function]
        held = isinstance(function, ir.Attribute) and isinstance(code.scope.ops[function.value], ir.Attribute)
        if held:
            found = [tuple(e for e in events if not (isinstance(e, Sink) and e.effect.when_local)) for events in found]
        if code.scope.is_async and self.has_twin(called):
            found = [tuple(e for e in events if not isinstance(e, Sink)) for events in found]
        if op.starred and variadic(code) is not None:
            passes = arguments.positional
            found = [tuple(_forwarding(event, passes, code) for event in events) for events in found]
        return tuple(map(as_awaited, found)) if is_awaited else tuple(found)

    def _as_made(
        self, code: Code, index: int, alternatives: tuple[tuple[Event, ...], ...]
    ) -> tuple[tuple[Event, ...], ...]:
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

    def _refuses(self, code: Code, index: int, function: int, alternatives: tuple[tuple[Event, ...], ...]) -> bool:
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

    def _read(self, code: Code, op: ir.Attribute) -> tuple[tuple[Event, ...], ...]:
        if not self.actions.does_work(op.name):
            return ()
        return tuple(
            tuple(self.actions.property_read(value, op.name)) for value in self._inference.values(code, op.value)
        )

    def _protocol(self, code: Code, op: ir.AnyOp) -> tuple[tuple[Event, ...], ...]:
        if isinstance(op, ir.Element):
            values = self._inference.values(code, op.value)
            return tuple(tuple(self.actions.iterate(value, op.is_async)) for value in values)
        if isinstance(op, ir.Enter):
            values = self._inference.values(code, op.value)
            return self._as_made(
                code, op.value, tuple(tuple(self.actions.enter(value, op.is_async)) for value in values)
            )
        if isinstance(op, ir.Operation):
            if op.method.endswith("="):
                return self._written(code, op)
            if op.method in ir.COMPARISONS:
                return self._compared(code, op)
            names: tuple[str, ...] = (op.method,)
            if op.method == "__format__":
                names = _FORMATS
            elif op.method == "__bool__":
                names = ("__bool__", "__len__")
            values = self._inference.values(code, op.value)
            return tuple(tuple(self.actions.method(value, names)) for value in values)
        if isinstance(op, ir.Await):
            return tuple(tuple(self.actions.wait_for(value)) for value in self._inference.values(code, op.value))
        if isinstance(op, ir.Item):
            values = self._inference.values(code, op.value)
            return tuple(tuple(self.actions.method(value, ("__getitem__",))) for value in values)
        return ()

    def _compared(self, code: Code, op: ir.Operation) -> tuple[tuple[Event, ...], ...]:
        """The events of comparing objects; a parameter is compared in too many places to ask its callers for it."""
        if not self.actions.does_work(op.method):
            return ()
        values = self._inference.values(code, op.value)
        return tuple(
            () if isinstance(value, Symbolic) else tuple(self.actions.method(value, (op.method,))) for value in values
        )

    def _written(self, code: Code, op: ir.Operation) -> tuple[tuple[Event, ...], ...]:
        """The events of ``value.name = …`` where the name is a property with a setter."""
        name = op.method[:-1]
        if not self.actions.does_work(name):
            return ()
        place = op.block, op.line, op.column, op.end_line
        given = Arguments.of(self._inference, code, ir.Call(op.value, (op.operand,), (), (), *place))
        alternatives = []
        for value in self._inference.values(code, op.value):
            found: list[Event] = []
            if isinstance(value, (Instance, Self)):
                for accessor in self._inference.classes.raw(value, name):
                    if isinstance(accessor, Accessor) and accessor.setter is not None:
                        for setter in bound(accessor.setter, value):
                            found.extend(self.actions.perform(setter, given))
            alternatives.append(tuple(found))
        return tuple(alternatives)

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
        return tuple(value for value in called if not self.actions.is_plain(value))

    def _gives_awaitable(self, value: Value) -> bool:
        if not isinstance(value, (FunctionValue, Method)):
            return True
        made = self._inference.calls.result((value,), Arguments())
        return any(isinstance(each, Awaitable) for each in made)

    def has_twin(self, called: Values) -> bool:
        """Whether another package's object may be the asynchronous one, with a coroutine of the same name."""
        facts = [self._inference.facts.method(v.receiver.name, v.name) for v in called if isinstance(v, ExternalMethod)]
        return len(facts) > 1 and any(fact is not None and fact.coroutine for fact in facts)


def _waits_for_others(events: tuple[Event, ...]) -> bool:
    """Whether a call waits for a peer, a thread or a process: for what can be asked to refuse instead."""
    return any(_is_wait(event) and not (isinstance(event, Sink) and event.effect.kind == "file") for event in events)


def _is_wait(event: Event) -> bool:
    return isinstance(event, (Sink, Demand))


def _streamed(code: Code) -> Iterator[int]:
    """The operations whose result an ``async for`` goes through, directly or by a name."""
    for op in code.scope.ops if code.scope.is_async else ():
        if type(op) is ir.Element and op.is_async:
            read = code.scope.ops[op.value]
            yield op.value
            for binding in code.scope.bindings.get(read.id, ()) if isinstance(read, ir.Name) else ():
                yield binding.value


def _entered(code: Code) -> set[int]:
    """The operations whose result is entered asynchronously: ``async with session.get(url)``."""
    return {op.value for _, op in code.operations(ir.Enter) if op.is_async} if code.scope.is_async else set()


def _awaited_by_name(code: Code, awaited: list[int]) -> Iterator[int]:
    """The calls whose results are kept under a name of their own that is awaited, and not only if it can be."""
    ops = code.scope.ops
    for index in awaited:
        op = ops[index]
        bindings = code.scope.bindings.get(op.id, ()) if isinstance(op, ir.Name) else ()
        if len(bindings) == 1 and isinstance(ops[bindings[0].value], ir.Call) and not takes_either(code, index):
            yield bindings[0].value


def _maker(value: Value) -> Code | None:
    """The function that a function is defined in: decorators make a wrapper of each kind, for what is of that kind."""
    parent = value.code.parent if isinstance(value, (FunctionValue, Method)) else None
    return parent if parent is not None and parent.scope.kind == "function" else None


def _awaited_parameters(value: Value) -> list[str]:
    """The positional parameters of a coroutine function that a call gives, each by its name if it awaits it."""
    if not isinstance(value, (FunctionValue, Method)):
        return []
    scope = value.code.scope
    awaited = {ir.path(scope.ops, op.value) for op in scope.ops if isinstance(op, ir.Await)} - {*scope.bindings, ""}
    return [each.name if each.name in awaited else "" for each in scope.parameters[isinstance(value, Method) :]]


def _forwarding(event: Event, passes: tuple[Values, ...], code: Code) -> Event:
    if isinstance(event, Demand) and event.mode == "call":
        return Demand(event.symbol, "call", "", passes, code)
    return event
