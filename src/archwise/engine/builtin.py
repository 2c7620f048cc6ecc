"""What the built-in functions, and a few of the standard library that shape values, give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine.arguments import Arguments
from archwise.engine.known import FIELDS
from archwise.engine.providers import provided
from archwise.engine.reflection import REFLECTIVE
from archwise.engine.values import (
    NOTHING,
    UNKNOWN_VALUES,
    Accessor,
    Awaitable,
    External,
    ExternalInstance,
    FunctionValue,
    Generated,
    Instance,
    ItemsOf,
    Literal,
    Managed,
    MappingOf,
    Method,
    Partial,
    Self,
    Symbolic,
    TupleOf,
    Values,
    is_known,
    union,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from archwise.engine.inference import Inference


def _items(inference: Inference, values: Values) -> Values:
    return union(*(inference.protocols.element(value) for value in values)) or UNKNOWN_VALUES


def _collected(inference: Inference, arguments: Arguments) -> Values:
    return (ItemsOf(_items(inference, arguments.at(0)) if arguments.positional else NOTHING),)


def _iterator(inference: Inference, arguments: Arguments) -> Values:
    """What iterating over does something stays itself: whoever goes through the iterator makes it happen."""
    lazy = (External, ExternalInstance, Generated, Instance, Self, Symbolic)
    return tuple(v for v in arguments.at(0) if isinstance(v, lazy)) or _collected(inference, arguments)


def _second_collected(inference: Inference, arguments: Arguments) -> Values:
    return (ItemsOf(_items(inference, arguments.at(1))),)


def _enumerated(inference: Inference, arguments: Arguments) -> Values:
    return (ItemsOf((TupleOf((UNKNOWN_VALUES, _items(inference, arguments.at(0)))),)),)


def _zipped(inference: Inference, arguments: Arguments) -> Values:
    return (ItemsOf((TupleOf(tuple(_items(inference, values) for values in arguments.positional)),)),)


def _mapped(inference: Inference, arguments: Arguments) -> Values:
    return (ItemsOf(inference.calls.plain_result(arguments.at(0))),)


def _flattened(inference: Inference, arguments: Arguments) -> Values:
    return (ItemsOf(_items(inference, _items(inference, arguments.at(0)))),)


def _first(inference: Inference, arguments: Arguments) -> Values:
    return arguments.at(0) or UNKNOWN_VALUES


def _chosen(inference: Inference, arguments: Arguments) -> Values:
    return _items(inference, arguments.at(0)) if len(arguments.positional) == 1 else union(*arguments.positional)


def _next(inference: Inference, arguments: Arguments) -> Values:
    return union(_items(inference, arguments.at(0)), arguments.at(1))


def _dict(inference: Inference, arguments: Arguments) -> Values:
    named = arguments.keywords
    given = tuple(value for value in arguments.at(0) if isinstance(value, MappingOf))
    return given or (MappingOf(union(*(values for _, values in named)), named),)


def _defaultdict(inference: Inference, arguments: Arguments) -> Values:
    return (MappingOf(inference.calls.plain_result(arguments.at(0))),)


def _made(inference: Inference, arguments: Arguments) -> Values:
    found = inference.annotations.instances(arguments.at(0))
    maker = arguments.written[0] if arguments.written is not None else None
    if not is_known(found) and maker is not None and maker.owner is not None and maker.scope.name == "__new__":
        return (Instance(maker.owner),)
    return found or UNKNOWN_VALUES


def _partial(inference: Inference, arguments: Arguments) -> Values:
    return (Partial(arguments.at(0), arguments.positional[1:], arguments.keywords),)


def _partial_method(inference: Inference, arguments: Arguments) -> Values:
    return (Accessor("partial", Partial(arguments.at(0), arguments.positional[1:], arguments.keywords)),)


def _namespace(inference: Inference, arguments: Arguments) -> Values:
    return (ExternalInstance("types.SimpleNamespace", (_dict(inference, Arguments((), arguments.keywords)),)),)


def _entered(inference: Inference, arguments: Arguments) -> Values:
    return union(*(inference.protocols.entered(value) for value in arguments.at(0))) or UNKNOWN_VALUES


def _entered_later(inference: Inference, arguments: Arguments) -> Values:
    return (Awaitable(_entered(inference, arguments)),)


def _bound(inference: Inference, arguments: Arguments) -> Values:
    """What a type variable stands for: its bound, or what it is constrained to, or a class derived from that."""
    given = (arguments.at("bound"), *arguments.positional[1:])
    module = arguments.written[0].module if arguments.written is not None else None
    found = (
        inference.names.of_module(module, value.text) if isinstance(value, Literal) and module is not None else (value,)
        for values in given
        for value in values
    )
    return union(*found, UNKNOWN_VALUES)


def _cached(inference: Inference, arguments: Arguments) -> Values:
    """A function under a cache; where none is given but settings of the cache, what puts one under it."""
    functions = tuple(value for value in arguments.at(0) if not isinstance(value, Literal))
    return functions or (External("functools.wraps()"),)


def _factory(inference: Inference, arguments: Arguments) -> Values:
    return inference.calls.plain_result(arguments.at(0, "factory"))


def _field(inference: Inference, arguments: Arguments) -> Values:
    factory = arguments.at("default_factory") or arguments.at("factory")
    return inference.calls.plain_result(factory) if factory else arguments.at("default") or UNKNOWN_VALUES


def _context_variable(inference: Inference, arguments: Arguments) -> Values:
    default = tuple(value for value in arguments.at("default") if not isinstance(value, Literal))
    return (ExternalInstance("contextvars.ContextVar", (default,) if default else ()),)


def _referred(inference: Inference, arguments: Arguments) -> Values:
    return (ExternalInstance("weakref.ref", (arguments.at(0),)),)


def _gathered(inference: Inference, arguments: Arguments) -> Values:
    if arguments.spread:
        given = union(*arguments.positional, arguments.spread)
        return (Awaitable((ItemsOf(inference.protocols.awaited(given)),)),)
    return (Awaitable((TupleOf(tuple(inference.protocols.awaited(values) for values in arguments.positional)),)),)


def _completed(inference: Inference, arguments: Arguments) -> Values:
    done = inference.protocols.awaited(_items(inference, arguments.at(0)))
    return (ItemsOf((Awaitable(done),)),)


def _managed(inference: Inference, arguments: Arguments) -> Values:
    return tuple(Managed(v) for v in arguments.at(0) if isinstance(v, (FunctionValue, Method))) or UNKNOWN_VALUES


def _trait_class(inference: Inference, arguments: Arguments) -> Values:
    """The classes that a trait names, itself or by the dotted path of one: the default and what it is one of."""
    given = [arguments.at(0, "default_value"), arguments.at(1, "klass")]
    if arguments.written is None:
        return union(*given) or UNKNOWN_VALUES
    module = arguments.written[0].module
    found = (
        inference.names.dotted(module, value.text) if isinstance(value, Literal) else (value,)
        for values in given
        for value in values
    )
    return union(*found) or UNKNOWN_VALUES


def _trait_instance(inference: Inference, arguments: Arguments) -> Values:
    return inference.annotations.instances(_trait_class(inference, arguments)) or UNKNOWN_VALUES


def _wraps(inference: Inference, arguments: Arguments) -> Values:
    return (External("functools.wraps()"),)


def _static(inference: Inference, arguments: Arguments) -> Values:
    return tuple(Accessor("static", value) for value in arguments.at(0)) or UNKNOWN_VALUES


def _identity(inference: Inference, arguments: Arguments) -> Values:
    return tuple(v for v in arguments.at(0) if not isinstance(v, Literal)) or UNKNOWN_VALUES


def _replaced(inference: Inference, arguments: Arguments) -> Values:
    return tuple(v for v in arguments.at(0) if isinstance(v, (FunctionValue, Instance))) or UNKNOWN_VALUES


def _unknown(inference: Inference, arguments: Arguments) -> Values:
    return UNKNOWN_VALUES


SPECIAL: dict[str, Callable[[Inference, Arguments], Values]] = {
    **REFLECTIVE,
    **dict.fromkeys(
        ("builtins.list", "builtins.set", "builtins.tuple", "builtins.frozenset", "builtins.sorted"), _collected
    ),
    **dict.fromkeys(("builtins.iter", "itertools.islice"), _iterator),
    **dict.fromkeys(("builtins.reversed", "builtins.aiter", "collections.deque"), _collected),
    **dict.fromkeys(("itertools.chain", "itertools.cycle"), _collected),
    "itertools.chain.from_iterable": _flattened,
    "builtins.filter": _second_collected,
    "builtins.enumerate": _enumerated,
    "builtins.zip": _zipped,
    "builtins.map": _mapped,
    "builtins.max": _chosen,
    "builtins.min": _chosen,
    "builtins.next": _next,
    "builtins.dict": _dict,
    "collections.OrderedDict": _dict,
    "types.MappingProxyType": _first,
    "collections.defaultdict": _defaultdict,
    "builtins.object.__new__": _made,
    **dict.fromkeys((f"{module}.ParamSpec" for module in ("typing", "typing_extensions")), _unknown),
    **dict.fromkeys((f"{module}.NewType" for module in ("typing", "typing_extensions")), _wraps),
    "builtins.staticmethod": _static,
    **dict.fromkeys(
        (f"dependency_injector.providers.{n}" for n in ("Factory", "Singleton", "ThreadSafeSingleton", "Callable")),
        provided,
    ),
    **dict.fromkeys(
        (
            f"dependency_injector.providers.{n}"
            for n in ("ThreadLocalSingleton", "ContextLocalSingleton", "Resource", "Container")
        ),
        provided,
    ),
    "typing.TypeVar": _bound,
    "typing_extensions.TypeVar": _bound,
    "functools.cache": _cached,
    "functools.lru_cache": _cached,
    "attr.Factory": _factory,
    "attrs.Factory": _factory,
    "functools.partial": _partial,
    "functools.partialmethod": _partial_method,
    "types.SimpleNamespace": _namespace,
    "functools.wraps": _wraps,
    "functools.wraps()": _identity,
    "contextlib.contextmanager": _managed,
    "contextlib.asynccontextmanager": _managed,
    "copy.copy": _first,
    "copy.deepcopy": _first,
    "dataclasses.replace": _replaced,
    "contextlib.closing": _first,
    "contextlib.nullcontext": _first,
    "contextlib.ExitStack.enter_context": _entered,
    "contextlib.AsyncExitStack.enter_context": _entered,
    "contextlib.AsyncExitStack.enter_async_context": _entered_later,
    **dict.fromkeys(FIELDS, _field),
    "contextvars.ContextVar": _context_variable,
    "asyncio.gather": _gathered,
    "asyncio.as_completed": _completed,
    "random.choice": _chosen,
    "traitlets.Type": _trait_class,
    "traitlets.Instance": _trait_instance,
    "traitlets.ForwardDeclaredInstance": _trait_instance,
    "weakref.ref": _referred,
    "weakref.proxy": _first,
}
