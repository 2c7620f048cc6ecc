"""What happens at each operation of a function: code that runs, effects on the calling thread, callables handed on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from archwise.engine import ir
from archwise.engine.calls import Arguments, merged
from archwise.engine.conditions import Needs, Written
from archwise.engine.values import (
    UNKNOWN_VALUES,
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
from archwise.engine.values import Literal as LiteralValue
from archwise.engine.waits import Waits
from archwise.knowledge.facts import Effect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code
    from archwise.knowledge.schema import Boundary

Mode = Literal["call", "awaited", "iterate", "enter", "property", "method"]


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


class Site(msgspec.Struct, frozen=True, gc=False):
    """An operation at which something happens, with the events of each alternative."""

    op: int
    alternatives: tuple[tuple[Event, ...], ...]
    overrides: bool = False
    """Whether the alternatives are what classes derived from a declared one make of a method."""


_CONSUMERS = frozenset(
    {
        *("list", "tuple", "set", "frozenset", "sorted", "sum", "min", "max", "any", "all", "dict", "next"),
    }
)
_LAZY = frozenset({"zip", "enumerate", "reversed"})
_PROTOCOLS = {
    "len": "__len__",
    "str": "__str__",
    "repr": "__repr__",
    "bool": "__bool__",
    "int": "__int__",
    "float": "__float__",
}
_PLAIN = frozenset({"property", "setter", "staticmethod", "classmethod", "abstractmethod", "overload", "override"})
"""Decorators that make nothing with a ``__get__`` of the program's own."""
_FORMATS = ("__format__", "__str__")
_ACTIVE = frozenset({ir.Call, ir.Attribute, ir.Element, ir.Enter, ir.Operation, ir.Item})
_WORK = frozenset({ir.Call, ir.Element, ir.Enter, ir.Item, ir.Operation})


