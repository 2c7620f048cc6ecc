"""What is put into containers that start empty: ``clients[name] = …``, ``clients.append(…)``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.values import (
    NOTHING,
    UNKNOWN_VALUES,
    ClassValue,
    ExternalInstance,
    Instance,
    ItemsOf,
    MappingOf,
    ModuleValue,
    Value,
    Values,
    class_of,
    is_known,
    union,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code, Module

_FILLERS = {
    **dict.fromkeys(("append", "add", "appendleft", "put", "put_nowait", "set"), 0),
    **dict.fromkeys(("setdefault", "insert"), 1),
}
_MAKING_CLASSES = frozenset({"__init_subclass__", "__new__", "__init__"})
_MERGERS = frozenset({"extend", "extendleft", "update"})
_MOST_PLACES = 4
_MOST_FILLING = 12
_MOST_HOPS = 2
"""Modules that hand a name on, between the one that binds it and the one that fills it."""
_APPLICATION = "tornado.web.Application"
CONTAINERS = frozenset({ItemsOf, MappingOf, ExternalInstance})
HOLDERS = frozenset({"asyncio.Queue", "queue.Queue", "queue.SimpleQueue", "contextvars.ContextVar"})
"""Other packages' containers: what they give is their first type argument."""


class Containers:
    """Fills containers with what the code around them puts in."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._filling: dict[Module, dict[int, list[tuple[ir.Call, ir.Attribute]]]] = {}
        self._places_filled: dict[str, dict[Code, None]] | None = None
        self._keyed: dict[str, list[tuple[str, Code, int]]] | None = None
        self._named: dict[tuple[Code, str, Values], Values] = {}
        """What names hold that thousands of lines of one function may put something into."""
        self._filled_outside: dict[tuple[str, str], Values] = {}

    def filled(self, code: Code, binding: ir.Binding, found: Values) -> Values:
        """The value of a module's or function's name, with what is put into it."""
        if not _empty(found):
            return found
        name = next((n for n, bindings in code.scope.bindings.items() if binding in bindings), "")
        known = self._named.get((code, name, found))
        if known is not None:
            return known
        module = code.module
        around = [*module.codes, *self._elsewhere(module, name)] if code.parent is None else [code]

        def is_container(other: Code, index: int) -> bool:
            op = other.scope.ops[index]
            if other.module is not module:
                return self._is_of_module(other, op, module, name)
            return isinstance(op, ir.Name) and op.id == name and (other is code or name not in other.scope.bindings)

        filled = self._with_items(around, is_container, found)
        if self._inference.is_shallow:
            self._named[code, name, found] = filled
        return filled

    def _elsewhere(self, module: Module, name: str) -> Iterator[Code]:
        """The functions of other modules, those of tests left out, that fill something of this name."""
        for code in self._filling_place(name):
            if code.module is not module and (module.is_test or not code.module.is_test):
                yield code

    def _is_of_module(self, code: Code, op: ir.AnyOp, module: Module, name: str) -> bool:
        """Whether a function means another module's name: it imports that, or reads it of the module."""
        if isinstance(op, ir.Attribute):
            return op.name == name and ModuleValue(module) in self._inference.values(code, op.value)
        return isinstance(op, ir.Name) and op.id == name and _leads_to(code, name, module)

    def of_attribute(self, cls: Code, name: str, found: Values) -> Values:
        """The value of an instance's attribute, with what the class's methods put into it."""
        if not _empty(found):
            return found
        classes = self._inference.classes
        methods = classes.methods(cls)

        def is_container(code: Code, index: int) -> bool:
            op = code.scope.ops[index]
            if not isinstance(op, ir.Attribute) or op.name != name:
                return False
            if code.owner is not None and classes.is_receiver(code, op.value):
                return code.owner is cls
            return any(classes.is_kin(value, cls) for value in self._inference.values(code, op.value))

        return self._with_items([*methods, *self._others_filling(name, methods)], is_container, found)

    def of_external(self, cls: str, name: str, found: Values) -> Values:
        """The value of an attribute that another package's object has, with what the program puts into it."""
        if not _empty(found):
            return found
        key = cls, name
        filled = self._filled_outside.get(key)
        if filled is None:
            self._filled_outside[key] = found

            def is_container(code: Code, index: int) -> bool:
                op = code.scope.ops[index]
                if not isinstance(op, ir.Attribute) or op.name != name:
                    return False
                if self._inference.facts.customary(ir.identifier(code.scope.ops[op.value])) == cls:
                    return True
                return ExternalInstance(cls) in self._inference.values(code, op.value)

            filled = self._with_items(self._filling_place(name), is_container, found)
            self._filled_outside[key] = filled
        return filled

    def _others_filling(self, name: str, methods: list[Code]) -> list[Code]:
        """The functions elsewhere that put something into an attribute of this name; few only."""
        found = [code for code in self._filling_place(name) if code not in methods]
        return found if len(found) <= _MOST_FILLING else []

    def _filling_place(self, name: str) -> Iterable[Code]:
        """The functions that put something into an attribute, or into a name that is not their own."""
        if self._places_filled is None:
            self._places_filled = {}
            for code in self._inference.program.codes():
                for store in code.scope.stores:
                    if store.item:
                        self._note_filled(code, store.target)
            for code, _, op in self._inference.program.calls(*_FILLERS, *sorted(_MERGERS)):
                function = code.scope.ops[op.function]
                if isinstance(function, ir.Attribute):
                    self._note_filled(code, function.value)
        return self._places_filled.get(name, ())

    def _note_filled(self, code: Code, container: int) -> None:
        outer = _holding(code.scope, container)
        op = code.scope.ops[container if outer is None else outer]
        if self._places_filled is not None and (
            isinstance(op, ir.Attribute) or (isinstance(op, ir.Name) and any(_imports(code, op.id)))
        ):
            self._places_filled.setdefault(ir.identifier(op), {})[code] = None

    def under_key(self, code: Code, index: int, key: str) -> Values:
        """What the program keeps under a key of a mapping that goes by this name: ``settings["db"]``, ``app["pool"]``.

        Where the mapping itself cannot be followed, its name and the key are evidence, not proof.
        """
        holder = ir.identifier(code.scope.ops[index])
        if not holder:
            return NOTHING
        if self._keyed is None:
            self._keyed = self._all_keyed()
        places = [
            (other, value)
            for name, other, value in self._keyed.get(key, ())
            if name == holder or name.endswith(f"_{holder}") or holder.endswith(f"_{name}")
        ]
        if not 0 < len(places) <= _MOST_PLACES:
            return NOTHING
        found = union(*(self._inference.values(other, value) for other, value in places))
        return union(found, UNKNOWN_VALUES) if is_known(found) else NOTHING

    def got(self, code: Code, op: ir.Call) -> Values:
        """What ``mapping.get("name")`` gives where the mapping is unknown; ``pop`` of keyword arguments, too."""
        function = code.scope.ops[op.function]
        key = code.scope.ops[op.arguments[0]] if op.arguments else None
        if not isinstance(function, ir.Attribute) or not isinstance(key, ir.Constant) or key.kind != "str":
            return UNKNOWN_VALUES
        if function.name in ("get", "pop"):
            given = self._inference.parameters.keyword(code, function.value, key.text)
            if given:
                return given
            typed = self._typed(code, function.value, key.text)
            if typed:
                return typed
        if function.name == "get" and isinstance(code.scope.ops[function.value], ir.Attribute):
            return self.under_key(code, function.value, key.text) or UNKNOWN_VALUES
        return UNKNOWN_VALUES

    def _typed(self, code: Code, index: int, key: str) -> Values:
        """What a dict with declared keys holds under one."""
        classes = self._inference.classes
        held = [
            classes.attribute(value, key)
            for value in self._inference.values(code, index)
            if isinstance(value, Instance) and classes.is_typed_dict(value.code)
        ]
        return union(*held)

    def _all_keyed(self) -> dict[str, list[tuple[str, Code, int]]]:
        found: dict[str, list[tuple[str, Code, int]]] = {}
        for code in self._inference.program.codes():
            for store in code.scope.stores:
                if store.item and store.name:
                    found.setdefault(store.name, []).append(
                        (ir.identifier(code.scope.ops[store.target]), code, store.value)
                    )
            named = [(name, b.value) for name, bindings in code.scope.bindings.items() for b in bindings]
            named += [(store.name, store.value) for store in code.scope.stores if not store.item]
            for name, value in named:
                for key, entry in _entries(code.scope, value):
                    found.setdefault(key, []).append((name, code, entry))
        for code, op in self._applications():
            for key, entry in op.keywords:
                found.setdefault(key, []).append(("settings", code, entry))
        for code, index, _ in self._inference.program.calls("update"):
            for key, holder, entry in _updated(code.scope, index):
                found.setdefault(key, []).append((holder, code, entry))
        return found

    def _applications(self) -> Iterator[tuple[Code, ir.Call]]:
        """The calls that make an application which keeps what it is given as its settings, Tornado's."""
        yield from ((code, op) for code, _, op in self._inference.program.calls("Application"))
        for code, _, op in self._inference.program.calls("__init__") if self._has_settings() else ():
            bases = self._inference.classes.external_bases(code.owner) if code.owner is not None else ()
            if _APPLICATION in bases:
                yield code, op

    def _has_settings(self) -> bool:
        return bool(self._inference.classes.deriving(_APPLICATION))

    def yielded(self, code: Code) -> Iterator[tuple[str, int]]:
        """The entries of the dicts that a function yields: a lifespan gives what is kept for requests so."""
        for index in code.scope.yields:
            yield from _entries(code.scope, index)

    def _fillers(self, code: Code) -> list[tuple[ir.Call, ir.Attribute]]:
        """The calls of a function that put something into a container."""
        by_scope = self._filling.get(code.module)
        if by_scope is None:
            by_scope = self._filling[code.module] = {}
            for name in (*_FILLERS, *sorted(_MERGERS)):
                for caller, index in code.module.calls(name):
                    ops = caller.scope.ops
                    op = ops[index]
                    function = ops[op.function] if isinstance(op, ir.Call) else None
                    if isinstance(op, ir.Call) and isinstance(function, ir.Attribute):
                        by_scope.setdefault(caller.index, []).append((op, function))
        return by_scope.get(code.index, [])

    def _merged(self, code: Code, op: ir.Call) -> Iterator[Values]:
        """What ``list.extend``, ``set.update`` and ``dict.update`` put in."""
        for argument in op.arguments:
            for value in self._inference.values(code, argument):
                yield value.items if isinstance(value, MappingOf) else self._inference.protocols.element(value)
        for _, given in op.keywords:
            yield self._inference.values(code, given)

    def _put_in(self, code: Code, index: int) -> Values:
        """What is put into a container; of what ``__init_subclass__`` or a metaclass puts there, the classes that it is
        called for.
        """
        found = self._inference.values(code, index)
        if code.owner is None or code.scope.name not in _MAKING_CLASSES:
            return found
        classes = self._inference.classes
        if code.scope.name == "__init_subclass__":
            made = classes.descendants(code.owner) if found == (ClassValue(code.owner),) else ()
        else:
            made = classes.instances_of(code.owner) if all(class_of(v) is code.owner for v in found) else ()
        return union(tuple(ClassValue(cls) for cls in made)) or found

    def _with_items(self, codes: Iterable[Code], is_container: Callable[[Code, int], bool], found: Values) -> Values:
        items: list[Values] = []
        for code in codes:
            for store in code.scope.stores:
                if not store.item:
                    continue
                if is_container(code, store.target):
                    items.append(self._put_in(code, store.value))
                    continue
                outer = _holding(code.scope, store.target)
                if outer is not None and is_container(code, outer):
                    items.append((MappingOf(self._put_in(code, store.value)),))
            for op, function in self._fillers(code):
                if function.name in _MERGERS:
                    if is_container(code, function.value):
                        items += self._merged(code, op)
                    continue
                position = _FILLERS[function.name]
                if position < len(op.arguments):
                    outer = _holding(code.scope, function.value)
                    if outer is not None and is_container(code, outer):
                        items.append((ItemsOf(self._put_in(code, op.arguments[position])),))
                    elif is_container(code, function.value):
                        items.append(self._put_in(code, op.arguments[position]))
        merged = union(*items)
        if not is_known(merged):
            return found
        empty = _empty(found)
        return tuple(_with(value, merged) if value in empty else value for value in found)


