"""What calling a value gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine.arguments import Arguments, merged
from archwise.engine.builtin import SPECIAL
from archwise.engine.container_methods import container_result
from archwise.engine.nesting import limited
from archwise.engine.nonblocking import is_view_of_told
from archwise.engine.parameters import variadic
from archwise.engine.returns import fitting
from archwise.engine.steps import extended
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
        found = self._function(value.code, None, self.bind(value.code, None, arguments, value.environment))
        return found if is_known(found) else self._loaded(value.code, arguments) or found

    def _loaded(self, code: Code, arguments: Arguments) -> Values:
        """What the program's own loader of modules gives for a name that is written out."""
        if arguments.written is None or all(caller is not code for caller, _ in code.module.calls("import_module")):
            return NOTHING
        return self._inference.names.named(arguments.written[0].module, union(*arguments.positional))

    def _call_method(self, value: Method, arguments: Arguments) -> Values:
        environment = self.bind(value.code, value.receiver, arguments, value.environment)
        return self._function(value.code, value.receiver, environment)

    def _call_class(self, value: ClassValue, arguments: Arguments) -> Values:
        made = self._inference.construction.made(value.code, arguments)
        if value.open and isinstance(made, Instance):
            made = Instance(made.code, made.environment)
        return self.made_instead(value.code, made)

    def made_instead(self, cls: Code, own: Value) -> Values:
        """An object of a class, and those of others that its ``__new__`` gives instead; these alone, where it must."""
        owner = self._inference.classes.defining(cls, "__new__")
        if owner is None:
            return (own,)
        found = self._inference.names.read(owner, "__new__", 0, len(owner.scope.ops))
        made = union(*(self.returns(value.code) for value in found if isinstance(value, FunctionValue)))
        others = tuple(value for value in made if self._is_other(value, cls, owner))
        return others if others and len(others) == len(made) else (own, *others)

    def _is_other(self, value: Value, cls: Code, owner: Code) -> bool:
        """Whether a value is of another class; one that derives from it only where the class itself says so."""
        if not isinstance(value, Instance) or value.code is cls:
            return isinstance(value, ExternalInstance)
        return owner is cls or not self._inference.classes.is_kin(value, cls)

    def _call_managed(self, value: Managed, arguments: Arguments) -> Values:
        made = self._result(value.function, arguments)
        return tuple(
            Generated(g.code, g.receiver, g.environment, True) if isinstance(g, Generated) else g for g in made
        )

    def _call_partial(self, value: Partial, arguments: Arguments) -> Values:
        return self.result(value.function, merged(value, arguments))

    def _call_offloaded(self, value: Offloaded, arguments: Arguments) -> Values:
        found = self.result(value.function, arguments)
        return self._inference.protocols.awaited(found) if value.passes == "new-loop" else (Awaitable(found),)

    def _call_external(self, value: External, arguments: Arguments) -> Values:
        return self._external(value.name, arguments)

    def _call_external_instance(self, value: ExternalInstance, arguments: Arguments) -> Values:
        text = self._inference.facts.text(value.name, "call")
        return self._inference.annotations.text(text, value, arguments.positional) if text else UNKNOWN_VALUES

    def _call_container(self, value: ContainerMethod, arguments: Arguments) -> Values:
        return container_result(value, arguments)

    def _call_symbolic(self, value: Symbolic, arguments: Arguments) -> Values:
        return extended(value, "()")

    def _call_instance(self, value: Instance | Self, arguments: Arguments) -> Values:
        found = self._inference.classes.attribute(value, "__call__")
        return self.result(routines(found), arguments) if is_known(found) else UNKNOWN_VALUES

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
        for position, parameter in self._inference.parameters.open(code):
            given = arguments.of_parameter(position - skip, parameter)
            if arguments.starred and any(_is_handed_on(value) for value in given):
                declared = self._inference.parameters.declared(code, parameter)
                given = union(given, declared) if is_known(declared) else given
            if not given and _is_left_out(arguments, position - skip, parameter):
                default = self._inference.parameters.default(code, parameter)
                given = default if is_known(default) else given
            if is_known(given) or (given and parameter.default):
                found.append(((code, parameter.name), given))
        rest = variadic(code)
        if rest is not None:
            taken = (receiver,) if receiver is not None and not skip else None
            found.extend(self._rest(code, rest, arguments, skip, taken))
        return limited(tuple(found)) if found else ()

    def _rest(
        self, code: Code, first: int, arguments: Arguments, skip: int, receiver: Values | None
    ) -> Iterator[tuple[Key, Values]]:
        """What ``*args`` and ``**kwargs`` take up: kept, so that a wrapper passes it on.

        ``receiver`` is what the function is bound to where ``*args`` takes that up, too.
        """
        named = {parameter.name for parameter in code.scope.parameters}
        positional = arguments.positional[max(first - skip, 0) :]
        if receiver is not None:
            positional = (receiver, *positional)
        keywords = tuple((name, values) for name, values in arguments.keywords if name not in named)
        handed = arguments.handed_on
        if any(is_known(values) for values in positional):
            yield (code, "*"), (TupleOf(positional),)
        if handed or any(is_known(values) for _, values in keywords):
            yield (code, "**"), (MappingOf(NOTHING, keywords), *handed)

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
        results = fitting(code, environment) if code.tested and len(scope.results) > 1 else scope.results
        every = len(results) in (0, len(scope.results))
        given = self.returns(code) if every else union(*(self._inference.values(code, index) for index in results))
        found = self._inference.substitution.apply(given, environment)
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
            found = self._inference.annotations.over(self.declared(code), found)
        self._returns[code] = found
        return found

    def yields(self, code: Code) -> Values:
        """What a generator function yields, in terms of its parameters."""
        known = self._yields.get(code)
        if known is None:
            self._yields[code] = NOTHING
            known = union(*(self._inference.values(code, index) for index in code.scope.yields))
            if not is_known(known) and code.scope.returns_annotation:
                declared = union(*(self._inference.protocols.element(value) for value in self.declared(code)))
                known = declared if is_known(declared) else known
            self._yields[code] = known
        return known

    def declared(self, code: Code) -> Values:
        """What a function is declared to return (an async one: when awaited)."""
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
        if fact is None or (arguments.written and is_view_of_told(self._inference, *arguments.written)):
            return UNKNOWN_VALUES
        receiver: Value = value.receiver
        if fact.returns == "self" and value.instance is not None:
            receiver = value.instance
            if isinstance(receiver, ClassValue):
                receiver = self._made_by_class(receiver.code, arguments)
        found = (
            self._inference.annotations.text(fact.returns, receiver, arguments.positional)
            if fact.returns
            else UNKNOWN_VALUES
        )
        return (Awaitable(found),) if fact.coroutine else found

    def _made_by_class(self, cls: Code, arguments: Arguments) -> Value:
        """What a class method of another package makes of a class of the program: its constructor gets the keywords."""
        construction = self._inference.construction
        made = construction.made(cls, Arguments((), arguments.keywords)) if arguments.keywords else Instance(cls)
        return Instance(cls, made.environment) if isinstance(made, Instance) else made

    def _passed(self, boundary: Boundary, arguments: Arguments, name: str) -> Values:
        """What a call gives that runs a callable it is handed."""
        given = arguments.at(boundary.callable, boundary.keyword)
        if boundary.passes == "task":
            if boundary.gives == "future":
                return (ExternalInstance("concurrent.futures.Future", (self._inference.protocols.awaited(given),)),)
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
            (
                Awaitable(
                    self._inference.protocols.awaited(found) if any(isinstance(v, Awaitable) for v in found) else found
                ),
            )
            if boundary.gives == "awaitable"
            else found
        )


def _is_handed_on(value: Value) -> bool:
    """Whether a value is what a function was given by some name, if it was."""
    return isinstance(value, Symbolic) and value.name in ("*", "**")


def routines(values: Values) -> Values:
    """Those of a class's special methods that are functions: an object in their place may lead back to the class."""
    return tuple(value for value in values if not isinstance(value, (Instance, Self, ClassValue)))


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


def _is_left_out(arguments: Arguments, position: int, parameter: ir.Parameter) -> bool:
    """Whether a call, as it is written, gives a parameter nothing: then it is its default."""
    if arguments.written is None or not parameter.default:
        return False
    _, call = arguments.written
    return not call.starred and position >= len(call.arguments) and parameter.name not in dict(call.keywords)