class Events:
    """Finds the events of functions."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._waits = Waits(inference)
        self._sites: dict[Code, tuple[Site, ...]] = {}
        self._working: frozenset[str] | None = None

    def sites(self, code: Code) -> tuple[Site, ...]:
        """The operations of a function at which something happens, in source order."""
        found = self._sites.get(code)
        if found is None:
            found = self._sites[code] = tuple(self._find(code))
        return found

    def _find(self, code: Code) -> Iterator[Site]:
        ops = code.scope.ops
        awaited = {op.value for op in ops if type(op) is ir.Await}
        lazy = {number for number, block in enumerate(code.scope.blocks) if block.kind == "lazy"}
        for index, op in enumerate(ops):
            if type(op) in _ACTIVE and not (lazy and getattr(op, "block", 0) in lazy):
                if type(op) is ir.Attribute:
                    alternatives = self._read(code, op)
                elif type(op) is ir.Call:
                    alternatives = self._called(code, op, index in awaited)
                    function = ops[op.function]
                    if isinstance(function, ir.Attribute):
                        alternatives = self._as_made(code, function.value, alternatives)
                else:
                    alternatives = self._protocol(code, op)
                if any(alternatives):
                    yield Site(index, alternatives, self._has_overrides(code, op, len(alternatives)))

    def _has_overrides(self, code: Code, op: ir.AnyOp, alternatives: int) -> bool:
        if not isinstance(op, ir.Call) or alternatives < 2:
            return False
        return self._inference.classes.are_overrides(self._inference.values(code, op.function))

    def _called(self, code: Code, op: ir.Call, awaited: bool) -> tuple[tuple[Event, ...], ...]:
        called = self._inference.values(code, op.function)
        if called == UNKNOWN_VALUES:
            return ()
        arguments = self._inference.arguments(code, op)
        if awaited:
            called = self._awaitable(called)
        found = [tuple(self.perform(value, arguments)) for value in called if type(value) is not LiteralValue]
        function = code.scope.ops[op.function]
        held = isinstance(function, ir.Attribute) and isinstance(code.scope.ops[function.value], ir.Attribute)
        if held:
            found = [tuple(e for e in events if not (isinstance(e, Sink) and e.effect.when_local)) for events in found]
        if code.scope.is_async and self.has_twin(called):
            found = [tuple(e for e in events if not isinstance(e, Sink)) for events in found]
        if op.starred and self._inference.variadic(code) is not None:
            passes = arguments.positional
            found = [tuple(_forwarding(event, passes, code) for event in events) for events in found]
        return tuple(map(_awaited, found)) if awaited else tuple(found)

    def _as_made(
        self, code: Code, index: int, alternatives: tuple[tuple[Event, ...], ...]
    ) -> tuple[tuple[Event, ...], ...]:
        """The events of using an object, less the waits that the call which made it rules out."""
        return tuple(
            tuple(e for e in events if not (isinstance(e, Sink) and self._waits.is_ruled_out(e.effect, code, index)))
            for events in alternatives
        )

    def _read(self, code: Code, op: ir.Attribute) -> tuple[tuple[Event, ...], ...]:
        if not self._is_defined(op.name):
            return ()
        return tuple(tuple(self.property_read(value, op.name)) for value in self._inference.values(code, op.value))

    def _protocol(self, code: Code, op: ir.AnyOp) -> tuple[tuple[Event, ...], ...]:
        if isinstance(op, ir.Element):
            values = self._inference.values(code, op.value)
            return tuple(tuple(self.iterate(value, op.is_async)) for value in values)
        if isinstance(op, ir.Enter):
            values = self._inference.values(code, op.value)
            return self._as_made(code, op.value, tuple(tuple(self.enter(value, op.is_async)) for value in values))
        if isinstance(op, ir.Operation):
            if op.method.endswith("="):
                return self._written(code, op)
            names: tuple[str, ...] = (op.method,)
            if op.method == "__format__":
                names = _FORMATS
            elif op.method == "__bool__":
                names = ("__bool__", "__len__")
            values = self._inference.values(code, op.value)
            return tuple(tuple(self.method(value, names)) for value in values)
        if isinstance(op, ir.Item):
            values = self._inference.values(code, op.value)
            return tuple(tuple(self.method(value, ("__getitem__",))) for value in values)
        return ()

    def _written(self, code: Code, op: ir.Operation) -> tuple[tuple[Event, ...], ...]:
        """The events of ``value.name = …`` where the name is a property with a setter."""
        name = op.method[:-1]
        if not self._is_defined(name):
            return ()
        given = Arguments((self._inference.values(code, op.operand),))
        alternatives = []
        for value in self._inference.values(code, op.value):
            found: list[Event] = []
            if isinstance(value, (Instance, Self)):
                for accessor in self._inference.classes.raw(value, name):
                    if isinstance(accessor, Accessor) and accessor.setter is not None:
                        for bound in self._inference.classes.bind_function(accessor.setter, value):
                            found.extend(self.perform(bound, given))
            alternatives.append(tuple(found))
        return tuple(alternatives)

    def _is_defined(self, name: str) -> bool:
        """Whether some class of the program has a property or descriptor of this name that does more than look up."""
        if self._working is None:
            self._working = self._find_working()
        return name in self._working

    def _find_working(self) -> frozenset[str]:
        found: set[str] = set()
        readers: list[tuple[str, set[str]]] = []
        descriptors = False
        for code in self._inference.program.codes():
            if code.scope.kind == "function" and code.scope.decorators and code.owner is not None:
                if any(type(op) in _WORK for op in code.scope.ops):
                    found.add(code.scope.name)
                else:
                    readers.append(
                        (code.scope.name, {op.name for op in code.scope.ops if isinstance(op, ir.Attribute)})
                    )
            descriptors |= code.scope.name == "__get__"
        if descriptors:
            for code in self._inference.program.classes:
                found.update(name for name, bindings in code.scope.bindings.items() if _may_describe(code, bindings))
        while fresh := {name for name, reads in readers if name not in found and not reads.isdisjoint(found)}:
            found |= fresh
        return frozenset(found)

    # -- what doing something to a value makes happen

    def do(self, value: Value, demand: Demand, environment: Environment) -> Iterator[Event]:
        """The events of what was demanded of a parameter, once its value is known."""
        mode, name = demand.mode, demand.name
        if mode in ("call", "awaited"):
            arguments = Arguments()
            if demand.forwarder is not None:
                arguments = self._inference.calls.forwarded(demand.forwarder, demand.passes, environment)
            if mode == "call":
                yield from self.perform(value, arguments)
            elif not self._is_plain(value):
                yield from _awaited(tuple(self.perform(value, arguments)))
        elif mode == "iterate":
            yield from self.iterate(value, False)
        elif mode == "enter":
            yield from self.enter(value, False)
        elif mode == "property":
            yield from self.property_read(value, name)
        else:
            yield from self.method(value, (name,))

    def _awaitable(self, called: Values) -> Values:
        """The alternatives of an awaited call: where one is a coroutine function, the others give something alike."""
        if any(_is_async(value) for value in called):
            return tuple(value for value in called if _is_async(value) or self._gives_awaitable(value))
        return tuple(value for value in called if not self._is_plain(value))

    def _gives_awaitable(self, value: Value) -> bool:
        if not isinstance(value, (FunctionValue, Method)):
            return True
        made = self._inference.calls.result((value,), Arguments())
        return any(isinstance(each, Awaitable) for each in made)

    def has_twin(self, called: Values) -> bool:
        """Whether another package's object may be the asynchronous one, with a coroutine of the same name."""
        facts = [self._inference.facts.method(v.receiver.name, v.name) for v in called if isinstance(v, ExternalMethod)]
        return len(facts) > 1 and any(fact is not None and fact.coroutine for fact in facts)

    def _is_plain(self, value: Value) -> bool:
        """Whether calling a value surely gives nothing that could be awaited."""
        if not isinstance(value, (FunctionValue, Method)) or value.code.scope.is_async:
            return False
        made = self._inference.calls.result((value,), Arguments())
        return not any(isinstance(each, (Awaitable, Unknown, Symbolic)) for each in made)

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
            yield from self._of_class(value, ("__call__",), arguments)
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
            yield from self._of_external(value.name, "call_blocks")
        elif isinstance(value, ContainerMethod) and value.name == "sort":
            for key in arguments.at("key"):
                yield from self.perform(key, Arguments())
        elif isinstance(value, Symbolic):
            yield Demand(value, "call")

    def _construct(self, cls: Code, arguments: Arguments) -> Iterator[Event]:
        classes = self._inference.classes
        instance = Instance(cls, (), True)
        if classes.defining(cls, "__init__") is None:
            for base in classes.external_bases(cls):
                yield from self._of_external(base, "init")
        made = self._inference.calls.construct(cls, arguments)
        for name, given in (("__new__", arguments), ("__init__", arguments), ("__post_init__", Arguments())):
            receiver = made if isinstance(made, Instance) else instance
            for value in classes.raw(receiver, name) if classes.defining(cls, name) else ():
                for bound in classes.bind_function(value, receiver):
                    yield from self.perform(bound, given)

    def _of_class(self, value: Instance | Self, names: tuple[str, ...], arguments: Arguments) -> Iterator[Event]:
        """The first of these methods that the value's class has, called."""
        classes = self._inference.classes
        cls = value.code if isinstance(value, Instance) else value.cls
        for name in names:
            if classes.defining(cls, name) is not None or classes.overriding(cls, name):
                for bound in classes.attribute(value, name):
                    yield from self.perform(bound, arguments)
                return

    def _of_external(self, name: str, which: str) -> Iterator[Event]:
        effect = self._inference.facts.protocol(name, which)
        if effect is not None:
            yield Sink(effect)

    def _external(self, name: str, arguments: Arguments) -> Iterator[Event]:
        facts = self._inference.facts
        pooled = facts.pooled(name)
        if pooled:
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
        if name.startswith("builtins.") and arguments.positional:
            yield from self._builtin(name.removeprefix("builtins."), arguments)

    def _builtin(self, name: str, arguments: Arguments) -> Iterator[Event]:
        first = arguments.positional[0]
        if name in _CONSUMERS and len(arguments.positional) == 1:
            for value in first:
                yield from self.iterate(value, False)
        elif name in _LAZY:
            for values in arguments.positional:
                for value in values:
                    yield from self.iterate(value, False)
        elif name in _PROTOCOLS:
            for value in first:
                yield from self.method(value, (_PROTOCOLS[name],))

    def _external_method(self, value: ExternalMethod, arguments: Arguments) -> Iterator[Event]:
        facts = self._inference.facts
        boundary = facts.boundary(f"{value.receiver.name}.{value.name}")
        if boundary is not None and boundary.passes == "enqueue":
            return
        fact = facts.method(value.receiver.name, value.name)
        if value.name == "enter_context":
            for managed in arguments.at(0):
                yield from self.enter(managed, False)
        if fact is not None and fact.effect is not None:
            yield from self._sink(fact.effect, arguments)
        if boundary is not None:
            yield from self._handed(boundary, arguments)

    def _sink(self, effect: Effect, arguments: Arguments) -> Iterator[Sink]:
        needs = self._waits.needs(effect, arguments)
        if needs is not None:
            yield Sink(effect, needs)

    def _handed(self, boundary: Boundary, arguments: Arguments) -> Iterator[Event]:
        """What a library does with a callable it is given."""
        given = arguments.at(boundary.callable, boundary.keyword)
        rest = Arguments()
        if boundary.arguments is not None:
            rest = Arguments(arguments.positional[boundary.arguments :], arguments.keywords, arguments.starred)
        if boundary.passes == "inline":
            for value in given:
                if not isinstance(value, LiteralValue):
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
            elif not value.managed:
                yield Run(value.code, value.environment)
        elif isinstance(value, ExternalInstance) and not is_async:
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

    def enter(self, value: Value, is_async: bool) -> Iterator[Event]:
        """The events of ``with value``."""
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
            for name in ("__aenter__", "__aexit__") if is_async else ("__enter__", "__exit__"):
                yield from self._of_class(value, (name,), Arguments())
            cls = value.code if isinstance(value, Instance) else value.cls
            if not is_async and self._inference.classes.defining(cls, "__enter__") is None:
                for base in self._inference.classes.external_bases(cls):
                    yield from self._of_external(base, "enter")

    def property_read(self, value: Value, name: str) -> Iterator[Event]:
        """The events of reading ``value.name``."""
        if isinstance(value, Symbolic):
            if self._is_defined(name):
                yield Demand(value, "property", name)
            return
        if isinstance(value, Super):
            return
        if not isinstance(value, (Instance, Self)):
            return
        for found in self._inference.classes.raw(value, name):
            if isinstance(found, Accessor) and found.kind == "property":
                for bound in self._inference.classes.bind_function(found.function, value):
                    yield from self.perform(bound, Arguments())
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


