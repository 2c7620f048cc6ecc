"""Classes of the program among one another: order of lookup, who derives from whom, who defines what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.structural import implementing
from archwise.engine.values import (
    ClassValue,
    External,
    ExternalInstance,
    Instance,
    Symbolic,
    Value,
    class_meant,
    class_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

_MOST_NAMED = 12
_ENUMS = frozenset({f"enum.{name}" for name in ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag")})
_NAMED_TUPLES = frozenset({"typing.NamedTuple", "collections.namedtuple"})


class Hierarchy:
    """Answers questions about classes that need none of their values."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._deriving: dict[str, list[Code]] | None = None
        self._metaclasses: dict[Code, Code | None] = {}
        self._orders: dict[Code, tuple[Code | str, ...]] = {}
        self._children: dict[Code, list[Code]] | None = None
        self._descendants: dict[Code, tuple[Code, ...]] = {}
        self._implementations: dict[Code, tuple[Code, ...]] = {}
        self._external_bases: dict[Code, tuple[str, ...]] = {}
        self._checking: dict[Code, tuple[Code, ...]] = {}
        self._stores: dict[Code, dict[str, list[tuple[Code, int, int]]]] = {}
        self._definers: dict[str, dict[Code, None]] | None = None
        self._overriding: dict[tuple[Code, str], tuple[Code, ...]] = {}

    def order(self, cls: Code) -> tuple[Code | str, ...]:
        """The class and its bases in order of lookup; those of other packages by name."""
        found = self._orders.get(cls)
        if found is None:
            self._orders[cls] = (cls,)
            found = self._orders[cls] = self._linearise(cls)
        return found

    def _linearise(self, cls: Code) -> tuple[Code | str, ...]:
        """Python's own order (C3); where that does not exist, each base's order in turn."""
        bases = self._bases(cls)
        orders = [self.order(base) if not isinstance(base, str) else (base,) for base in bases]
        waiting = [list(order) for order in (*orders, bases) if order]
        found: list[Code | str] = [cls]
        while waiting:
            last = [entry for order in waiting for entry in order[1:]]
            head = next((order[0] for order in waiting if order[0] not in last), None)
            if head is None:
                return tuple(dict.fromkeys((cls, *(entry for order in orders for entry in order))))
            found.append(head)
            waiting = [rest for order in waiting if (rest := order[1:] if order[0] == head else order)]
        return tuple(found)

    def _bases(self, cls: Code) -> list[Code | str]:
        parent = cls.parent
        bases: list[Code | str] = []
        if parent is None:
            return bases
        for index in _listed(parent, cls):
            for value in self._inference.values(parent, index):
                if isinstance(value, ClassValue) and value.code is not cls:
                    bases.append(value.code)
                elif isinstance(value, External):
                    bases.append(self._inference.facts.canonical(value.name))
                elif isinstance(value, ExternalInstance):
                    bases.append(value.name)
                elif isinstance(value, Symbolic):
                    bases += self._customary(value)
        return bases

    def _customary(self, value: Symbolic) -> list[str]:
        """The base that a parameter gives, ``class Order(db.Entity)``, by what is usually passed under its name."""
        text = self._inference.facts.customary(value.name)
        given = self._inference.annotations.text(text) if text else ()
        found = self._inference.steps.follow(given, value.path) if given else ()
        return [self._inference.facts.canonical(each.name) for each in found if isinstance(each, External)]

    def children(self, cls: Code) -> list[Code]:
        """The classes that name this one as a base; what tests derive is nothing that the program meets."""
        if self._children is None:
            self._children = {}
            for code in self._inference.program.classes:
                for base in self._bases(code) if code.scope.bases else ():
                    if not isinstance(base, str) and (base.module.is_test or not code.module.is_test):
                        self._children.setdefault(base, []).append(code)
        return self._children.get(cls, [])

    def descendants(self, cls: Code) -> tuple[Code, ...]:
        """All classes derived from this one."""
        found = self._descendants.get(cls)
        if found is None:
            seen: dict[Code, None] = {}
            pending = list(self.children(cls))
            while pending:
                child = pending.pop(0)
                if child not in seen and child is not cls:
                    seen[child] = None
                    pending.extend(self.children(child))
            found = self._descendants[cls] = tuple(seen)
        return found

    def external_bases(self, cls: Code) -> tuple[str, ...]:
        """Other packages' classes this one derives from."""
        found = self._external_bases.get(cls)
        if found is None:
            found = self._external_bases[cls] = tuple(entry for entry in self.order(cls) if isinstance(entry, str))
        return found

    def is_derived(self, name: str, base: str) -> bool:
        """Whether another package's class is one of these, or derives from it, by what is known of the package."""
        facts = self._inference.facts
        return any(known.name == facts.canonical(base) for known, _ in facts.ancestors(name))

    def checking(self, cls: Code) -> tuple[Code, ...]:
        """The methods of a class, and of its bases, that another package runs when an object of it is built."""
        found = self._checking.get(cls)
        if found is None:
            names = {name for base in self.external_bases(cls) for name in self._inference.facts.checks(base)}
            entries = [entry for entry in self.order(cls) if not isinstance(entry, str)] if names else []
            methods = [method for entry in entries for method in self.methods(entry) if method.scope.decorators]
            found = tuple(method for method in methods if not names.isdisjoint(self._decorators(method)))
            self._checking[cls] = found
        return found

    def _decorators(self, method: Code) -> Iterator[str]:
        """The decorators of other packages that a method stands under."""
        for code, index in method.decorators:
            for value in self._inference.values(code, code.callee(index)):
                if isinstance(value, External):
                    yield self._inference.facts.canonical(value.name)

    def deriving(self, name: str) -> list[Code]:
        """The classes of the program, those of tests left out, that derive from another package's class."""
        if self._deriving is None:
            self._deriving = {}
            ancestors = self._inference.facts.ancestors
            for code in self._inference.program.classes:
                bases = self.external_bases(code) if code.scope.bases and not code.module.is_test else ()
                for base in {known.name for named in bases for known, _ in ancestors(named)}.union(bases):
                    self._deriving.setdefault(base, []).append(code)
        return self._deriving.get(name, [])

    def is_protocol(self, cls: Code) -> bool:
        """Whether the class only describes others."""
        return any(base.rpartition(".")[2] == "Protocol" for base in self.external_bases(cls)[:3])

    def implementations(self, cls: Code) -> tuple[Code, ...]:
        """Classes a value declared as ``cls`` may be of: itself, its descendants, those with a protocol's methods."""
        known = self._implementations.get(cls)
        if known is None:
            found = [cls, *self.descendants(cls)]
            if self.is_protocol(cls) and len(found) == 1:
                found += implementing(self, cls)
            known = self._implementations[cls] = tuple(found)
        return known

    def metaclass(self, cls: Code) -> Code | None:
        """The class of the program that a class is an instance of."""
        if cls not in self._metaclasses:
            self._metaclasses[cls] = None
            self._metaclasses[cls] = self._find_metaclass(cls)
        return self._metaclasses[cls]

    def _find_metaclass(self, cls: Code) -> Code | None:
        for entry in self.order(cls):
            if not isinstance(entry, str) and entry.parent is not None:
                for value in self._inference.values(entry.parent, dict(entry.scope.keywords).get("metaclass", 0)):
                    if isinstance(value, ClassValue):
                        return value.code
        return None

    def instances_of(self, meta: Code) -> tuple[Code, ...]:
        """The classes whose metaclass is this one, or derives from it; none of a class that is no metaclass."""
        if "builtins.type" not in self.external_bases(meta) and "abc.ABCMeta" not in self.external_bases(meta):
            return ()
        found = ((cls, self.metaclass(cls)) for cls in self._inference.program.classes if not cls.module.is_test)
        return tuple(cls for cls, own in found if own is not None and meta in self.order(own))

    def is_enum(self, cls: Code) -> bool:
        """Whether the class's values are its only instances."""
        return any(base in _ENUMS for base in self.external_bases(cls))

    def is_typed_dict(self, cls: Code) -> bool:
        """Whether instances are dicts with declared keys."""
        return any(base.rpartition(".")[2] == "TypedDict" for base in self.external_bases(cls))

    def is_named_tuple(self, value: Value) -> bool:
        """Whether a value is a tuple whose elements have names."""
        return isinstance(value, Instance) and not _NAMED_TUPLES.isdisjoint(self.external_bases(value.code))

    def is_kin(self, value: Value, cls: Code) -> bool:
        """Whether a value is, or is an instance of, a class that this one derives from, or one derived from it."""
        other = class_meant(value)
        return other is not None and (other in self.order(cls) or cls in self.order(other))

    def fits(self, value: Value, type_: Value) -> bool:
        """Whether a value is surely an instance of the type another one is of."""
        if isinstance(type_, Instance):
            cls = class_of(value)
            return cls is not None and type_.code in self.order(cls)
        if isinstance(type_, ExternalInstance):
            if isinstance(value, Instance):
                return type_.name in self.external_bases(value.code)
            if isinstance(value, ExternalInstance):
                return (
                    any(cls.name == type_.name for cls, _ in self._inference.facts.ancestors(value.name))
                    or value.name == type_.name
                )
        return type(type_) is type(value) and not isinstance(value, (Instance, ExternalInstance))

    def defining(self, cls: Code, name: str) -> Code | None:
        """The class of the program, in order of lookup, whose body gives this name a value."""
        for entry in self.order(cls):
            if not isinstance(entry, str) and name in entry.scope.bindings:
                return entry
        return None

    def overriding(self, cls: Code, name: str) -> tuple[Code, ...]:
        """The classes derived from ``cls`` whose body or methods give this name a value of their own."""
        key = cls, name
        found = self._overriding.get(key)
        if found is None:
            found = self._overriding[key] = self._find_overriding(cls, name)
        return found

    def definers(self, name: str) -> dict[Code, None]:
        """The classes whose body or methods give this name a value, in the order of the program."""
        if self._definers is None:
            self._definers = {}
            for code in self._inference.program.classes:
                for defined in dict.fromkeys((*code.scope.bindings, *self.stores(code))):
                    self._definers.setdefault(defined, {})[code] = None
        return self._definers.get(name, {})

    def _find_overriding(self, cls: Code, name: str) -> tuple[Code, ...]:
        descendants = self.descendants(cls)
        definers = self.definers(name) if descendants else {}
        if not definers:
            return ()
        order = self.order(cls)
        own = self.provider(cls, name)
        return tuple(
            child
            for child in descendants
            if any(entry in definers and entry not in order for entry in self.order(child))
            and self.provider(child, name) is not own
        )

    def provider(self, cls: Code, name: str) -> Code | None:
        """The class, in order of lookup, whose body or methods give this name a value."""
        for entry in self.order(cls):
            if not isinstance(entry, str) and (name in entry.scope.bindings or name in self.stores(entry)):
                return entry
        return None

    def is_receiver(self, code: Code, index: int) -> bool:
        """Whether an operation of a method reads the object the method runs on."""
        op = code.scope.ops[index]
        parameters = code.scope.parameters
        return isinstance(op, ir.Name) and bool(parameters) and op.id == parameters[0].name

    def methods(self, cls: Code) -> list[Code]:
        """The functions in the body of a class."""
        return [code for code in cls.inner if code.scope.kind == "function"]

    def methods_named(self, value: Value, before: str, after: str) -> list[str]:
        """The methods of a value's class, or of classes derived from it, whose names begin and end so; not too many."""
        cls = class_meant(value)
        if cls is None:
            return []
        found = {
            method.scope.name: None
            for entry in (*self.order(cls), *self.descendants(cls))
            if not isinstance(entry, str)
            for method in self.methods(entry)
            if method.scope.name.startswith(before) and method.scope.name.endswith(after)
        }
        return list(found) if len(found) <= _MOST_NAMED else []

    def stores(self, cls: Code) -> dict[str, list[tuple[Code, int, int]]]:
        """What the methods of a class keep on ``self``, by name: the method, the value, the annotation."""
        found = self._stores.get(cls)
        if found is None:
            found = self._stores[cls] = {}
            for code in self.methods(cls):
                for store in code.scope.stores:
                    if not store.item and self.is_receiver(code, store.target):
                        found.setdefault(store.name, []).append((code, store.value, store.annotation))
        return found


def _listed(parent: Code, cls: Code) -> Iterator[int]:
    """What a class names as its bases; of ``six.with_metaclass(Meta, Base)`` those that are given to it."""
    for index in cls.scope.bases:
        op = parent.scope.ops[index]
        if isinstance(op, ir.Call) and ir.identifier(parent.scope.ops[op.function]) == "with_metaclass":
            yield from op.arguments[1:]
        else:
            yield index
