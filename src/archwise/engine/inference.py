"""What an expression can be: evaluates operations on demand, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.annotations import Annotations
from archwise.engine.arguments import Arguments
from archwise.engine.calls import Calls
from archwise.engine.carried import Carried
from archwise.engine.classes import Classes
from archwise.engine.construction import Construction
from archwise.engine.containers import Containers
from archwise.engine.decorators import Decorators
from archwise.engine.names import Names
from archwise.engine.operators import operated
from archwise.engine.parameters import Parameters
from archwise.engine.protocols import Protocols
from archwise.engine.substitute import Substitution
from archwise.engine.values import (
    NOTHING,
    UNKNOWN,
    UNKNOWN_VALUES,
    Awaitable,
    ClassValue,
    ContainerMethod,
    External,
    ExternalInstance,
    ExternalMethod,
    Generated,
    Instance,
    ItemsOf,
    Literal,
    MappingOf,
    ModuleValue,
    Namespace,
    Partial,
    Self,
    Super,
    Symbolic,
    TupleOf,
    Value,
    Values,
    is_known,
    telling,
    union,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from archwise.engine.program import Code, Program
    from archwise.knowledge.facts import Facts
    from archwise.knowledge.schema import Boundary

_LONGEST_PATH = 10
"""Steps from a parameter, as in ``request.app.state.db``; recursive code would lengthen it for ever."""
_SHALLOW = 2
_DEEPEST_DEMAND = 150
"""Operations that ask for one another, well below the interpreter's own limit."""
_DEEPEST_SUBSTITUTION = 8
"""Paths that are followed while following a path, one within the other."""
_MOST_FOLLOWED = 2_000
"""Paths that are followed in all while following one."""