def _may_describe(cls: Code, bindings: tuple[ir.Binding, ...]) -> bool:
    """Whether a name of a class may hold an object with ``__get__``: a literal or a plain function is none."""
    for binding in bindings:
        op = cls.scope.ops[binding.value]
        if type(op) is ir.Define:
            decorators = cls.module.summary.scopes[op.scope].decorators
            if not all(ir.identifier(cls.scope.ops[decorator]) in _PLAIN for decorator in decorators):
                return True
        elif type(op) is not ir.Constant:
            return True
    return False


def _awaited(events: tuple[Event, ...]) -> tuple[Event, ...]:
    """The events of a call whose result is awaited: what does wait cannot be a plain call of another package."""
    kept = (event for event in events if type(event) is not Sink)
    return tuple(
        Demand(event.symbol, "awaited", "", event.passes, event.forwarder)
        if isinstance(event, Demand) and event.mode == "call"
        else event
        for event in kept
    )


def _is_async(value: Value) -> bool:
    return isinstance(value, (FunctionValue, Method)) and value.code.scope.is_async


def _forwarding(event: Event, passes: tuple[Values, ...], code: Code) -> Event:
    if isinstance(event, Demand) and event.mode == "call":
        return Demand(event.symbol, "call", "", passes, code)
    return event


def _written(arguments: Arguments, bound: bool) -> Written | None:
    found = arguments.written
    return Written(*found, bound) if found is not None else None
