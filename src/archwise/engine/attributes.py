"""What an attribute gives, told from the kind of value that it is read on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine.steps import extended
from archwise.engine.values import (
    NOTHING,
    UNKNOWN_VALUES,
    Awaitable,
    ClassValue,
    ContainerMethod,
    External,
    ExternalInstance,
    ExternalMethod,
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
    Values,
    is_known,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from archwise.engine.inference import Inference


def _of_class(inference: Inference, value: Instance | Self | ClassValue, name: str) -> Values:
    return inference.classes.attribute(value, name)


def _of_module(inference: Inference, value: ModuleValue, name: str) -> Values:
    return inference.names.of_module(value.module, name) or _submodule(inference, value, name)


def _of_external(inference: Inference, value: External, name: str) -> Values:
    if inference.facts.class_(value.name) is not None:
        instance = ExternalInstance(inference.facts.canonical(value.name))
        text = inference.facts.attribute(value.name, name)
        if text is not None:
            return inference.annotations.text(text, instance)
        kept = inference.classes.kept_on(instance.name, name)
        if is_known(kept):
            return kept
    return (External(f"{value.name}.{name}"),)


def _of_external_instance(inference: Inference, value: ExternalInstance, name: str) -> Values:
    text = inference.facts.attribute(value.name, name)
    found = inference.annotations.text(text, value) if text is not None else NOTHING
    if text is not None and (is_known(found) or not text.startswith("$")):
        return inference.containers.of_external(value.name, name, found)
    if inference.facts.method(value.name, name) is None:
        kept = inference.classes.kept_on(value.name, name)
        if is_known(kept):
            return kept
        given = inference.protocols.of_namespace(value, name)
        if is_known(given):
            return given
    return (ExternalMethod(value, name),)


def _of_symbol(inference: Inference, value: Symbolic, name: str) -> Values:
    return extended(value, f".{name}")


def _of_container(inference: Inference, value: ItemsOf | MappingOf | TupleOf, name: str) -> Values:
    return (ContainerMethod(value, name),)


def _of_literal(inference: Inference, value: Literal, name: str) -> Values:
    return (External(f"builtins.str.{name}"),) if value.kind == "str" else UNKNOWN_VALUES


def _of_super(inference: Inference, value: Super, name: str) -> Values:
    return inference.classes.of_super(value.cls, value.receiver, name)


def _of_namespace(inference: Inference, value: Namespace, name: str) -> Values:
    child = f"{value.name}.{name}"
    if inference.program.exists(child):
        module = inference.program.modules.get(child)
        return (ModuleValue(module),) if module else (Namespace(child, f"{value.imported}.{name}"),)
    return (External(f"{value.imported}.{name}"),)


def _of_awaitable(inference: Inference, value: Awaitable, name: str) -> Values:
    return (ExternalMethod(ExternalInstance("asyncio.Task", (value.result,)), name),)


def _of_partial(inference: Inference, value: Partial, name: str) -> Values:
    return value.function if name == "func" else UNKNOWN_VALUES


def _submodule(inference: Inference, value: ModuleValue, name: str) -> Values:
    module = value.module
    if module.is_package:
        return inference.names.module_or_folder(module, f"{module.name}.{name}" if module.name else name, name)
    return UNKNOWN_VALUES


ATTRIBUTES: dict[type, Callable[..., Values]] = {
    Literal: _of_literal,
    Instance: _of_class,
    Self: _of_class,
    ClassValue: _of_class,
    ModuleValue: _of_module,
    External: _of_external,
    ExternalInstance: _of_external_instance,
    Symbolic: _of_symbol,
    ItemsOf: _of_container,
    MappingOf: _of_container,
    TupleOf: _of_container,
    Super: _of_super,
    Namespace: _of_namespace,
    Awaitable: _of_awaitable,
    Partial: _of_partial,
}