def _empty(values: Values) -> list[Value]:
    """The containers among these of which nothing is known, but that they may hold containers that start empty."""
    return [
        v
        for v in values
        if (isinstance(v, (ItemsOf, MappingOf)) and (not is_known(v.items) or len(_empty(v.items)) == len(v.items)))
        or (isinstance(v, ExternalInstance) and v.name in HOLDERS and not any(map(is_known, v.arguments)))
    ]


def _with(container: Value, items: Values) -> Value:
    """A container that holds these."""
    if isinstance(container, ExternalInstance):
        return ExternalInstance(container.name, (items,))
    return MappingOf(items, (), container.keys) if isinstance(container, MappingOf) else ItemsOf(items)


def _imports(code: Code, name: str) -> Iterator[ir.Import]:
    """The imports of a name that a function reads; where nothing binds it, the module's imports of all there is."""
    around: Code | None = code
    while around is not None and name not in around.scope.bindings:
        around = around.parent
    scope = (around or code.module.code).scope
    bound = [binding.value for binding in scope.bindings[name]] if around is not None else scope.stars
    for index in bound:
        op = scope.ops[index]
        if isinstance(op, ir.Import) and (around is None or op.name == name):
            yield op


def _leads_to(code: Code, name: str, module: Module, hops: int = _MOST_HOPS) -> bool:
    """Whether a function imports a name from a module, or from others that hand it on."""
    program = module.program
    for op in _imports(code, name):
        full = program.absolute(code.module, op.level, op.module)
        source = program.modules.get(full) if full is not None else None
        if source is module or (source is not None and hops and _leads_to(source.code, name, module, hops - 1)):
            return True
    return False


