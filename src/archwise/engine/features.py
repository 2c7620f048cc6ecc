"""The features of a program: packages side by side that each hold their own layers, declared or inferred."""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from typing import TYPE_CHECKING

from archwise.engine.layers import declared_as, is_application, is_within, layer_named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.imports import Import, Imports
    from archwise.engine.layers import Declared
    from archwise.engine.program import Module, Program

_FEWEST_LAYERS = 2
_FEWEST_FEATURES = 3
_MANY_LAYERS = 3
"""So many layers in each tell features by themselves, also where there are but two."""
_INTERNAL = frozenset({"routes", "repositories"})
"""Layers of a feature that are its own business; its services and schemas are what others ask."""
_OF_APP = frozenset({"apps", "migrations"})
"""Modules that an application of Django has: beside one layer they tell it from a folder that holds but that layer."""
_WIRING = frozenset({"urls", "routing", "main", "app", "application", "asgi", "wsgi"})
"""Modules that put an application together: the routes of its features are theirs to mount."""


class Features:
    """Which feature each module is of."""

    def __init__(self, program: Program, imports: Imports, declared: Declared) -> None:
        self._program = program
        self._imports = imports
        self._declared = declared.features

    @property
    def is_declared(self) -> bool:
        """Whether the project says what its features are."""
        return bool(self._declared)

    @functools.cached_property
    def names(self) -> tuple[str, ...]:
        """The features: by their declared names in that order, or by the packages' names."""
        return tuple(self._declared) or self._inferred

    def of(self, module: Module) -> str | None:
        """The feature of a module, None where it is of none."""
        return self._found.get(module)

    def inside(self, each: Import) -> str:
        """What of a feature's inside an import takes: a layer, ``private``, or nothing."""
        name = self._program.imported_as(each.target)
        around = self._program.imported_as(each.importer).split(".")
        apart = itertools.dropwhile(lambda pair: pair[0] == pair[1], itertools.zip_longest(name.split("."), around))
        if any(part and _is_private(part) for part in (*(part for part, _ in apart), each.name)):
            return "private"
        layer = layer_named(name)
        return layer if layer in _INTERNAL and not (layer == "routes" and around[-1] in _WIRING) else ""

    @functools.cached_property
    def crossings(self) -> dict[tuple[str, str], tuple[Import, ...]]:
        """The imports between features, by importing and imported one; those for types only left out."""
        found: dict[tuple[str, str], list[Import]] = {}
        for each in self._imports.all:
            importing, imported = self.of(each.importer), self.of(each.target)
            if importing and imported and importing != imported and each.when != "typing":
                found.setdefault((importing, imported), []).append(each)
        return {pair: tuple(imports) for pair, imports in found.items()}

    @functools.cached_property
    def wrong(self) -> tuple[Import, ...]:
        """The imports of one feature's inside by another, by the importer's name."""
        found = [
            each
            for (_, imported), imports in self.crossings.items()
            for each in imports
            if self.inside(each) and (self.is_declared or imported not in self._common)
        ]
        return tuple(sorted(found, key=lambda each: (each.importer.name, each.line, each.op)))

    @functools.cached_property
    def _common(self) -> frozenset[str]:
        """Packages that look like features, and that most others build on: what they have is there for all."""
        users = Counter(imported for (_, imported), each in self.crossings.items() if any(map(self.inside, each)))
        least = max(_FEWEST_FEATURES, len(self.names) / 2)
        return frozenset(name for name, count in users.items() if count >= least)

    @functools.cached_property
    def _found(self) -> dict[Module, str]:
        return dict(self._find())

    def _find(self) -> Iterator[tuple[Module, str]]:
        tops = {name.count(".") for name in self._inferred}
        for module in self._program.by_name:
            if not is_application(module):
                continue
            name = self._program.imported_as(module)
            if self.is_declared:
                feature = declared_as(name, self._declared)
            else:
                above = (".".join(name.split(".")[: count + 1]) for count in tops)
                feature = next((package for package in above if package in self._inferred), None)
            if feature is not None:
                yield module, feature

    @functools.cached_property
    def _inferred(self) -> tuple[str, ...]:
        """Packages side by side of which each holds modules of several layers."""
        if self.is_declared:
            return ()
        layers: dict[str, set[str]] = {}
        folders: dict[str, str] = {}
        for module in self._program.by_name:
            name = self._program.imported_as(module)
            package, _, last = name.rpartition(".")
            if not package or layer_named(package):
                continue
            if last in _OF_APP:
                layers.setdefault(package, set()).add("application")
                continue
            layer = layer_named(".".join(name.split(".")[-2:]))
            if layer and is_application(module):
                layers.setdefault(package, set()).add(layer)
                folders.setdefault(package, _around(module))
        siblings: dict[str, list[str]] = {}
        for package in sorted(package for package in folders if len(layers[package]) >= _FEWEST_LAYERS):
            siblings.setdefault(folders[package], []).append(package)
        found = [
            package
            for packages in siblings.values()
            if len(packages) >= _FEWEST_FEATURES
            or (len(packages) > 1 and all(len(layers[each]) >= _MANY_LAYERS for each in packages))
            for package in packages
        ]
        return tuple(p for p in found if not any(other != p and is_within(p, other) for other in found))


def _around(module: Module) -> str:
    """The folder in which the package of a module stands."""
    depth = 3 if module.is_package else 2
    return module.path.rsplit("/", depth)[0] if module.path.count("/") >= depth else ""


def _is_private(part: str) -> bool:
    return part.startswith("_") and not part.startswith("__")
