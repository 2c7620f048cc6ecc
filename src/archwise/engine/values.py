"""What an expression can be: abstract values.

An expression stands for a tuple of alternatives (`Values`), in the order they were found. `UNKNOWN` among them says
that it may also be something the engine could not see. The empty tuple is an expression whose value is still being
computed.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.program import Code, Module


class Value(msgspec.Struct, frozen=True, gc=False, cache_hash=True):
    """One alternative."""


Values = tuple[Value, ...]
Key = tuple["Code", str]
"""A parameter: the function (or data class) that has it, and its name."""
Environment = tuple[tuple[Key, Values], ...]
"""What parameters stand for, where that is known."""


class Unknown(Value, frozen=True):
    """Something the engine could not see."""


class Literal(Value, frozen=True):
    """A constant: its kind and its text."""

    kind: str
    text: str


class ModuleValue(Value, frozen=True):
    """A module of the program."""

    module: Module


class ClassValue(Value, frozen=True):
    """A class of the program; ``open`` where it may as well be one derived from it."""

    code: Code
    open: bool = False


class Instance(Value, frozen=True):
    """An instance of a class of the program; ``exact`` where it cannot be of a subclass.

    It is of no subclass ``without``: a method runs on no object whose class has one of its own.
    """

    code: Code
    environment: Environment = ()
    exact: bool = False
    without: frozenset[Code] = frozenset()


class Self(Value, frozen=True):
    """The instance a method runs on: of ``cls`` or of a class derived from it."""

    method: Code
    cls: Code


class FunctionValue(Value, frozen=True):
    """A function of the program, with what its free variables stand for."""

    code: Code
    environment: Environment = ()


class Method(Value, frozen=True):
    """A function of the program bound to its receiver."""

    code: Code
    receiver: Value
    environment: Environment = ()


class Managed(Value, frozen=True):
    """A generator function under ``@contextmanager``."""

    function: Value


class Accessor(Value, frozen=True):
    """A function in a class body that is not bound as plain methods are."""

    kind: str
    function: Value
    setter: Value | None = None


class Namespace(Value, frozen=True):
    """A folder of modules without an ``__init__`` file, by its full name and the name it was imported by."""

    name: str
    imported: str


class External(Value, frozen=True):
    """Something of another package, by the dotted path it was reached by."""

    name: str


class ExternalInstance(Value, frozen=True):
    """An instance of another package's class."""

    name: str
    arguments: tuple[Values, ...] = ()


class ExternalMethod(Value, frozen=True):
    """A method of another package's class, on an instance."""

    receiver: ExternalInstance
    name: str
    instance: Value | None = None


class ItemsOf(Value, frozen=True):
    """A list, set, iterator or the like, by what it yields."""

    items: Values


class TupleOf(Value, frozen=True):
    """A tuple written out."""

    items: tuple[Values, ...]


class MappingOf(Value, frozen=True):
    """A dict, by its values; ``named`` holds those under keys that are literals, ``keys`` those that say something."""

    items: Values
    named: tuple[tuple[str, Values], ...] = ()
    keys: Values = ()


class ContainerMethod(Value, frozen=True):
    """A method of a built-in container."""

    container: ItemsOf | MappingOf | TupleOf
    name: str


class Awaitable(Value, frozen=True):
    """A coroutine, task or future: awaiting it gives ``result``."""

    result: Values


class Generated(Value, frozen=True):
    """The generator that calling a generator function gives, or the context manager made of one."""

    code: Code
    receiver: Value | None
    environment: Environment
    managed: bool = False


class Partial(Value, frozen=True):
    """A callable with some of its arguments given."""

    function: Values
    arguments: tuple[Values, ...]
    keywords: tuple[tuple[str, Values], ...]


class Offloaded(Value, frozen=True):
    """A callable that runs ``function`` elsewhere than on the caller's thread."""

    passes: str
    function: Values
    name: str = ""


class Super(Value, frozen=True):
    """``super()`` in a method of ``cls``."""

    cls: Code
    receiver: Value


class Symbolic(Value, frozen=True):
    """What a parameter will be, and what is then done to it: ``.name``, ``()``, ``await``, ``[key]``, ``with``.

    An item by a key that is not written out is ``[?]``, iterating ``[]``. The name of what ``*args`` takes up
    is ``*``, of what ``**kwargs`` takes up, ``**``.
    """

    code: Code
    name: str
    path: tuple[str, ...] = ()


UNKNOWN = Unknown()
NOTHING: Values = ()
UNKNOWN_VALUES: Values = (UNKNOWN,)
MOST = 24
"""Alternatives kept for one expression; more than that is no knowledge."""


def union(*groups: Values) -> Values:
    """All alternatives, each once, in order; a missing value is dropped where there is another."""
    if len(groups) == 1 and len(groups[0]) <= 1:
        return groups[0]
    found = dict.fromkeys(chain.from_iterable(groups))
    if len(found) <= 1:
        return tuple(found)
    known = tuple([value for value in found if type(value) is not Literal or value.kind != "none"])
    return known if len(known) <= MOST else (*known[:MOST], UNKNOWN)


def under(mapping: MappingOf, key: Values) -> Values:
    """What a dict holds under a key: where that is a literal, nothing of what was written out under others."""
    literal = key[0].text if len(key) == 1 and isinstance(key[0], Literal) else ""
    if not literal:
        return mapping.items
    for name, found in mapping.named:
        if name == literal:
            return found
    others = {value for _, found in mapping.named for value in found}
    return tuple(value for value in mapping.items if value not in others)


def telling(keys: Values) -> Values:
    """The keys of a dict that say something to those who go through it: texts and numbers do not."""
    found = tuple(
        key
        for key in keys
        if not isinstance(key, (Literal, Unknown))
        and not (isinstance(key, ExternalInstance) and key.name.startswith("builtins."))
    )
    return (*found, UNKNOWN) if found and UNKNOWN in keys else found


def class_of(value: Value | None) -> Code | None:
    """The class of the program that a value is an instance of; None where it is of none."""
    return value.code if isinstance(value, Instance) else value.cls if isinstance(value, Self) else None


def class_meant(value: Value) -> Code | None:
    """The class of the program that a value is, or is an instance of."""
    return value.code if isinstance(value, ClassValue) else class_of(value)


def is_coroutine_function(value: Value) -> bool:
    """Whether a value is a coroutine function of the program."""
    return isinstance(value, (FunctionValue, Method)) and value.code.scope.is_async


def functions_of(values: Values) -> Iterator[Code]:
    """The functions that calling these values runs."""
    for value in values:
        if isinstance(value, (FunctionValue, Method)):
            yield value.code
        elif isinstance(value, Managed):
            yield from functions_of((value.function,))
        elif isinstance(value, Partial):
            yield from functions_of(value.function)


def is_known(values: Values) -> bool:
    """Whether there is an alternative that says something."""
    for value in values:
        kind = type(value)
        if kind is not Unknown and kind is not Literal:
            return True
    return False


def is_vague(values: Values) -> bool:
    """Whether a declared type would say more: nothing is known, or only that it is a container, a generic class or
    some attribute of another package's object.
    """
    return not is_known(values) or all(
        isinstance(value, ExternalMethod)
        or (isinstance(value, (ItemsOf, MappingOf)) and not is_known(value.items))
        or (isinstance(value, ExternalInstance) and not value.arguments)
        for value in values
    )
