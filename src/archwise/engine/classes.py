"""Attributes of classes of the program and of their instances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.accessors import delegates
from archwise.engine.fields import Fields
from archwise.engine.hierarchy import Hierarchy
from archwise.engine.values import (
    NOTHING,
    UNKNOWN_VALUES,
    Accessor,
    ClassValue,
    ContainerMethod,
    External,
    ExternalInstance,
    ExternalMethod,
    FunctionValue,
    Instance,
    ItemsOf,
    Literal,
    Managed,
    Method,
    Offloaded,
    Self,
    Symbolic,
    TupleOf,
    Value,
    Values,
    class_of,
    is_known,
    union,
)

if TYPE_CHECKING:
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code, Module

_MOST_OVERRIDES = 12
_MOST_DERIVED = 3


class Classes(Hierarchy):
    """Evaluates attributes, in the order of lookup and with what derived classes make of them."""

    def __init__(self, inference: Inference) -> None:
        super().__init__(inference)
        self._fields = Fields(inference, self)
        self._found: dict[tuple[Code, str], Values] = {}
        self._bound: dict[tuple[str, str], list[Code]] = {}
        self._passing: set[tuple[Code, str]] = set()

    def is_set_outside(self, name: str) -> bool:
        """Whether an attribute of this name is assigned anywhere but by methods to their own object."""
        return name in self._fields.outside

    def attribute(self, receiver: Value, name: str) -> Values:
        """What ``receiver.name`` may be, for an instance or class of the program."""
        found = union(*(self.bind(value, receiver) for value in self.raw(receiver, name)))
        if not found and name == "__subclasses__" and isinstance(receiver, ClassValue):
            found = self._derived(receiver.code)
        return found or self._of_metaclass(receiver, name) or self._passed_on(receiver, name) or UNKNOWN_VALUES

    def raw(self, receiver: Value, name: str) -> Values:
        """The same before functions are bound and properties are read."""
        if isinstance(receiver, ClassValue):
            found = self._own(receiver.code, name, receiver)
            if self.is_enum(receiver.code):
                return tuple(
                    Instance(receiver.code, (), True) if isinstance(v, (Literal, TupleOf)) else v for v in found
                )
            return found
        if isinstance(receiver, Self):
            return self._with_type_arguments(receiver.cls, self._of_self(receiver, name))
        if not isinstance(receiver, Instance):
            return NOTHING
        found = self._own(receiver.code, name, receiver)
        if not receiver.exact:
            found = self._with_overrides(receiver, name, found)
        if receiver.environment:
            found = self._inference.substitution.apply(found, receiver.environment)
        return self._with_type_arguments(receiver.code, found)

    def _with_type_arguments(self, cls: Code, found: Values) -> Values:
        """What is left open, as the generic classes that a class derives from are given it."""
        if not any(isinstance(value, Symbolic) for value in found):
            return found
        return self._inference.substitution.apply(found, self._inference.annotations.held_by_bases(cls))

    def kept_on(self, name: str, attribute: str) -> Values:
        """What the program keeps under an attribute of another package's class: ``app.database = …``.

        Where it derives classes of its own, what is declared to be of the other's class may be of one of these.
        """
        found = self._fields.of_externals(name, attribute)
        if is_known(found):
            return found
        having = self._having(name, attribute)
        if not 0 < len(having) <= _MOST_DERIVED:
            return found
        return union(*(self.attribute(Instance(cls), attribute) for cls in having), UNKNOWN_VALUES)

    def _having(self, name: str, attribute: str) -> list[Code]:
        """The classes derived from another package's that bind an attribute, or keep something under it.

        What is bound to the class is asked of the class: of an object declared as the other's, somebody asks its own.
        """
        found = self._bound.get((name, attribute))
        if found is None:
            having = [
                cls for cls in self.deriving(name) if attribute in cls.scope.bindings or attribute in self.stores(cls)
            ]
            found = self._bound[name, attribute] = [
                cls for cls in having if not any(map(_is_of_class, self._own(cls, attribute)))
            ]
        return found

    def set_on_module(self, module: Module, name: str) -> Values:
        """What other modules put into a module's name: ``state.client = …``."""
        return self._fields.of_module(module, name)

    def set_on_loaded(self, name: str) -> Values:
        """What a loader of the program puts into each module that it makes, before it runs that module's code."""
        return self._fields.of_loaded(name)

    def of_super(self, cls: Code, receiver: Value, name: str) -> Values:
        """What ``super().name`` gives in a method of ``cls``."""
        whole = class_of(receiver) or cls
        order = self.order(whole)
        rest = order[order.index(cls) + 1 :] if cls in order else self.order(cls)[1:]
        found = self._in_order(rest, name)
        for base in rest:
            if not found and isinstance(base, str):
                found = self._external(base, name, receiver)
        if not found and name == "__new__":
            return (External("builtins.object.__new__"),)
        return union(*(self.bind(value, receiver) for value in found)) or UNKNOWN_VALUES

    def _derived(self, cls: Code) -> Values:
        """``cls.__subclasses__``: what gives the classes that derive from it."""
        classes = tuple(ClassValue(child) for child in self.children(cls))
        return (ContainerMethod(ItemsOf(classes), "copy"),) if len(classes) <= _MOST_OVERRIDES else NOTHING

    def from_metaclass(self, cls: Code, name: str) -> Values:
        """What the metaclass of a class of the program says of a name that the class itself does not have."""
        meta = self.metaclass(cls)
        return self._own(meta, name) if meta is not None and not self._own(cls, name) else NOTHING

    def _of_metaclass(self, receiver: Value, name: str) -> Values:
        if not isinstance(receiver, ClassValue):
            return NOTHING
        found: list[Values] = []
        for value in self.from_metaclass(receiver.code, name):
            if isinstance(value, Accessor) and value.kind == "property":
                found += [
                    self._inference.calls.plain_result((b,)) for b in self.bind_function(value.function, receiver)
                ]
            else:
                found.append(self.bind_function(value, receiver))
        return union(*found)

    def _passed_on(self, receiver: Value, name: str) -> Values:
        """What another object has by a name that the class's ``__getattr__`` asks it for, and gives as it is."""
        cls = class_of(receiver)
        owner = self.defining(cls, "__getattr__") if cls is not None and not name.startswith("__") else None
        if owner is None or (owner, name) in self._passing:
            return NOTHING
        key = owner, name
        self._passing.add(key)
        found = union(*(self._inference.attribute(held, name) for held in self._delegates(owner, receiver)))
        self._passing.discard(key)
        return found

    def _delegates(self, owner: Code, receiver: Value) -> Values:
        """The objects that the ``__getattr__`` of a class asks on behalf of one of its instances."""
        found: list[Values] = []
        for value in self._inference.names.read(owner, "__getattr__", 0, len(owner.scope.ops)):
            if isinstance(value, FunctionValue):
                found += [self._inference.values(value.code, index) for index in delegates(value.code)]
        held = union(*found)
        if isinstance(receiver, Instance) and receiver.environment:
            held = self._inference.substitution.apply(held, receiver.environment)
        return held

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
                if declared or self._inference.facts.method(entry, name) is None:
                    continue
                return NOTHING
            if name in entry.scope.bindings:
                found = self._inference.names.read(entry, name, 0, len(entry.scope.ops))
                if any(isinstance(value, (FunctionValue, Accessor, Managed, Offloaded)) for value in found):
                    return found
                declared = declared or (
                    self._as_field(entry, name) or self._inference.containers.of_attribute(entry, name, found)
                )
            stored = self._fields.of_methods(entry, name)
            if is_known(stored):
                return union(stored, tuple(value for value in declared if self._is_telling(value)))
            declared = declared or stored
        if not is_known(declared) or any(isinstance(value, Symbolic) for value in declared):
            put = self._fields.of_others(order, name)
            declared = put if is_known(put) else declared or put
        return declared

    def _as_field(self, entry: Code, name: str) -> Values:
        """The symbol of a field declared without a value, or with None, and with a type that leaves open what it is."""
        binding = entry.scope.bindings[name][-1]
        default = entry.scope.ops[binding.value] if binding.value else None
        if ir.is_none(default):
            default = None
        if default is not None or not binding.annotation or len(entry.scope.bindings[name]) > 1:
            return NOTHING
        declared = self._inference.annotations.values(entry, binding.annotation)
        if all(self._inference.parameters.settles(value) for value in declared):
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
            given = self._handed_up(receiver, name) if text == "arg0" else ()
            if "[self]" in text and isinstance(receiver, ClassValue):
                receiver = Instance(receiver.code)
            return self._inference.annotations.text(
                text, receiver if "self" in text else instance_of(receiver, base), given
            )
        if (
            facts.method(base, name) is not None
            or facts.boundary(f"{base}.{name}") is not None
            or facts.registers(base, name)
        ):
            return (ExternalMethod(instance, name, receiver),)
        return NOTHING

    def _handed_up(self, receiver: Value | None, name: str) -> tuple[Values, ...]:
        """What the constructor of a class hands to that of another package's, which keeps it under a name."""
        cls = receiver.cls if isinstance(receiver, Self) else getattr(receiver, "code", None)
        owner = self.defining(cls, "__init__") if cls is not None else None
        made = self._inference.names.read(owner, "__init__", 0, len(owner.scope.ops)) if owner is not None else ()
        for code in (value.code for value in made if isinstance(value, FunctionValue)):
            for _, op in code.operations(ir.Call):
                function = code.scope.ops[op.function]
                if isinstance(function, ir.Attribute) and function.name == "__init__":
                    given = (*op.arguments[:1], *(value for key, value in op.keywords if key == name))
                    return tuple(self._inference.values(code, index) for index in given)
        return ()

    def _with_overrides(self, receiver: Instance, name: str, found: Values) -> Values:
        cls = receiver.code
        overriding = self.overriding(cls, name)
        if receiver.without:
            overriding = tuple(child for child in overriding if receiver.without.isdisjoint(self.order(child)))
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
        if isinstance(value, Instance) and self.describes(value.code, on_class):
            return self._inference.calls.result_of_method(value, "__get__")
        return (value,)

    def _narrowed(self, value: Value, receiver: Instance) -> Instance:
        """The receiver of a method: of the class that defines it, or of one derived from that which does not itself."""
        function = value.function if isinstance(value, (Accessor, Managed)) else value
        owner = function.code.owner if isinstance(function, FunctionValue) else None
        if owner is None or not isinstance(function, FunctionValue):
            return receiver
        if owner in self.order(receiver.code):
            cls = receiver.code
        elif receiver.code in self.order(owner):
            cls = owner
        else:
            return receiver
        name = function.code.scope.name
        others = self.overriding(cls, name) if self.defining(cls, name) is owner else ()
        if cls is receiver.code and receiver.without.issuperset(others):
            return receiver
        return Instance(cls, receiver.environment, without=receiver.without.union(others))

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


def is_stub(value: Value) -> bool:
    """Whether a function only stands for those that override it."""
    if isinstance(value, Accessor):
        return is_stub(value.function)
    return isinstance(value, (FunctionValue, Method)) and value.code.scope.is_stub


def _is_of_class(value: Value) -> bool:
    """Whether a value is bound to the class, or to nothing, where it is asked of an instance."""
    return isinstance(value, Accessor) and value.kind in ("class", "static")


def instance_of(receiver: Value | None, base: str) -> ExternalInstance:
    """The receiver seen as an instance of another package's class: its first type argument is its own type."""
    if isinstance(receiver, ClassValue):
        return ExternalInstance(base, ((Instance(receiver.code),),))
    if isinstance(receiver, (Instance, Self)):
        return ExternalInstance(base, ((receiver,),))
    return ExternalInstance(base)