class Inference:
    """The values of a program's expressions."""

    def __init__(self, program: Program, facts: Facts) -> None:
        self.program = program
        self.facts = facts
        self.names = Names(self)
        self.classes = Classes(self)
        self.containers = Containers(self)
        self.parameters = Parameters(self)
        self.calls = Calls(self)
        self.construction = Construction(self)
        self.carried = Carried(self)
        self.protocols = Protocols(self)
        self.annotations = Annotations(self)
        self.substitution = Substitution(self)
        self.decorators = Decorators(self)
        self._depth = 0
        self._following = self._followed = 0

    def values(self, code: Code, index: int) -> Values:
        """What the operation ``index`` of ``code`` may be, in terms of the parameters around it.

        Never empty, but for an operation that is being evaluated already: a value that is made of itself, as in
        ``node = node.next``, comes to what the rest of it comes to.
        """
        if index == 0:
            return UNKNOWN_VALUES
        found = code.values[index]
        if found is not None:
            return found
        if self._depth > _DEEPEST_DEMAND:
            return UNKNOWN_VALUES
        code.values[index] = NOTHING
        op = code.scope.ops[index]
        self._depth += 1
        found = _EVALUATE[type(op)](self, code, op, index) or UNKNOWN_VALUES
        self._depth -= 1
        code.values[index] = found
        return found

    @property
    def is_shallow(self) -> bool:
        """Whether no more is being evaluated than a name, and what is done with it: what is found then is whole."""
        return self._depth <= _SHALLOW

    # -- steps

    def attribute(self, value: Value, name: str) -> Values:
        """What ``value.name`` may be."""
        handler = _ATTRIBUTES.get(type(value))
        return handler(self, value, name) if handler is not None else UNKNOWN_VALUES

    def _of_class(self, value: Instance | Self | ClassValue, name: str) -> Values:
        return self.classes.attribute(value, name)

    def _of_module(self, value: ModuleValue, name: str) -> Values:
        return self.names.of_module(value.module, name) or self._submodule(value, name)

    def _of_external(self, value: External, name: str) -> Values:
        if self.facts.class_(value.name) is not None:
            instance = ExternalInstance(self.facts.canonical(value.name))
            text = self.facts.attribute(value.name, name)
            if text is not None:
                return self.annotations.text(text, instance)
            kept = self.classes.kept_on(instance.name, name)
            if is_known(kept):
                return kept
        return (External(f"{value.name}.{name}"),)

    def _of_external_instance(self, value: ExternalInstance, name: str) -> Values:
        text = self.facts.attribute(value.name, name)
        found = self.annotations.text(text, value) if text is not None else NOTHING
        if text is not None and (is_known(found) or not text.startswith("$")):
            return self.containers.of_external(value.name, name, found)
        if self.facts.method(value.name, name) is None:
            kept = self.classes.kept_on(value.name, name)
            if is_known(kept):
                return kept
        return (ExternalMethod(value, name),)

    def _of_symbol(self, value: Symbolic, name: str) -> Values:
        return self.extended(value, f".{name}")

    def _of_container(self, value: ItemsOf | MappingOf | TupleOf, name: str) -> Values:
        return (ContainerMethod(value, name),)

    def _of_literal(self, value: Literal, name: str) -> Values:
        return (External(f"builtins.str.{name}"),) if value.kind == "str" else UNKNOWN_VALUES

    def _of_super(self, value: Super, name: str) -> Values:
        return self.classes.of_super(value.cls, value.receiver, name)

    def _of_namespace(self, value: Namespace, name: str) -> Values:
        child = f"{value.name}.{name}"
        if self.program.exists(child):
            module = self.program.modules.get(child)
            return (ModuleValue(module),) if module else (Namespace(child, f"{value.imported}.{name}"),)
        return (External(f"{value.imported}.{name}"),)

    def _of_awaitable(self, value: Awaitable, name: str) -> Values:
        return (ExternalMethod(ExternalInstance("asyncio.Task", (value.result,)), name),)

    def _of_partial(self, value: Partial, name: str) -> Values:
        return value.function if name == "func" else UNKNOWN_VALUES

    def _submodule(self, value: ModuleValue, name: str) -> Values:
        module = value.module
        if module.is_package:
            return self.names.module_or_folder(module, f"{module.name}.{name}" if module.name else name, name)
        return UNKNOWN_VALUES

    def extended(self, value: Symbolic, step: str) -> Values:
        """What a parameter will be after one more step."""
        if len(value.path) >= _LONGEST_PATH:
            return UNKNOWN_VALUES
        return (Symbolic(value.code, value.name, (*value.path, step)),)

    def follow(self, values: Values, path: tuple[str, ...]) -> Values:
        """What the steps of a path make of values."""
        self._followed = self._followed + 1 if self._following else 0
        if self._following >= _DEEPEST_SUBSTITUTION or self._followed > _MOST_FOLLOWED:
            return UNKNOWN_VALUES
        self._following += 1
        for step in path:
            values = union(*(self._step(value, step) for value in values))
        self._following -= 1
        return values or UNKNOWN_VALUES

    def _step(self, value: Value, step: str) -> Values:
        if step == "()":
            return self.calls.plain_result((value,))
        if step == "await":
            return self.protocols.awaited((value,))
        if step == "[]":
            return self.protocols.element(value)
        if step == "with":
            return self.protocols.entered(value)
        if step == "[?]":
            return self.protocols.item(value, UNKNOWN_VALUES)
        if step.startswith("["):
            return self.protocols.item(value, (Literal("str", step[1:-1]),))
        return self.attribute(value, step[1:])

    # -- operations

    def _name(self, code: Code, op: ir.Name, index: int) -> Values:
        return self.names.read(code, op.id, op.block, index)

    def _attribute(self, code: Code, op: ir.Attribute, index: int) -> Values:
        base = self.values(code, op.value)
        if len(base) == 1:
            found = self.attribute(base[0], op.name) or UNKNOWN_VALUES
        else:
            found = union(*(self.attribute(value, op.name) for value in base)) or UNKNOWN_VALUES
        if not is_known(found) or all(isinstance(v, (ExternalMethod, Symbolic, External)) for v in found):
            kept = self.carried.attribute(code, op)
            found = kept if is_known(kept) else found
        if op.name in code.tested and (path := ir.path(code.scope.ops, index)):
            found = self.names.narrow(code, path, op.block, found)
        return found

    def boundary(self, code: Code, op: ir.Call) -> Boundary | None:
        """How the library runs what this call hands it; None unless all that the callee may be says the same."""
        found: list[Boundary | None] = []
        for value in self.values(code, op.function):
            if isinstance(value, External):
                found.append(self.facts.boundary(value.name))
            elif isinstance(value, ExternalMethod):
                found.append(self.facts.boundary(f"{value.receiver.name}.{value.name}"))
            else:
                return None
        return found[0] if found and all(each is found[0] for each in found) else None

    def arguments(self, code: Code, op: ir.Call) -> Arguments:
        """A call's arguments, evaluated on demand."""
        return Arguments.of(self, code, op)

    def _call(self, code: Code, op: ir.Call, index: int) -> Values:
        called = self.values(code, op.function)
        if called == UNKNOWN_VALUES:
            return self.containers.got(code, op)
        if len(called) == 1 and isinstance(called[0], External):
            name = called[0].name
            if name == "builtins.super":
                return self._super(code)
            if name in ("typing.cast", "typing_extensions.cast") and len(op.arguments) == 2:
                declared = self.annotations.values(code, op.arguments[0])
                return declared if is_known(declared) else self.values(code, op.arguments[1])
            found = self.parameters.injection(code, index) if len(op.arguments) == 1 else NOTHING
            if found:
                return found
        return self.calls.result(called, self.arguments(code, op))

    def _super(self, code: Code) -> Values:
        method = code
        while method.owner is None:
            if method.parent is None:
                return UNKNOWN_VALUES
            method = method.parent
        receiver = self.parameters.receiver(method, method.owner)
        return (Super(method.owner, receiver),) if receiver is not None else UNKNOWN_VALUES

    def _await(self, code: Code, op: ir.Await, index: int) -> Values:
        return self.protocols.awaited(self.values(code, op.value))

    def _item(self, code: Code, op: ir.Item, index: int) -> Values:
        key = self.values(code, op.key)
        found = self.protocols.under_typed_key(key)
        if is_known(found):
            return found
        found = union(*(self.protocols.item(value, key) for value in self.values(code, op.value)))
        if not is_known(found) and len(key) == 1 and isinstance(key[0], Literal) and key[0].kind == "str":
            given = self.parameters.keyword(code, op.value, key[0].text)
            return given or self.containers.under_key(code, op.value, key[0].text) or found
        return self.carried.under_key(code, op, key, found)

    def _element(self, code: Code, op: ir.Element, index: int) -> Values:
        return union(*(self.protocols.element(value) for value in self.values(code, op.value)))

    def _enter(self, code: Code, op: ir.Enter, index: int) -> Values:
        values = self.values(code, op.value)
        if op.is_async and len(values) > 1:
            values = tuple(value for value in values if not self._is_plain_manager(value)) or values
        return union(*(self.protocols.entered(value) for value in values))

    def _is_plain_manager(self, value: Value) -> bool:
        """Whether a value can be entered by ``with`` only."""
        if isinstance(value, Instance):
            return (
                self.classes.defining(value.code, "__aenter__") is None
                and self.classes.defining(value.code, "__enter__") is not None
            )
        return isinstance(value, Generated) and not value.code.scope.is_async

    def _display(self, code: Code, op: ir.Display, index: int) -> Values:
        items = tuple(self.values(code, item) for item in op.items)
        if op.kind == "tuple":
            return (TupleOf(items),)
        return (ItemsOf(tuple(v for v in union(*items) if not isinstance(v, Literal))),)

    def _mapping(self, code: Code, op: ir.Mapping, index: int) -> Values:
        named: dict[str, Values] = {}
        items: list[Values] = []
        keys: list[Values] = []
        for key, value in zip(op.keys, op.values, strict=True):
            found = self.values(code, value)
            if not key:
                for each in found:
                    if isinstance(each, MappingOf):
                        named.update(each.named)
                        items.append(each.items)
                        keys.append(each.keys)
                    else:
                        items.append(UNKNOWN_VALUES)
                continue
            items.append(found)
            name = self.values(code, key)
            keys.append(telling(name))
            if len(name) == 1 and isinstance(name[0], Literal):
                named[name[0].text] = found
        merged = tuple(v for v in union(*items) if not isinstance(v, Literal))
        return (MappingOf(merged, tuple(named.items()), union(*keys)),)

    def _either(self, code: Code, op: ir.Either, index: int) -> Values:
        return union(*(self.values(code, option) for option in op.options))

    def _unpack(self, code: Code, op: ir.Unpack, index: int) -> Values:
        key: Values = (Literal("number", str(op.position)),) if op.position >= 0 else (UNKNOWN,)
        groups = []
        for value in self.values(code, op.value):
            if isinstance(value, (ItemsOf, TupleOf)) or self.classes.is_named_tuple(value):
                groups.append(self.protocols.item(value, key))
            elif isinstance(value, Symbolic):
                groups.append(self.extended(value, "[]"))
            else:
                groups.append(self.construction.field_at(value, op.position) or self.protocols.element(value))
        return union(*groups)

    def _formatted(self, code: Code, op: ir.Formatted, index: int) -> Values:
        return (Literal("str", ""),)

    def _raised(self, code: Code, op: ir.Raised, index: int) -> Values:
        return self.annotations.instances(self.values(code, op.type))

    def _define(self, code: Code, op: ir.Define, index: int) -> Values:
        return self.decorators.defined(code, code.module.codes[op.scope])

    def _import(self, code: Code, op: ir.Import, index: int) -> Values:
        return self.names.imported(code.module, op)

    def _constant(self, code: Code, op: ir.Constant, index: int) -> Values:
        return (Literal(op.kind, op.text),)

    def _unknown(self, code: Code, op: ir.AnyOp, index: int) -> Values:
        return UNKNOWN_VALUES


