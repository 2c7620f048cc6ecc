"""What doing something to a value makes happen: calling it, iterating over it, entering it, reading a property."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.accessors import working
from archwise.engine.arguments import Arguments, merged
from archwise.engine.calls import routines
from archwise.engine.consuming import consumed, merged_in
from archwise.engine.descriptors import bound
from archwise.engine.event import Build, Demand, Event, Launch, Run, Sink
from archwise.engine.making import AFTER, AFTER_BY_BASE
from archwise.engine.needs import Written
from archwise.engine.values import (
    Accessor,
    Awaitable,
    ClassValue,
    ContainerMethod,
    Environment,
    External,
    ExternalInstance,
    ExternalMethod,
    FunctionValue,
    Generated,
    Instance,
    Literal,
    Method,
    Offloaded,
    Partial,
    Self,
    Super,
    Symbolic,
    Unknown,
    Value,
    Values,
)
from archwise.engine.waits import Waits
from archwise.knowledge.facts import Effect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code
    from archwise.knowledge.schema import Boundary

_PROTOCOLS = {f"builtins.{name}": f"__{name}__" for name in ("len", "str", "repr", "bool", "int", "float")}


class Actions:
    """Finds the events of what is done to values."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._waits = Waits(inference)

    @functools.cached_property
    def _working(self) -> frozenset[str]:
        return working(self._inference.program)

    def does_work(self, name: str) -> bool:
        """Whether a property, descriptor or comparison of this name does more than look up, in some class."""
        return name in self._working

    def do(self, value: Value, demand: Demand, environment: Environment) -> Iterator[Event]:
        """The events of what was demanded of a parameter, once its value is known."""
        mode = demand.mode
        if mode in ("call", "awaited"):
            arguments = Arguments()
            if demand.forwarder is not None:
                arguments = self._inference.calls.forwarded(demand.forwarder, demand.passes, environment)
            if mode == "call":
                yield from self.perform(value, arguments)
            elif not self.is_plain(value):
                yield from as_awaited(tuple(self.perform(value, arguments)))
        elif mode == "iterate":
            yield from self.iterate(value, False)
        elif mode == "enter":
            yield from self.enter(value, False)
        else:
            yield from self.property_read(value, demand.name)

    def is_plain(self, value: Value) -> bool:
        """Whether calling a value surely gives nothing that could be awaited."""
        if isinstance(value, Instance) and value.exact:
            called = tuple(routines(self._inference.classes.attribute(value, "__call__")))
            return bool(called) and all(map(self.is_plain, called))
        if not isinstance(value, (FunctionValue, Method)) or value.code.scope.is_async:
            return False
        made = self._inference.calls.result((value,), Arguments())
        if any(isinstance(each, (Awaitable, Unknown, Symbolic)) for each in made):
            made = self._inference.calls.declared(value.code)
        defining = self._inference.classes.defining
        return not any(
            isinstance(each, (Awaitable, Unknown, Symbolic, Self))
            or (isinstance(each, Instance) and defining(each.code, "__await__") is not None)
            for each in made
        )

    def perform(self, value: Value, arguments: Arguments) -> Iterator[Event]:
        """The events of a call."""
        if isinstance(value, (FunctionValue, Method)):
            receiver = value.receiver if isinstance(value, Method) else None
            environment = self._inference.calls.bind(value.code, receiver, arguments, value.environment)
            if value.code.scope.is_async:
                yield Launch(value.code, "await", environment)
            elif not value.code.scope.is_generator:
                yield Run(value.code, environment, _written(arguments, receiver is not None))
        elif isinstance(value, ClassValue):
            yield from self._construct(value.code, arguments)
        elif isinstance(value, Instance):
            yield from self._call_instance(value, arguments)
        elif isinstance(value, Partial):
            for inner in value.function:
                yield from self.perform(inner, merged(value, arguments))
        elif isinstance(value, Offloaded):
            if value.passes == "new-loop":
                yield Sink(Effect("nested-loop", value.name))
            yield from self._launch(value.function, value.passes, arguments)
        elif isinstance(value, External):
            yield from self._external(self._inference.facts.canonical(value.name), arguments)
        elif isinstance(value, ExternalMethod):
            yield from self._external_method(value, arguments)
        elif isinstance(value, ExternalInstance):
            yield from self._called(value.name, arguments)
        elif isinstance(value, ContainerMethod):
            for given in merged_in(value.name, arguments):
                yield from self.iterate(given, False)
            for key in arguments.at("key") if value.name == "sort" else ():
                yield from self.perform(key, Arguments())
        elif isinstance(value, Symbolic):
            yield Demand(value, "call")

    def _call_instance(self, value: Instance, arguments: Arguments) -> Iterator[Event]:
        classes = self._inference.classes
        if classes.defining(value.code, "__call__") is None:
            for base in classes.external_bases(value.code):
                yield from self._called(base, arguments)
        yield from self._of_class(value, ("__call__",), arguments)

    def _construct(self, cls: Code, arguments: Arguments) -> Iterator[Event]:
        classes = self._inference.classes
        instance = Instance(cls, (), True)
        if classes.defining(cls, "__init__") is None:
            for base in classes.external_bases(cls):
                yield from self._of_external(base, "init")
        made = self._inference.construction.made(cls, arguments)
        receiver = made if isinstance(made, Instance) else instance
        for name in ("__new__", "__init__", *self._called_after(cls)):
            given = Arguments() if name in AFTER else arguments
            for value in classes.raw(receiver, name) if classes.defining(cls, name) else ():
                for routine in routines(bound(value, receiver)):
                    for event in self.perform(routine, given):
                        is_after = name in AFTER and isinstance(event, Run)
                        yield msgspec.structs.replace(event, written=_written(arguments, True)) if is_after else event
        yield from self._checked(cls)

    def _called_after(self, cls: Code) -> tuple[str, ...]:
        """What is called once an object is filled; a constructor of the program's own calls none of data classes'."""
        owner = self._inference.classes.defining(cls, "__init__")
        return AFTER if owner is None else AFTER_BY_BASE

    def _checked(self, cls: Code) -> Iterator[Event]:
        """The events of the methods that look at what an object is built with: validators."""
        for code in self._inference.classes.checking(cls):
            yield Run(code, ())

    def _of_class(self, value: Instance | Self, names: tuple[str, ...], arguments: Arguments) -> Iterator[Event]:
        """The first of these methods that the value's class has, called."""
        classes = self._inference.classes
        cls = value.code if isinstance(value, Instance) else value.cls
        for name in names:
            if classes.defining(cls, name) is not None or classes.overriding(cls, name):
                for bound in routines(classes.attribute(value, name)):
                    yield from self.perform(bound, arguments)
                return

    def _of_external(self, name: str, which: str) -> Iterator[Event]:
        effect = self._inference.facts.protocol(name, which)
        if effect is not None:
            yield Sink(effect)

    def _called(self, name: str, arguments: Arguments) -> Iterator[Event]:
        """What calling an instance of another package's class does, given these arguments."""
        effect = self._inference.facts.protocol(name, "call_blocks")
        if effect is not None:
            yield from self._sink(effect, arguments)

    def _external(self, name: str, arguments: Arguments) -> Iterator[Event]:
        facts = self._inference.facts
        pooled = facts.pooled(name)
        if pooled and not any(_is_given(arguments.at(keyword)) for keyword in facts.shares(name)):
            yield Build(pooled)
        effect = facts.function_effect(name)
        if effect is None and facts.class_(name) is not None:
            effect = facts.protocol(name, "init")
        if effect is None:
            owner, _, last = name.rpartition(".")
            fact = facts.method(owner, last) if facts.class_(owner) is not None else None
            effect = fact.effect if fact is not None else None
            if fact is not None and facts.pooled(owner) and last.startswith("from_"):
                yield Build(facts.pooled(owner))
        if effect is not None:
            yield from self._sink(effect, arguments)
        boundary = facts.boundary(name)
        if boundary is not None:
            yield from self._handed(boundary, arguments)
        for value in consumed(name, arguments):
            yield from self.iterate(value, False)
        if name in _PROTOCOLS:
            for value in arguments.at(0):
                yield from self.method(value, (_PROTOCOLS[name],))

    def _external_method(self, value: ExternalMethod, arguments: Arguments) -> Iterator[Event]:
        facts = self._inference.facts
        boundary = facts.boundary(f"{value.receiver.name}.{value.name}")
        if boundary is not None and boundary.passes == "enqueue":
            return
        fact = facts.method(value.receiver.name, value.name)
        if isinstance(value.instance, ClassValue) and fact is not None and fact.returns == "self":
            yield from self._checked(value.instance.code)
        if value.name == "enter_context":
            leaves = not _is_put_off(arguments)
            for managed in arguments.at(0):
                yield from self.enter(managed, False, leaves=leaves)
        if fact is not None and fact.effect is not None:
            yield from self._sink(fact.effect, arguments)
        if boundary is not None:
            yield from self._handed(boundary, arguments)

    def _sink(self, effect: Effect, arguments: Arguments) -> Iterator[Sink]:
        needs = self._waits.needs(effect, arguments)
        if needs is not None:
            in_doubt = not effect.likely and self._waits.is_unsettled(effect, arguments)
            yield Sink(msgspec.structs.replace(effect, likely=True) if in_doubt else effect, needs)

    def _handed(self, boundary: Boundary, arguments: Arguments) -> Iterator[Event]:
        """What a library does with a callable it is given."""
        given = arguments.at(boundary.callable, boundary.keyword)
        rest = Arguments()
        if boundary.arguments is not None:
            rest = Arguments(arguments.positional[boundary.arguments :], arguments.keywords, arguments.starred)
        if boundary.passes == "inline":
            for value in given:
                if not isinstance(value, Literal):
                    yield from self.perform(value, rest)
        else:
            yield from self._launch(given, boundary.passes, rest)

    def _launch(self, values: Values, passes: str, arguments: Arguments) -> Iterator[Event]:
        for value in values:
            if isinstance(value, (FunctionValue, Method)):
                receiver = value.receiver if isinstance(value, Method) else None
                yield Launch(
                    value.code, passes, self._inference.calls.bind(value.code, receiver, arguments, value.environment)
                )
            elif isinstance(value, Partial):
                yield from self._launch(value.function, passes, merged(value, arguments))

    def iterate(self, value: Value, is_async: bool) -> Iterator[Event]:
        """The events of iterating over a value."""
        if isinstance(value, Generated):
            if value.code.scope.is_async:
                yield Launch(value.code, "await", value.environment)
            elif not value.managed and not is_async:
                yield Run(value.code, value.environment)
        elif isinstance(value, (External, ExternalInstance)) and not is_async:
            yield from self._of_external(value.name, "iterates")
        elif isinstance(value, Symbolic) and not is_async:
            yield Demand(value, "iterate")
        elif isinstance(value, (Instance, Self)) and not is_async:
            yield from self._iterate_instance(value)

    def _iterate_instance(self, value: Instance | Self) -> Iterator[Event]:
        cls = value.code if isinstance(value, Instance) else value.cls
        classes = self._inference.classes
        if classes.defining(cls, "__iter__") is None:
            for base in classes.external_bases(cls):
                yield from self._of_external(base, "iterates")
            return
        yield from self._of_class(value, ("__iter__",), Arguments())
        for made in self._inference.calls.result_of_method(value, "__iter__"):
            if isinstance(made, Generated):
                yield from self.iterate(made, False)
            elif isinstance(made, (Instance, Self)):
                yield from self._of_class(made, ("__next__",), Arguments())

    def wait_for(self, value: Value) -> Iterator[Event]:
        """The events of ``await value``, where its class says what that is."""
        if isinstance(value, (Instance, Self)):
            yield from self._of_class(value, ("__await__",), Arguments())
            for made in self._inference.calls.result_of_method(value, "__await__"):
                yield from self.iterate(made, False) if isinstance(made, Generated) else ()

    def enter(self, value: Value, is_async: bool, *, leaves: bool = True) -> Iterator[Event]:
        """The events of ``with value``; without ``leaves``, those of its beginning."""
        if isinstance(value, Generated):
            if value.code.scope.is_async:
                yield Launch(value.code, "await", value.environment)
            elif value.managed:
                yield Run(value.code, value.environment)
        elif isinstance(value, ExternalInstance) and not is_async:
            yield from self._of_external(value.name, "enter")
        elif isinstance(value, Symbolic) and not is_async:
            yield Demand(value, "enter")
        elif isinstance(value, (Instance, Self)):
            names = ("__aenter__", "__aexit__") if is_async else ("__enter__", "__exit__")
            for name in names if leaves else names[:1]:
                yield from self._of_class(value, (name,), Arguments())
            cls = value.code if isinstance(value, Instance) else value.cls
            if not is_async and self._inference.classes.defining(cls, "__enter__") is None:
                for base in self._inference.classes.external_bases(cls):
                    yield from self._of_external(base, "enter")

    def property_read(self, value: Value, name: str) -> Iterator[Event]:
        """The events of reading ``value.name``."""
        if isinstance(value, Symbolic):
            if self.does_work(name):
                yield Demand(value, "property", name)
            return
        if isinstance(value, Super):
            return
        classes = self._inference.classes
        if isinstance(value, ClassValue):
            kept = classes.from_metaclass(value.code, name)
        elif isinstance(value, (Instance, Self)):
            kept = classes.raw(value, name)
        else:
            return
        for found in kept:
            if isinstance(found, Accessor) and found.kind == "property":
                for getter in bound(found.function, value):
                    yield from self.perform(getter, Arguments())
            elif isinstance(found, Symbolic) and isinstance(value, Self):
                yield Demand(Symbolic(found.code, found.name), "property", name)
            elif isinstance(found, Instance):
                yield from self._of_class(found, ("__get__",), Arguments())

    def method(self, value: Value, names: tuple[str, ...]) -> Iterator[Event]:
        """The events of an operator that calls the first of these methods the value's class has."""
        if isinstance(value, (Instance, Self)):
            yield from self._of_class(value, names, Arguments())
        elif isinstance(value, ExternalInstance):
            for name in names:
                fact = self._inference.facts.method(value.name, name)
                if fact is not None and fact.effect is not None:
                    yield Sink(fact.effect)
                    return


def as_awaited(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """The events of a call whose result is awaited: what does wait cannot be a plain call of another package."""
    kept = (event for event in events if not isinstance(event, Sink) or event.effect.coroutine)
    return tuple(
        Demand(event.symbol, "awaited", "", event.passes, event.forwarder)
        if isinstance(event, Demand) and event.mode == "call"
        else event
        for event in kept
    )


def _written(arguments: Arguments, bound: bool) -> Written | None:
    found = arguments.written
    return Written(*found, bound) if found is not None else None


def _is_given(values: Values) -> bool:
    """Whether an argument is given something other than ``None``."""
    return any(not (isinstance(value, Literal) and value.kind == "none") for value in values)


def _is_put_off(arguments: Arguments) -> bool:
    """Whether the function that enters something on a stack hands on what is to be left: ``stack.pop_all()``."""
    if arguments.written is None:
        return False
    code, call = arguments.written
    ops = code.scope.ops
    function = ops[call.function]
    stack = ir.path(ops, function.value) if isinstance(function, ir.Attribute) else ""
    return any(ir.path(ops, each.function) == f"{stack}.pop_all" for _, each in code.operations(ir.Call))
