"""What each kind of operation gives, told from what its operands may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.arguments import Arguments
from archwise.engine.operators import operated
from archwise.engine.steps import extended
from archwise.engine.values import (
    NOTHING,
    UNKNOWN,
    UNKNOWN_VALUES,
    External,
    ExternalMethod,
    Generated,
    Instance,
    ItemsOf,
    Literal,
    MappingOf,
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

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code


def _name(inference: Inference, code: Code, op: ir.Name, index: int) -> Values:
    return inference.names.read(code, op.id, op.block, index)


def _attribute(inference: Inference, code: Code, op: ir.Attribute, index: int) -> Values:
    base = inference.values(code, op.value)
    if len(base) == 1:
        found = inference.attribute(base[0], op.name) or UNKNOWN_VALUES
    else:
        found = union(*(inference.attribute(value, op.name) for value in base)) or UNKNOWN_VALUES
    if not is_known(found) or all(isinstance(v, (ExternalMethod, Symbolic, External)) for v in found):
        kept = inference.carried.attribute(code, op)
        found = kept if is_known(kept) else found
    if op.name in code.tested and (path := ir.path(code.scope.ops, index)):
        found = inference.names.narrow(code, path, op.block, found)
    return found


def _call(inference: Inference, code: Code, op: ir.Call, index: int) -> Values:
    called = inference.values(code, op.function)
    if called == UNKNOWN_VALUES:
        return inference.containers.got(code, op)
    if len(called) == 1 and isinstance(called[0], External):
        name = called[0].name
        if name == "builtins.super":
            return _super(inference, code)
        if name in ("typing.cast", "typing_extensions.cast") and len(op.arguments) == 2:
            declared = inference.annotations.values(code, op.arguments[0])
            return declared if is_known(declared) else inference.values(code, op.arguments[1])
        found = inference.parameters.injection(code, index) if len(op.arguments) == 1 else NOTHING
        if found:
            return found
    return inference.calls.result(called, Arguments.of(inference, code, op))


def _super(inference: Inference, code: Code) -> Values:
    method = code
    while method.owner is None:
        if method.parent is None:
            return UNKNOWN_VALUES
        method = method.parent
    receiver = inference.parameters.receiver(method, method.owner)
    return (Super(method.owner, receiver),) if receiver is not None else UNKNOWN_VALUES


def _await(inference: Inference, code: Code, op: ir.Await, index: int) -> Values:
    return inference.protocols.awaited(inference.values(code, op.value))


def _item(inference: Inference, code: Code, op: ir.Item, index: int) -> Values:
    key = inference.values(code, op.key)
    found = inference.protocols.under_typed_key(key)
    if is_known(found):
        return found
    found = union(*(inference.protocols.item(value, key) for value in inference.values(code, op.value)))
    if not is_known(found) and len(key) == 1 and isinstance(key[0], Literal) and key[0].kind == "str":
        given = inference.parameters.keyword(code, op.value, key[0].text)
        return given or inference.containers.under_key(code, op.value, key[0].text) or found
    return inference.carried.under_key(code, op, key, found)


def _element(inference: Inference, code: Code, op: ir.Element, index: int) -> Values:
    return union(*(inference.protocols.element(value) for value in inference.values(code, op.value)))


def _enter(inference: Inference, code: Code, op: ir.Enter, index: int) -> Values:
    values = inference.values(code, op.value)
    if op.is_async and len(values) > 1:
        values = tuple(value for value in values if not _is_plain_manager(inference, value)) or values
    return union(*(inference.protocols.entered(value) for value in values))


def _is_plain_manager(inference: Inference, value: Value) -> bool:
    """Whether a value can be entered by ``with`` only."""
    if isinstance(value, Instance):
        return (
            inference.classes.defining(value.code, "__aenter__") is None
            and inference.classes.defining(value.code, "__enter__") is not None
        )
    return isinstance(value, Generated) and not value.code.scope.is_async


def _display(inference: Inference, code: Code, op: ir.Display, index: int) -> Values:
    items = tuple(inference.values(code, item) for item in op.items)
    if op.kind == "tuple":
        return (TupleOf(items),)
    return (ItemsOf(tuple(v for v in union(*items) if not isinstance(v, Literal))),)


def _mapping(inference: Inference, code: Code, op: ir.Mapping, index: int) -> Values:
    named: dict[str, Values] = {}
    items: list[Values] = []
    keys: list[Values] = []
    for key, value in zip(op.keys, op.values, strict=True):
        found = inference.values(code, value)
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
        name = inference.values(code, key)
        keys.append(telling(name))
        if len(name) == 1 and isinstance(name[0], Literal):
            named[name[0].text] = found
    merged = tuple(v for v in union(*items) if not isinstance(v, Literal))
    return (MappingOf(merged, tuple(named.items()), union(*keys)),)


def _either(inference: Inference, code: Code, op: ir.Either, index: int) -> Values:
    return union(*(inference.values(code, option) for option in op.options))


def _unpack(inference: Inference, code: Code, op: ir.Unpack, index: int) -> Values:
    key: Values = (Literal("number", str(op.position)),) if op.position >= 0 else (UNKNOWN,)
    groups = []
    for value in inference.values(code, op.value):
        if isinstance(value, (ItemsOf, TupleOf)) or inference.classes.is_named_tuple(value):
            groups.append(inference.protocols.item(value, key))
        elif isinstance(value, Symbolic):
            groups.append(extended(value, "[]"))
        else:
            groups.append(inference.construction.field_at(value, op.position) or inference.protocols.element(value))
    return union(*groups)


def _formatted(inference: Inference, code: Code, op: ir.Formatted, index: int) -> Values:
    return (Literal("str", ""),)


def _raised(inference: Inference, code: Code, op: ir.Raised, index: int) -> Values:
    return inference.annotations.instances(inference.values(code, op.type))


def _define(inference: Inference, code: Code, op: ir.Define, index: int) -> Values:
    return inference.decorators.defined(code, code.module.codes[op.scope])


def _import(inference: Inference, code: Code, op: ir.Import, index: int) -> Values:
    return inference.names.imported(code.module, op)


def _constant(inference: Inference, code: Code, op: ir.Constant, index: int) -> Values:
    return (Literal(op.kind, op.text),)


def _unknown(inference: Inference, code: Code, op: ir.AnyOp, index: int) -> Values:
    return UNKNOWN_VALUES


EVALUATE: dict[type, Callable[..., Values]] = {
    ir.Unknown: _unknown,
    ir.Constant: _constant,
    ir.Name: _name,
    ir.Attribute: _attribute,
    ir.Call: _call,
    ir.Await: _await,
    ir.Item: _item,
    ir.Element: _element,
    ir.Enter: _enter,
    ir.Operation: operated,
    ir.Display: _display,
    ir.Mapping: _mapping,
    ir.Either: _either,
    ir.Unpack: _unpack,
    ir.Formatted: _formatted,
    ir.Raised: _raised,
    ir.Raise: _unknown,
    ir.Return: _unknown,
    ir.Define: _define,
    ir.Import: _import,
}