_EVALUATE: dict[type, Callable[..., Values]] = {
    ir.Unknown: Inference._unknown,
    ir.Constant: Inference._constant,
    ir.Name: Inference._name,
    ir.Attribute: Inference._attribute,
    ir.Call: Inference._call,
    ir.Await: Inference._await,
    ir.Item: Inference._item,
    ir.Element: Inference._element,
    ir.Enter: Inference._enter,
    ir.Operation: operated,
    ir.Display: Inference._display,
    ir.Mapping: Inference._mapping,
    ir.Either: Inference._either,
    ir.Unpack: Inference._unpack,
    ir.Formatted: Inference._formatted,
    ir.Raised: Inference._raised,
    ir.Raise: Inference._unknown,
    ir.Return: Inference._unknown,
    ir.Define: Inference._define,
    ir.Import: Inference._import,
}
_ATTRIBUTES: dict[type, Callable[..., Values]] = {
    Literal: Inference._of_literal,
    Instance: Inference._of_class,
    Self: Inference._of_class,
    ClassValue: Inference._of_class,
    ModuleValue: Inference._of_module,
    External: Inference._of_external,
    ExternalInstance: Inference._of_external_instance,
    Symbolic: Inference._of_symbol,
    ItemsOf: Inference._of_container,
    MappingOf: Inference._of_container,
    TupleOf: Inference._of_container,
    Super: Inference._of_super,
    Namespace: Inference._of_namespace,
    Awaitable: Inference._of_awaitable,
    Partial: Inference._of_partial,
}