def _holding(scope: ir.Scope, index: int) -> int | None:
    """The container of containers: ``handlers`` of ``handlers[name]`` and ``handlers.setdefault(name, [])``."""
    op = scope.ops[index]
    if isinstance(op, ir.Item):
        return op.value
    function = scope.ops[op.function] if isinstance(op, ir.Call) else None
    return function.value if isinstance(function, ir.Attribute) and function.name == "setdefault" else None


def _updated(scope: ir.Scope, index: int) -> Iterator[tuple[str, str, int]]:
    """The keys that ``settings.update(…)`` sets, with the mapping's name and the values."""
    op = scope.ops[index]
    function = scope.ops[op.function] if isinstance(op, ir.Call) else None
    if isinstance(op, ir.Call) and isinstance(function, ir.Attribute):
        holder = ir.identifier(scope.ops[function.value])
        given = list(op.keywords)
        for argument in op.arguments:
            given += _entries(scope, argument)
        yield from ((key, holder, value) for key, value in given)


def _entries(scope: ir.Scope, index: int) -> Iterator[tuple[str, int]]:
    """The keys and values of a dict written out, as a display or a call of ``dict``."""
    op = scope.ops[index]
    if isinstance(op, ir.Mapping):
        for key, value in zip(op.keys, op.values, strict=True):
            written = scope.ops[key]
            if isinstance(written, ir.Constant) and written.kind == "str":
                yield written.text, value
    elif isinstance(op, ir.Call):
        function = scope.ops[op.function]
        if isinstance(function, ir.Name) and function.id == "dict":
            yield from op.keywords
