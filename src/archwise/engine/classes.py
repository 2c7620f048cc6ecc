"""Attributes of classes of the program and of their instances."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.delegation import Delegation
from archwise.engine.descriptors import bind, bound
from archwise.engine.fields import Fields
from archwise.engine.hierarchy import Hierarchy
from archwise.engine.inherited import inherited
from archwise.engine.values import (
    NOTHING,
    UNKNOWN_VALUES,
    Accessor,
    ClassValue,
    ContainerMethod,
    External,
    ExternalInstance,
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
        self._from_beside: dict[tuple[Code, str], Values] = {}
        self._delegation = Delegation(inference)

    def is_set_outside(self, name: str) -> bool:
        """Whether an attribute of this name is assigned anywhere but by methods to their own object."""
        return name in self._fields.outside

    def attribute(self, receiver: Value, name: str) -> Values:
        """What ``receiver.name`` may be, for an instance or class of the program."""
        found = union(*(bind(self._inference, value, receiver) for value in self.raw(receiver, name)))
        cls = class_of(receiver)
        if found and cls is not None and self._delegation.intercepts(cls):
            return union(found, UNKNOWN_VALUES)
        if not found and name == "__subclasses__" and isinstance(receiver, ClassValue):
            found = self._derived(receiver.code)
        found = found or self._of_metaclass(receiver, name) or self._delegation.attribute(receiver, name)
        return found or UNKNOWN_VALUES

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

    def assigned(self, cls: Code, name: str) -> Values:
        """What methods of a class assign to an attribute of their own object, and other code to one of its objects."""
        return union(self._fields.of_methods(cls, name), self._fields.of_others(self.order(cls), name))

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
                found = inherited(self._inference, base, name, receiver)
        if not found and name == "__new__":
            return (External("builtins.object.__new__"),)
        return union(*(bind(self._inference, value, receiver) for value in found)) or UNKNOWN_VALUES

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
                found += [self._inference.calls.plain_result((getter,)) for getter in bound(value.function, receiver)]
            else:
                found.append(bound(value, receiver))
        return union(*found)

    def _of_self(self, receiver: Self, name: str) -> Values:
        cls = receiver.cls
        found = self._own(cls, name, receiver)
        overriding = self.overriding(cls, name)
        if overriding and (not is_known(found) or any(isinstance(value, (FunctionValue, Accessor)) for value in found)):
            first = receiver.method.scope.parameters[0].name
            return (Symbolic(receiver.method, first, (f".{name}",)),)
        return found or self._beside(cls, name)

    def _beside(self, cls: Code, name: str) -> Values:
        """What a mixin's objects have of other packages' classes, which those that it is mixed with derive from."""
        key = cls, name
        found = self._from_beside.get(key)
        if found is None:
            self._from_beside[key] = NOTHING
            mixed = [child for child in self.descendants(cls) if not self.children(child)][: _MOST_OVERRIDES + 1]
            given = [self._own(child, name, Instance(child)) or UNKNOWN_VALUES for child in mixed]
            is_mixin = 0 < len(mixed) <= _MOST_OVERRIDES and not self.external_bases(cls)
            found = self._from_beside[key] = union(*given) if is_mixin and any(map(is_known, given)) else NOTHING
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
            found = inherited(self._inference, base, name, receiver)
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


def is_stub(value: Value) -> bool:
    """Whether a function only stands for those that override it."""
    if isinstance(value, Accessor):
        return is_stub(value.function)
    return isinstance(value, (FunctionValue, Method)) and value.code.scope.is_stub


def _is_of_class(value: Value) -> bool:
    """Whether a value is bound to the class, or to nothing, where it is asked of an instance."""
    return isinstance(value, Accessor) and value.kind in ("class", "static")
