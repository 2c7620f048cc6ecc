"""The facts that a library's own source shows, in the form of a knowledge file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from archwise.derive.naming import Naming
from archwise.derive.types import Types, is_coroutine_function
from archwise.derive.waits import wait_of
from archwise.engine.values import FunctionValue, Instance, Method
from archwise.knowledge.schema import Class, Function

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archwise.engine.analysis import Analysis
    from archwise.engine.program import Code
    from archwise.knowledge.schema import Kind

_NAME = re.compile(r"[\w.]+")
_PROTOCOLS = frozenset({"__init__", "__enter__", "__iter__", "__next__", "__call__"})


class Derived(msgspec.Struct, frozen=True):
    """What is said of a library's functions and classes."""

    function: tuple[Function, ...]
    class_: tuple[Class, ...]


def derive(analysis: Analysis, root: str) -> Derived:
    """What calling the public functions and methods of a library does, and what they give.

    ``root`` is the name that the library is imported by. Left out is what leads to nothing that waits, and what nothing
    public leads to.
    """
    return _Deriver(analysis, root).facts()


class _Deriver:
    def __init__(self, analysis: Analysis, root: str) -> None:
        self._analysis = analysis
        self._naming = Naming(analysis, root)
        self._types = Types(analysis, self._naming)
        self._classes = [code for code in self._naming if code.scope.kind == "class"]
        self._functions = [code for code in self._naming if code.scope.kind == "function"]
        methods = [method for cls in self._classes for method in analysis.inference.classes.methods(cls)]
        analysis.effects.settle([*self._functions, *methods])

    def facts(self) -> Derived:
        """The facts, in the order of their names."""
        classes = {cls.name: cls for cls in map(self._class, self._classes)}
        functions = [self._function(code) for code in self._functions]
        telling = _telling(classes)
        functions = [each for each in functions if _is_public(each.names[0])]
        functions = [each for each in functions if each.blocks or _names(each.returns) & telling]
        wanted = _led_to(classes, telling, functions)
        functions = [each if _names(each.returns) & wanted else _plain(each) for each in functions]
        return Derived(
            tuple(sorted(functions, key=lambda each: each.names)),
            tuple(_pruned(classes[name], wanted) for name in sorted(wanted)),
        )

    def _function(self, code: Code) -> Function:
        wait = wait_of(self._analysis, code)
        return Function(
            self._naming.of(code),
            blocks=wait.kind if wait else None,
            likely=wait is not None and not wait.surely,
            returns=self._types.given(code, FunctionValue(code)) or None,
            coroutine=is_coroutine_function(code),
        )

    def _class(self, cls: Code) -> Class:
        blocks: dict[Kind, list[str]] = {}
        likely: list[str] = []
        returns: dict[str, str] = {}
        coroutines: list[str] = []
        methods = dict(self._methods(cls))
        for name, method in methods.items():
            if (wait := wait_of(self._analysis, method.code)) is not None:
                blocks.setdefault(wait.kind, []).append(name)
                if not wait.surely:
                    likely.append(name)
            if is_coroutine_function(method.code):
                coroutines.append(name)
            if text := self._types.given(method.code, method):
                returns[name] = text
        names = self._naming.of(cls)
        protocols = dict(self._protocols(cls))
        return Class(
            names[0],
            aliases=names[1:],
            bases=tuple(self._types.bases(cls)),
            blocks={kind: tuple(sorted(methods)) for kind, methods in sorted(blocks.items())},
            likely=tuple(sorted(likely)),
            returns=dict(sorted(returns.items())),
            attributes=dict(self._attributes(cls, methods)),
            coroutines=tuple(sorted(coroutines)),
            init=protocols.get("__init__"),
            enter=protocols.get("__enter__"),
            iterates=protocols.get("__iter__") or protocols.get("__next__"),
            call_blocks=protocols.get("__call__"),
        )

    def _methods(self, cls: Code) -> Iterator[tuple[str, Method]]:
        """The public methods that a class defines itself."""
        for name in cls.scope.bindings:
            values = () if name.startswith("_") else self._analysis.inference.classes.attribute(Instance(cls), name)
            if len(values) == 1 and isinstance(values[0], Method) and values[0].code.owner is cls:
                yield name, values[0]

    def _protocols(self, cls: Code) -> Iterator[tuple[str, Kind]]:
        """What an object of the class does without a method's being named, where it surely does."""
        for method in self._analysis.inference.classes.methods(cls):
            wait = wait_of(self._analysis, method) if method.scope.name in _PROTOCOLS else None
            if wait is not None and wait.surely:
                yield method.scope.name, wait.kind

    def _attributes(self, cls: Code, methods: Iterable[str]) -> Iterator[tuple[str, str]]:
        classes = self._analysis.inference.classes
        for name in sorted({*cls.scope.bindings, *classes.stores(cls)}.difference(methods)):
            text = "" if name.startswith("_") else self._types.text(classes.attribute(Instance(cls), name))
            if text:
                yield name, text


def _is_public(name: str) -> bool:
    return not any(part.startswith("_") for part in name.split("."))


def _names(text: str | None) -> set[str]:
    """The names in a type expression."""
    return set(_NAME.findall(text)) if text else set()


def _leads(cls: Class) -> set[str]:
    """What the members of a class name."""
    return {name for text in (*cls.bases, *cls.returns.values(), *cls.attributes.values()) for name in _names(text)}


def _telling(classes: dict[str, Class]) -> set[str]:
    """The classes with something that waits, and those that lead to one of them."""
    leads = {name: _leads(cls) for name, cls in classes.items()}
    found = {c.name for c in classes.values() if c.blocks or c.init or c.enter or c.iterates or c.call_blocks}
    while more := {name for name, led in leads.items() if name not in found and led & found}:
        found |= more
    return found


def _led_to(classes: dict[str, Class], telling: set[str], functions: Iterable[Function]) -> set[str]:
    """The classes, of these, that are public or that something public leads to."""
    pending = {name for name in telling if _is_public(name)}
    pending |= {name for function in functions for name in _names(function.returns)} & telling
    found: set[str] = set()
    while pending:
        found |= pending
        pending = {name for each in pending for name in _leads(classes[each])} & telling - found
    return found


def _plain(function: Function) -> Function:
    """A function whose result leads nowhere."""
    return msgspec.structs.replace(function, returns=None)


def _pruned(cls: Class, wanted: set[str]) -> Class:
    """A class without what leads to none of the others."""
    return msgspec.structs.replace(
        cls,
        bases=tuple(
            base for base in cls.bases if base in wanted or not base.startswith(f"{cls.name.partition('.')[0]}.")
        ),
        returns={name: text for name, text in cls.returns.items() if text == "self" or _names(text) & wanted},
        attributes={name: text for name, text in cls.attributes.items() if _names(text) & wanted},
    )
