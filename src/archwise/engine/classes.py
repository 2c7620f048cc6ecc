"""Classes of the program: their order of lookup, their attributes, who overrides what."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.values import (
    NOTHING,
    UNKNOWN_VALUES,
    Accessor,
    ClassValue,
    External,
    ExternalInstance,
    ExternalMethod,
    FunctionValue,
    Instance,
    Literal,
    Managed,
    Method,
    Offloaded,
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
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

Base = "Code | str"
_MOST_OVERRIDES = 12
_ENUMS = frozenset({f"enum.{name}" for name in ("Enum", "IntEnum", "StrEnum", "Flag", "IntFlag")})


class Classes:
    """Answers questions about classes."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._orders: dict[Code, tuple[Code | str, ...]] = {}
        self._children: dict[Code, list[Code]] | None = None
        self._descendants: dict[Code, tuple[Code, ...]] = {}
        self._implementations: dict[Code, tuple[Code, ...]] = {}
        self._external_bases: dict[Code, tuple[str, ...]] = {}
        self._stores: dict[Code, dict[str, list[tuple[Code, int, int]]]] = {}
        self._stored: dict[tuple[Code, str], Values] = {}
        self._foreign: dict[str, list[tuple[Code, ir.Store]]] | None = None
        self._definers: dict[str, dict[Code, None]] | None = None
        self._found: dict[tuple[Code, str], Values] = {}
        self._overriding: dict[tuple[Code, str], tuple[Code, ...]] = {}

    # -- hierarchy

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
        for index in cls.scope.bases:
            for value in self._inference.values(parent, index):
                if isinstance(value, ClassValue) and value.code is not cls:
                    bases.append(value.code)
                elif isinstance(value, External):
                    bases.append(self._inference.facts.canonical(value.name))
                elif isinstance(value, ExternalInstance):
                    bases.append(value.name)
        return bases

    def children(self, cls: Code) -> list[Code]:
        """The classes that name this one as a base."""
        if self._children is None:
            self._children = {}
            for code in self._inference.program.classes:
                for base in self._bases(code) if code.scope.bases else ():
                    if not isinstance(base, str):
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

    def is_protocol(self, cls: Code) -> bool:
        """Whether the class only describes others."""
        return any(base.rpartition(".")[2] == "Protocol" for base in self.external_bases(cls)[:3])

    def implementations(self, cls: Code) -> tuple[Code, ...]:
        """Classes a value declared as ``cls`` may be of: itself, its descendants, those with a protocol's methods."""
        known = self._implementations.get(cls)
        if known is None:
            found = [cls, *self.descendants(cls)]
            if self.is_protocol(cls) and len(found) == 1:
                found += self._structural(cls)
            known = self._implementations[cls] = tuple(found)
        return known

    def _structural(self, protocol: Code) -> list[Code]:
        wanted = [name for name in protocol.scope.bindings if not name.startswith("__")]
        if not wanted:
            return []
        return [
            code
            for code in min((self._defining(name) for name in wanted), key=len)
            if code is not protocol
            and all(name in code.scope.bindings for name in wanted)
            and not self.is_protocol(code)
            and self._takes_the_same(code, protocol)
        ]

    def _takes_the_same(self, cls: Code, protocol: Code) -> bool:
        """Whether methods can be called with as many arguments as those of a protocol."""
        own = {method.scope.name: method.scope for method in self.methods(cls)}
        return all(
            _least(own[method.scope.name]) <= _most(method.scope)
            and _least(method.scope) <= _most(own[method.scope.name])
            for method in self.methods(protocol)
            if method.scope.name in own and not method.scope.name.startswith("__")
        )

    def is_enum(self, cls: Code) -> bool:
        """Whether the class's values are its only instances."""
        return any(base in _ENUMS for base in self.external_bases(cls))

    def is_typed_dict(self, cls: Code) -> bool:
        """Whether instances are dicts with declared keys."""
        return any(base.rpartition(".")[2] == "TypedDict" for base in self.external_bases(cls))

    def fits(self, value: Value, type_: Value) -> bool:
        """Whether a value is surely an instance of the type another one is of."""
        if isinstance(type_, Instance):
            cls = value.code if isinstance(value, Instance) else value.cls if isinstance(value, Self) else None
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

    # -- attributes

    def attribute(self, receiver: Value, name: str) -> Values:
        """What ``receiver.name`` may be, for an instance or class of the program."""
        return union(*(self.bind(value, receiver) for value in self.raw(receiver, name))) or UNKNOWN_VALUES

    def raw(self, receiver: Value, name: str) -> Values:
        """The same before functions are bound and properties are read."""
        if isinstance(receiver, ClassValue):
            found = self._own(receiver.code, name)
            if self.is_enum(receiver.code):
                return tuple(
                    Instance(receiver.code, (), True) if isinstance(v, (Literal, TupleOf)) else v for v in found
                )
            return found
        if isinstance(receiver, Self):
            return self._of_self(receiver, name)
        if not isinstance(receiver, Instance):
            return NOTHING
        found = self._own(receiver.code, name, receiver)
        if not receiver.exact:
            found = self._with_overrides(receiver.code, name, found)
        if receiver.environment:
            found = self._inference.substitution.apply(found, receiver.environment)
        return found

    def of_super(self, cls: Code, receiver: Value, name: str) -> Values:
        """What ``super().name`` gives in a method of ``cls``."""
        whole = receiver.code if isinstance(receiver, Instance) else receiver.cls if isinstance(receiver, Self) else cls
        order = self.order(whole)
        rest = order[order.index(cls) + 1 :] if cls in order else self.order(cls)[1:]
        found = self._in_order(rest, name)
        for base in rest if not found else ():
            if isinstance(base, str) and not found:
                found = self._external(base, name, receiver)
        if not found and name == "__new__":
            return (ClassValue(whole),)
        return union(*(self.bind(value, receiver) for value in found)) or UNKNOWN_VALUES

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

    def _defining(self, name: str) -> dict[Code, None]:
        """The classes whose body or methods give this name a value, in the order of the program."""
        if self._definers is None:
            self._definers = {}
            for code in self._inference.program.classes:
                for defined in dict.fromkeys((*code.scope.bindings, *self.stores(code))):
                    self._definers.setdefault(defined, {})[code] = None
        return self._definers.get(name, {})

    def _find_overriding(self, cls: Code, name: str) -> tuple[Code, ...]:
        descendants = self.descendants(cls)
        definers = self._defining(name) if descendants else {}
        if not definers:
            return ()
        order = self.order(cls)
        own = self._provider(cls, name)
        return tuple(
            child
            for child in descendants
            if any(entry in definers and entry not in order for entry in self.order(child))
            and self._provider(child, name) is not own
        )

    def _provider(self, cls: Code, name: str) -> Code | None:
        """The class, in order of lookup, whose body or methods give this name a value."""
        for entry in self.order(cls):
            if not isinstance(entry, str) and (name in entry.scope.bindings or name in self.stores(entry)):
                return entry
        return None

    def _of_self(self, receiver: Self, name: str) -> Values:
        cls = receiver.cls
        found = self._own(cls, name, receiver)
        overriding = self.overriding(cls, name)
        if overriding and (not is_known(found) or any(isinstance(value, (FunctionValue, Accessor)) for value in found)):
            first = receiver.method.scope.parameters[0].name
            return (Symbolic(receiver.method, first, (f".{name}",)),)
        return found

    def _own(self, cls: Code, name: str, receiver: Value | None = None) -> Values:
        key = cls, name
        found = self._found.get(key)
        if found is None:
            found = self._in_order(self.order(cls), name)
            self._found[key] = found
        if found:
            return found
        for base in self.external_bases(cls):
            found = self._external(base, name, receiver)
            if found:
                return found
        if name == "__class__" and receiver is not None:
            return (ClassValue(cls),)
        return NOTHING

    def _in_order(self, order: tuple[Code | str, ...], name: str) -> Values:
        """The value that classes of the program give a name."""
        declared: Values = NOTHING
        for entry in order:
            if isinstance(entry, str):
                continue
            if name in entry.scope.bindings:
                found = self._inference.names.read(entry, name, 0, len(entry.scope.ops))
                if any(isinstance(value, (FunctionValue, Accessor, Managed, Offloaded)) for value in found):
                    return found
                declared = declared or (self._as_field(entry, name) or found)
            stored = self._stored_in(entry, name)
            if is_known(stored):
                return union(stored, tuple(value for value in declared if self._is_telling(value)))
            declared = declared or stored
        if not is_known(declared):
            declared = self._stored_elsewhere(order, name) or declared
        return declared

    def _as_field(self, entry: Code, name: str) -> Values:
        """The symbol of a field that is declared without a value and of a type that leaves open what it holds."""
        binding = entry.scope.bindings[name][-1]
        if binding.value or not binding.annotation or len(entry.scope.bindings[name]) > 1:
            return NOTHING
        declared = self._inference.annotations.values(entry, binding.annotation)
        if all(self._inference.settles(value) for value in declared):
            return NOTHING
        return (Symbolic(entry, name),)

    def _is_telling(self, value: Value) -> bool:
        if isinstance(value, ExternalInstance):
            return self._inference.facts.class_(value.name) is not None
        return isinstance(value, Instance)

    def _external(self, base: str, name: str, receiver: Value | None) -> Values:
        facts = self._inference.facts
        text = facts.attribute(base, name)
        instance = ExternalInstance(base)
        if text is not None:
            return self._inference.annotations.text(
                text, receiver if text.endswith("self") else instance_of(receiver, base)
            )
        if (
            facts.method(base, name) is not None
            or facts.boundary(f"{base}.{name}") is not None
            or facts.registers(base, name)
        ):
            return (ExternalMethod(instance, name, receiver),)
        return NOTHING

    def _with_overrides(self, cls: Code, name: str, found: Values) -> Values:
        overriding = self.overriding(cls, name)
        if self.is_protocol(cls) and not overriding:
            overriding = self.implementations(cls)[1:]
        if not overriding:
            return found
        if len(overriding) > _MOST_OVERRIDES:
            return union(found, UNKNOWN_VALUES)
        own = tuple(value for value in found if not is_stub(value))
        return union(own, *(self._own(child, name, Instance(child)) for child in overriding))

    def bind(self, value: Value, receiver: Value) -> Values:
        """What a class's value becomes when it is read through ``receiver``."""
        on_class = isinstance(receiver, ClassValue)
        if isinstance(receiver, Instance) and not receiver.exact:
            receiver = self._narrowed(value, receiver)
        if isinstance(value, FunctionValue):
            return (
                (value,)
                if on_class or value.code.scope.kind == "class"
                else (Method(value.code, receiver, value.environment),)
            )
        if isinstance(value, Accessor):
            return self._bind_accessor(value, receiver, on_class)
        if isinstance(value, Managed) and not on_class:
            return tuple(Managed(bound) for bound in self.bind(value.function, receiver))
        if isinstance(value, Offloaded) and not on_class:
            return (
                Offloaded(value.passes, union(*(self.bind(inner, receiver) for inner in value.function)), value.name),
            )
        if isinstance(value, Instance) and not on_class and self.defining(value.code, "__get__"):
            return self._inference.calls.result_of_method(value, "__get__")
        return (value,)

    def _narrowed(self, value: Value, receiver: Instance) -> Instance:
        """The receiver of an override: it is of the class that defines it, or of one derived from that."""
        function = value.function if isinstance(value, (Accessor, Managed)) else value
        owner = function.code.owner if isinstance(function, FunctionValue) else None
        if owner is None or owner is receiver.code or owner in self.order(receiver.code):
            return receiver
        return Instance(owner, receiver.environment) if receiver.code in self.order(owner) else receiver

    def are_overrides(self, values: Values) -> bool:
        """Whether values are one object's method, as several classes define it."""
        receivers = [value.receiver for value in values if isinstance(value, Method)]
        if len(receivers) < 2 or len(receivers) < len(values):
            return False
        if all(each == receivers[0] for each in receivers):
            return True
        if len({value.code.scope.name for value in values if isinstance(value, Method)}) > 1:
            return False
        orders = [set(self.order(each.code)) for each in receivers if isinstance(each, Instance) and not each.exact]
        return len(orders) == len(receivers) and any(not isinstance(each, str) for each in set.intersection(*orders))

    def _bind_accessor(self, value: Accessor, receiver: Value, on_class: bool) -> Values:
        if value.kind == "static":
            return (value.function,)
        if value.kind == "class":
            cls = receiver
            if isinstance(receiver, Instance):
                cls = ClassValue(receiver.code)
            elif isinstance(receiver, Self):
                cls = ClassValue(receiver.cls)
            return self.bind_function(value.function, cls)
        if on_class:
            return (value,)
        return union(
            *(self._inference.calls.plain_result((bound,)) for bound in self.bind_function(value.function, receiver))
        )

    def bind_function(self, value: Value, receiver: Value) -> Values:
        """A function bound to a receiver, whatever the receiver is."""
        if isinstance(value, FunctionValue):
            return (Method(value.code, receiver, value.environment),)
        if isinstance(value, Managed):
            return tuple(Managed(bound) for bound in self.bind_function(value.function, receiver))
        return (value,)

    # -- attributes set in methods

    def _stored_in(self, cls: Code, name: str) -> Values:
        key = cls, name
        found = self._stored.get(key)
        if found is None:
            self._stored[key] = NOTHING
            places = self.stores(cls).get(name, ())
            groups = [self._store(code, value, annotation) for code, value, annotation in places]
            found = self._stored[key] = (
                self._inference.containers.of_attribute(cls, name, union(*groups)) if groups else NOTHING
            )
        return found

    def _stored_elsewhere(self, order: tuple[Code | str, ...], name: str) -> Values:
        """What code outside the class's own methods puts on its instances: ``service.client = …``."""
        if self._foreign is None:
            self._foreign = {}
            for code in self._inference.program.codes():
                for store in code.scope.stores:
                    if not store.item and not (code.owner is not None and self.is_receiver(code, store.target)):
                        self._foreign.setdefault(store.name, []).append((code, store))
        entries = self._foreign.get(name, [])
        groups: list[Values] = []
        for code, store in entries if len(entries) <= _MOST_OVERRIDES else ():
            for target in self._inference.values(code, store.target):
                cls = target.cls if isinstance(target, Self) else getattr(target, "code", None)
                if cls in order and isinstance(target, (Instance, Self, ClassValue)):
                    groups.append(self._store(code, store.value, store.annotation))
        return union(*groups)

    def _store(self, code: Code, value: int, annotation: int) -> Values:
        found = self._inference.values(code, value)
        if annotation and (is_vague(found) or any(isinstance(each, Symbolic) for each in found)):
            declared = self._inference.annotations.values(code, annotation)
            return declared if is_known(declared) else found
        return found

    def is_receiver(self, code: Code, index: int) -> bool:
        """Whether an operation of a method reads the object the method runs on."""
        op = code.scope.ops[index]
        parameters = code.scope.parameters
        return isinstance(op, ir.Name) and bool(parameters) and op.id == parameters[0].name

    def methods(self, cls: Code) -> list[Code]:
        """The functions in the body of a class."""
        return [code for code in cls.module.codes if code.parent is cls and code.scope.kind == "function"]

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


def _least(scope: ir.Scope) -> int:
    """How many arguments a function must be given by position."""
    return sum(parameter.kind == "positional" and not parameter.default for parameter in scope.parameters)


def _most(scope: ir.Scope) -> float:
    """How many arguments a function can be given by position."""
    if any(parameter.kind == "args" for parameter in scope.parameters):
        return math.inf
    return sum(parameter.kind == "positional" for parameter in scope.parameters)


def is_stub(value: Value) -> bool:
    """Whether a function only stands for those that override it."""
    if isinstance(value, Accessor):
        return is_stub(value.function)
    return isinstance(value, (FunctionValue, Method)) and value.code.scope.is_stub


def instance_of(receiver: Value | None, base: str) -> ExternalInstance:
    """The receiver seen as an instance of another package's class: its first type argument is its own type."""
    if isinstance(receiver, ClassValue):
        return ExternalInstance(base, ((Instance(receiver.code),),))
    if isinstance(receiver, (Instance, Self)):
        return ExternalInstance(base, ((receiver,),))
    return ExternalInstance(base)
