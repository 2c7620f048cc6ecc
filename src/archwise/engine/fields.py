"""What is kept on instances: by the methods of their class, and by code outside it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from archwise.engine.values import (
    NOTHING,
    ClassValue,
    External,
    ExternalInstance,
    Instance,
    ModuleValue,
    Self,
    Symbolic,
    Value,
    Values,
    is_vague,
    union,
)

if TYPE_CHECKING:
    from archwise.engine import ir
    from archwise.engine.hierarchy import Hierarchy
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code, Module

_MOST_STORES = 12
_MODULE = "types.ModuleType"


class Fields:
    """Evaluates what is stored under an attribute."""

    def __init__(self, inference: Inference, hierarchy: Hierarchy) -> None:
        self._inference = inference
        self._hierarchy = hierarchy
        self._stored: dict[tuple[Code, str], Values] = {}
        self._kept: dict[tuple[str, str], Values] = {}

    def of_methods(self, cls: Code, name: str) -> Values:
        """What the methods of a class keep on ``self``."""
        key = cls, name
        found = self._stored.get(key)
        if found is None:
            self._stored[key] = NOTHING
            places = self._hierarchy.stores(cls).get(name, ())
            groups = [self._store(code, value, annotation) for code, value, annotation in places]
            found = self._stored[key] = (
                self._inference.containers.of_attribute(cls, name, union(*groups)) if groups else NOTHING
            )
        return found

    def of_others(self, order: tuple[Code | str, ...], name: str) -> Values:
        """What code outside the class's own methods puts on its instances: ``service.client = …``."""
        groups: list[Values] = []
        for code, store in self._from_outside(name):
            for target in self._inference.values(code, store.target):
                cls: Code | str | None = target.cls if isinstance(target, Self) else getattr(target, "code", None)
                cls = self._customary(target) if isinstance(target, Symbolic) else cls
                if cls in order and isinstance(target, (Instance, Self, ClassValue, Symbolic)):
                    groups.append(self._store(code, store.value, store.annotation))
        return union(*groups)

    def of_module(self, module: Module, name: str) -> Values:
        """What the program assigns to a module's name from outside."""
        return union(
            *(
                self._store(code, store.value, store.annotation)
                for code, store in self._from_outside(name)
                if ModuleValue(module) in self._inference.values(code, store.target)
            )
        )

    def of_externals(self, cls: str, name: str) -> Values:
        """What the program puts on instances of another package's class, or of one that this is or derives from."""
        key = cls, name
        found = self._kept.get(key)
        if found is None:
            self._kept[key] = NOTHING
            found = self._kept[key] = union(
                *(
                    self._store(code, store.value, store.annotation)
                    for code, store in self._from_outside(name)
                    if any(self._is_of(target, cls) for target in self._inference.values(code, store.target))
                )
            )
        return found

    def of_loaded(self, name: str) -> Values:
        """What the program, its tests apart, puts on modules that it makes itself: they are yet to run."""
        key = _MODULE, name
        found = self._kept.get(key)
        if found is None:
            self._kept[key] = NOTHING
            stores = [(code, store) for code, store in self.outside.get(name, ()) if not code.module.is_test]
            found = self._kept[key] = union(
                *(
                    self._store(code, store.value, store.annotation)
                    for code, store in stores[:_MOST_STORES]
                    if ExternalInstance(_MODULE) in self._inference.values(code, store.target)
                )
            )
        return found

    def _is_of(self, target: Value, cls: str) -> bool:
        """Whether a value is of another package's class, or of its kin, as far as is known or usual for its name."""
        if isinstance(target, Symbolic):
            customary = self._customary(target)
            return bool(customary) and self._are_kin(customary, cls)
        return isinstance(target, (External, ExternalInstance)) and self._are_kin(target.name, cls)

    def _customary(self, parameter: Symbolic) -> str:
        """The class that a parameter of this name is usually of; empty where it is none."""
        text = self._inference.facts.customary(parameter.name)
        return self._inference.facts.canonical(text) if text and not parameter.path else ""

    def _are_kin(self, one: str, other: str) -> bool:
        if one == other:
            return True
        names = [{cls.name for cls, _ in self._inference.facts.ancestors(each)} for each in (one, other)]
        return one in names[1] or other in names[0]

    def _from_outside(self, name: str) -> list[tuple[Code, ir.Store]]:
        """Where an attribute of this name is assigned otherwise than by a method to its own object; few places only."""
        entries = self.outside.get(name, [])
        return entries if len(entries) <= _MOST_STORES else []

    @functools.cached_property
    def outside(self) -> dict[str, list[tuple[Code, ir.Store]]]:
        """All such places, by the attribute's name."""
        found: dict[str, list[tuple[Code, ir.Store]]] = {}
        for code in self._inference.program.codes():
            for store in code.scope.stores:
                if not store.item and not (code.owner is not None and self._hierarchy.is_receiver(code, store.target)):
                    found.setdefault(store.name, []).append((code, store))
        return found

    def _store(self, code: Code, value: int, annotation: int) -> Values:
        found = self._inference.values(code, value)
        if annotation and (is_vague(found) or any(isinstance(each, Symbolic) for each in found)):
            return self._inference.annotations.over(self._inference.annotations.values(code, annotation), found)
        return found
