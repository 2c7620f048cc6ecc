"""What calling, entering, iterating over and awaiting a value gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine.builtin import SPECIAL, container_result
from archwise.engine.substitute import limited
from archwise.engine.values import (
    NOTHING,
    UNKNOWN_VALUES,
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
    ItemsOf,
    Key,
    Literal,
    Managed,
    MappingOf,
    Method,
    Offloaded,
    Partial,
    Self,
    Symbolic,
    TupleOf,
    Value,
    Values,
    is_known,
    is_vague,
    union,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archwise.engine import ir
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code
    from archwise.knowledge.schema import Boundary


class Arguments:
    """The arguments of a call, evaluated when they are first asked for."""

    __slots__ = ("_given", "_keywords", "_positional", "starred")

    def __init__(
        self,
        positional: tuple[Values, ...] = (),
        keywords: tuple[tuple[str, Values], ...] = (),
        starred: bool = False,
        given: tuple[Inference, Code, ir.Call] | None = None,
    ) -> None:
        self.starred = starred
        self._given = given
        self._positional: tuple[Values, ...] | None = positional if given is None else None
        self._keywords: tuple[tuple[str, Values], ...] | None = keywords if given is None else None

    @classmethod
    def of(cls, inference: Inference, code: Code, op: ir.Call) -> Arguments:
        """Those of a call that stands in the program."""
        return cls((), (), op.starred, (inference, code, op))

    @property
    def written(self) -> tuple[Code, ir.Call] | None:
        """Where the call stands in the program, if it does."""
        return self._given[1:] if self._given is not None else None

    @property
    def positional(self) -> tuple[Values, ...]:
        """The arguments given by position."""
        if self._positional is None and self._given is not None:
            inference, code, op = self._given
            self._positional = tuple([inference.values(code, argument) for argument in op.arguments])
        return self._positional or ()

    @property
    def keywords(self) -> tuple[tuple[str, Values], ...]:
        """The arguments given by name."""
        if self._keywords is None and self._given is not None:
            inference, code, op = self._given
            self._keywords = tuple([(name, inference.values(code, value)) for name, value in op.keywords])
        return self._keywords or ()

    def of_parameter(self, position: int, parameter: ir.Parameter) -> Values:
        """What a parameter is given; nothing where it is not seen."""
        if self._given is None:
            if 0 <= position < len(self.positional) and parameter.kind == "positional":
                return self.positional[position]
            return next((values for name, values in self.keywords if name == parameter.name), NOTHING)
        inference, code, op = self._given
        if 0 <= position < len(op.arguments) and parameter.kind == "positional":
            return inference.values(code, op.arguments[position])
        return next((inference.values(code, value) for name, value in op.keywords if name == parameter.name), NOTHING)

    def at(self, position: int | str, keyword: str | None = None) -> Values:
        """The argument at a position or under a keyword, all of them at ``*``; nothing where it is not given."""
        if position == "*":
            return union(*self.positional)
        if isinstance(position, int) and position < len(self.positional):
            return self.positional[position]
        wanted = position if isinstance(position, str) else keyword
        return next((values for name, values in self.keywords if name == wanted), NOTHING)


NONE: Values = (Literal("none", "None"),)


class Calls:
    """Evaluates calls."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._returns: dict[Code, Values] = {}
        self._yields: dict[Code, Values] = {}

    # -- calling

    def plain_result(self, called: Values) -> Values:
        """What calling without arguments gives."""
        return self.result(called, Arguments())

    def result(self, called: Values, arguments: Arguments) -> Values:
        """What calling any of ``called`` gives."""
        if len(called) == 1:
            return self._result(called[0], arguments) or UNKNOWN_VALUES
        return union(*(self._result(value, arguments) for value in called)) or UNKNOWN_VALUES

    def result_of_method(self, receiver: Value, name: str) -> Values:
        """What ``receiver.name()`` gives."""
        return self.plain_result(self._inference.attribute(receiver, name))

    def _result(self, value: Value, arguments: Arguments) -> Values:
        handler = _RESULTS.get(type(value))
        return handler(self, value, arguments) if handler is not None else UNKNOWN_VALUES

    def _call_function(self, value: FunctionValue, arguments: Arguments) -> Values:
        return self._function(value.code, None, self.bind(value.code, None, arguments, value.environment))

    def _call_method(self, value: Method, arguments: Arguments) -> Values:
        environment = self.bind(value.code, value.receiver, arguments, value.environment)
        return self._function(value.code, value.receiver, environment)

    def _call_class(self, value: ClassValue, arguments: Arguments) -> Values:
        return (self.construct(value.code, arguments),)

    def _call_managed(self, value: Managed, arguments: Arguments) -> Values:
        made = self._result(value.function, arguments)
        return tuple(
            Generated(g.code, g.receiver, g.environment, True) if isinstance(g, Generated) else g for g in made
        )

    def _call_partial(self, value: Partial, arguments: Arguments) -> Values:
        return self.result(value.function, merged(value, arguments))

    def _call_offloaded(self, value: Offloaded, arguments: Arguments) -> Values:
        found = self.result(value.function, arguments)
        return self.awaited(found) if value.passes == "new-loop" else (Awaitable(found),)

    def _call_external(self, value: External, arguments: Arguments) -> Values:
        return self._external(value.name, arguments)

    def _call_external_instance(self, value: ExternalInstance, arguments: Arguments) -> Values:
        text = self._inference.facts.text(value.name, "call")
        return self._inference.annotations.text(text, value, arguments.positional) if text else UNKNOWN_VALUES

    def _call_container(self, value: ContainerMethod, arguments: Arguments) -> Values:
        return container_result(value, arguments)

    def _call_symbolic(self, value: Symbolic, arguments: Arguments) -> Values:
        return self._inference.extended(value, "()")

    def _call_instance(self, value: Instance | Self, arguments: Arguments) -> Values:
        found = self._inference.classes.attribute(value, "__call__")
        return self.result(found, arguments) if is_known(found) else UNKNOWN_VALUES

    def construct(self, cls: Code, arguments: Arguments) -> Value:
        """A new instance, with what its constructor's parameters stand for."""
        classes = self._inference.classes
        owner = classes.defining(cls, "__init__")
        environment: Environment = ()
        if owner is not None:
            for value in self._inference.names.read(owner, "__init__", 0, len(owner.scope.ops)):
                if isinstance(value, FunctionValue):
                    environment = self.bind(value.code, Instance(cls, (), True), arguments, ())
        else:
            environment = self._fields(cls, arguments)
        own = tuple(pair for pair in environment if not _is_receiver(pair[0]))
        return Instance(cls, limited(own), True)

    def _fields(self, cls: Code, arguments: Arguments) -> Environment:
        """The fields of a data class, in the order they are declared."""
        fields = [
            (entry, name)
            for entry in reversed([entry for entry in self._inference.classes.order(cls) if not isinstance(entry, str)])
            for name, bindings in entry.scope.bindings.items()
            if bindings and bindings[0].annotation
        ]
        named = dict(arguments.keywords)
        found: list[tuple[tuple[Code, str], Values]] = []
        for position, (entry, name) in enumerate(fields):
            given = arguments.positional[position] if position < len(arguments.positional) else named.get(name, NOTHING)
            if is_known(given):
                found.append(((entry, name), given))
        return tuple(found)

    def bind(self, code: Code, receiver: Value | None, arguments: Arguments, outer: Environment) -> Environment:
        """What the parameters of ``code`` stand for in a call."""
        parameters = code.scope.parameters
        found = list(outer)
        if isinstance(receiver, Instance):
            found.extend(receiver.environment)
        skip = 0
        if receiver is not None and parameters and parameters[0].kind == "positional":
            skip = 1
            found.append(((code, parameters[0].name), (receiver,)))
        for position, parameter in self._inference.open_parameters(code):
            given = arguments.of_parameter(position - skip, parameter)
            if is_known(given) or (given and parameter.default):
                found.append(((code, parameter.name), given))
        rest = self._inference.variadic(code)
        if rest is not None:
            found.extend(self._rest(code, rest, arguments, skip))
        return limited(tuple(found)) if found else ()

    def _rest(self, code: Code, first: int, arguments: Arguments, skip: int) -> Iterator[tuple[Key, Values]]:
        """What ``*args`` and ``**kwargs`` take up: kept, so that a wrapper passes it on."""
        named = {parameter.name for parameter in code.scope.parameters}
        positional = arguments.positional[max(first - skip, 0) :]
        keywords = tuple((name, values) for name, values in arguments.keywords if name not in named)
        if any(is_known(values) for values in positional):
            yield (code, "*"), (TupleOf(positional),)
        if any(is_known(values) for _, values in keywords):
            yield (code, "**"), (MappingOf(NOTHING, keywords),)

    def forwarded(self, code: Code, explicit: tuple[Values, ...], environment: Environment) -> Arguments:
        """The arguments of a call in ``code`` that hands on its own ``*args`` and ``**kwargs``."""
        table = dict(environment)
        positional = [self._inference.substitution.apply(values, environment) for values in explicit]
        for value in table.get((code, "*"), ()):
            if isinstance(value, TupleOf):
                positional.extend(value.items)
        keywords: tuple[tuple[str, Values], ...] = ()
        for value in table.get((code, "**"), ()):
            if isinstance(value, MappingOf):
                keywords = value.named
        return Arguments(tuple(positional), keywords)

    def _function(self, code: Code, receiver: Value | None, environment: Environment) -> Values:
        scope = code.scope
        if scope.is_generator:
            return (Generated(code, receiver, environment),)
        found = self._inference.substitution.apply(self.returns(code), environment)
        return (Awaitable(found),) if scope.is_async else found

    def returns(self, code: Code) -> Values:
        """What a function returns (an async one: when awaited), in terms of its parameters."""
        known = self._returns.get(code)
        if known is not None:
            return known
        self._returns[code] = NOTHING
        scope = code.scope
        found = union(*(self._inference.values(code, index) for index in scope.results))
        if not scope.results:
            found = NONE
        if (scope.is_stub or any(v in UNKNOWN_VALUES for v in found) or is_vague(found)) and scope.returns_annotation:
            declared = self._declared(code)
            found = declared if is_known(declared) else found
        self._returns[code] = found
        return found

    def yields(self, code: Code) -> Values:
        """What a generator function yields, in terms of its parameters."""
        known = self._yields.get(code)
        if known is None:
            self._yields[code] = NOTHING
            known = union(*(self._inference.values(code, index) for index in code.scope.yields))
            if not is_known(known) and code.scope.returns_annotation:
                declared = union(*(self.element(value) for value in self._declared(code)))
                known = declared if is_known(declared) else known
            self._yields[code] = known
        return known

    def _declared(self, code: Code) -> Values:
        if code.parent is None or not code.scope.returns_annotation:
            return UNKNOWN_VALUES
        op = code.parent.scope.ops[code.scope.returns_annotation]
        if getattr(op, "id", getattr(op, "name", "")) == "Self" and code.owner is not None:
            return (Self(code, code.owner),) if code.scope.parameters else (Instance(code.owner),)
        return self._inference.annotations.values(code.parent, code.scope.returns_annotation)

    # -- other packages

    def _external(self, name: str, arguments: Arguments) -> Values:
        facts = self._inference.facts
        name = facts.canonical(name)
        special = SPECIAL.get(name)
        if special is not None:
            return special(self._inference, arguments)
        boundary = facts.boundary(name)
        if boundary is not None and boundary.gives != "none":
            return self._passed(boundary, arguments, name)
        function = facts.functions.get(name)
        if function is not None:
            returns = function[0].returns
            found = self._inference.annotations.text(returns, None, arguments.positional) if returns else UNKNOWN_VALUES
            return (Awaitable(found),) if function[0].coroutine else found
        if facts.class_(name) is not None:
            return (ExternalInstance(name),)
        owner, _, last = name.rpartition(".")
        if facts.class_(owner) is not None:
            fact = facts.method(owner, last)
            if fact is not None and fact.returns:
                return self._inference.annotations.text(
                    fact.returns, ExternalInstance(facts.canonical(owner)), arguments.positional
                )
            if last.startswith(("from_", "create", "connect", "new")):
                return (ExternalInstance(facts.canonical(owner)),)
        if last[:1].isupper():
            return (ExternalInstance(name),)
        return UNKNOWN_VALUES

    def _external_method(self, value: ExternalMethod, arguments: Arguments) -> Values:
        facts = self._inference.facts
        boundary = facts.boundary(f"{value.receiver.name}.{value.name}")
        if boundary is not None and boundary.gives != "none":
            return self._passed(boundary, arguments, value.name)
        special = SPECIAL.get(f"{value.receiver.name}.{value.name}")
        if special is not None:
            return special(self._inference, arguments)
        fact = facts.method(value.receiver.name, value.name)
        if fact is None:
            return UNKNOWN_VALUES
        receiver: Value = value.receiver
        if fact.returns == "self" and value.instance is not None:
            receiver = Instance(value.instance.code) if isinstance(value.instance, ClassValue) else value.instance
        found = (
            self._inference.annotations.text(fact.returns, receiver, arguments.positional)
            if fact.returns
            else UNKNOWN_VALUES
        )
        return (Awaitable(found),) if fact.coroutine else found

    def _passed(self, boundary: Boundary, arguments: Arguments, name: str) -> Values:
        """What a call gives that runs a callable it is handed."""
        given = arguments.at(boundary.callable, boundary.keyword)
        if boundary.passes == "task":
            return (
                tuple(value if isinstance(value, Awaitable) else Awaitable(UNKNOWN_VALUES) for value in given)
                or UNKNOWN_VALUES
            )
        rest = Arguments()
        if boundary.arguments is not None:
            rest = Arguments(arguments.positional[boundary.arguments :], arguments.keywords, arguments.starred)
        if boundary.gives == "value" and boundary.passes in ("thread", "process", "new-loop"):
            return (Offloaded(boundary.passes, given, name),)
        found = self.result(given, rest)
        if boundary.gives == "future":
            return (ExternalInstance("concurrent.futures.Future", (found,)),)
        return (
            (Awaitable(self.awaited(found) if any(isinstance(v, Awaitable) for v in found) else found),)
            if boundary.gives == "awaitable"
            else found
        )

    # -- protocols

    def awaited(self, values: Values) -> Values:
        """What awaiting gives."""
        groups = []
        for value in values:
            if isinstance(value, Awaitable):
                groups.append(value.result)
            elif isinstance(value, Symbolic):
                groups.append(self._inference.extended(value, "await"))
            elif isinstance(value, ExternalInstance) and self._inference.facts.class_(value.name) is not None:
                groups.append((value,))
            else:
                groups.append(UNKNOWN_VALUES)
        return union(*groups) or UNKNOWN_VALUES

    def element(self, value: Value) -> Values:
        """What iterating over a value gives."""
        if isinstance(value, ItemsOf):
            return value.items
        if isinstance(value, TupleOf):
            return union(*value.items)
        if isinstance(value, ClassValue) and self._inference.classes.is_enum(value.code):
            return (Instance(value.code, (), True),)
        if isinstance(value, Generated):
            return self._inference.substitution.apply(self.yields(value.code), value.environment)
        if isinstance(value, ExternalInstance):
            text = self._inference.facts.text(value.name, "items")
            return self._inference.annotations.text(text, value) if text else UNKNOWN_VALUES
        if isinstance(value, Symbolic):
            return self._inference.extended(value, "[]")
        if isinstance(value, (Instance, Self)):
            for name in ("__iter__", "__aiter__"):
                made = self.result_of_method(value, name)
                if is_known(made):
                    return union(*(self._next(each) if each == value else self.element(each) for each in made))
        return UNKNOWN_VALUES

    def _next(self, value: Value) -> Values:
        for name in ("__next__", "__anext__"):
            found = self.result_of_method(value, name)
            if is_known(found):
                return self.awaited(found) if name == "__anext__" else found
        return UNKNOWN_VALUES

    def entered(self, value: Value) -> Values:
        """What ``with value as …`` binds."""
        if isinstance(value, Generated):
            return self.element(value) if value.managed else (value,)
        if isinstance(value, ExternalInstance):
            text = self._inference.facts.text(value.name, "yields")
            return self._inference.annotations.text(text, value) if text else (value,)
        if isinstance(value, Symbolic):
            return self._inference.extended(value, "with")
        if isinstance(value, Awaitable):
            return union(*(self.entered(each) for each in value.result))
        if isinstance(value, (Instance, Self)):
            for name in ("__enter__", "__aenter__"):
                if isinstance(value, Instance) and self._inference.classes.defining(value.code, name) is None:
                    continue
                found = self.result_of_method(value, name)
                if is_known(found):
                    return self.awaited(found) if name == "__aenter__" else found
            if isinstance(value, Instance) and self._inference.classes.external_bases(value.code):
                return (value,)
        return UNKNOWN_VALUES

    def item(self, value: Value, key: Values) -> Values:
        """What ``value[key]`` gives."""
        literal = key[0] if len(key) == 1 and isinstance(key[0], Literal) else None
        if isinstance(value, TupleOf):
            if literal is not None and literal.text.isdigit() and int(literal.text) < len(value.items):
                return value.items[int(literal.text)]
            return union(*value.items)
        if isinstance(value, MappingOf):
            if literal is not None:
                for name, found in value.named:
                    if name == literal.text:
                        return found
            return value.items
        if isinstance(value, ItemsOf):
            return (value,) if literal is not None and literal.text == "slice" else value.items
        if isinstance(value, (ClassValue, External, FunctionValue)):
            return (value,)
        if isinstance(value, ExternalInstance):
            text = self._inference.facts.text(value.name, "items")
            return self._inference.annotations.text(text, value) if text else UNKNOWN_VALUES
        if isinstance(value, Symbolic):
            return self._inference.extended(value, "[]")
        if isinstance(value, Instance) and literal is not None and self._inference.classes.is_typed_dict(value.code):
            return self._inference.attribute(value, literal.text)
        if isinstance(value, (Instance, Self)):
            return self.result_of_method(value, "__getitem__")
        return UNKNOWN_VALUES

    def injected(self, called: Values) -> Values:
        """What a dependency provides: its result, awaited, or what it yields."""
        groups = []
        for value in self.plain_result(called):
            if isinstance(value, Generated):
                groups.append(self.element(value))
            else:
                groups.append(self.awaited((value,)) if isinstance(value, Awaitable) else (value,))
        return union(*groups)


def merged(value: Partial, arguments: Arguments) -> Arguments:
    """A partial's arguments and those of its call."""
    keywords = {**dict(value.keywords), **dict(arguments.keywords)}
    return Arguments((*value.arguments, *arguments.positional), tuple(keywords.items()), arguments.starred)


def _is_receiver(key: tuple[Code, str]) -> bool:
    code, name = key
    return code.scope.kind == "function" and code.owner is not None and code.scope.parameters[0].name == name


_RESULTS: dict[type, Callable[..., Values]] = {
    FunctionValue: Calls._call_function,
    Method: Calls._call_method,
    ClassValue: Calls._call_class,
    Instance: Calls._call_instance,
    Self: Calls._call_instance,
    Managed: Calls._call_managed,
    Partial: Calls._call_partial,
    Offloaded: Calls._call_offloaded,
    External: Calls._call_external,
    ExternalMethod: Calls._external_method,
    ExternalInstance: Calls._call_external_instance,
    ContainerMethod: Calls._call_container,
    Symbolic: Calls._call_symbolic,
}
