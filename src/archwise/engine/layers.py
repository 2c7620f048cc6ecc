"""The layers of a program: declared by the project, or inferred from names, imports and what frameworks call."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import msgspec

from archwise.engine.values import ClassValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from archwise.engine.imports import Import, Imports
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code, Module

LAYERS = ("routes", "dependencies", "services", "repositories", "models")
"""The layers that can be inferred, from the outermost to the innermost: imports go from left to right."""

_NAMES = {
    "routes": ("routes", "route", "routers", "router", "views", "viewsets", "endpoints", "controllers", "blueprints"),
    "dependencies": ("dependencies", "deps"),
    "services": ("services", "service", "usecases", "use_cases", "interactors"),
    "repositories": ("repositories", "repository", "crud", "cruds", "dao", "daos", "dal"),
    "models": ("models", "model", "entities"),
    "schemas": ("schemas", "schema", "serializers", "dto", "dtos"),
}
"""What projects call the folders and modules of a layer; ``schemas`` stand beside the layers, for all to use."""
_LAYER_OF = {name: layer for layer, names in _NAMES.items() for name in names}
_APART = frozenset(
    {"utils", "util", "helpers", "common", "settings", "config", "types", "cli", "tui", "ui", "client", "commands"}
)
"""Folders beside the layers: what is called like a layer inside of one is of none."""
_SUFFIXED = frozenset({"routes", "services", "repositories"})
"""Layers whose names a module's own name may end with: ``user_service``."""
_OUTSIDE = frozenset({"api", "web", "http", "handlers"})
"""Folders whose modules are routes where they hold an endpoint."""
_LEAST = 3
_DRIFT = 4
"""A direction is a convention where imports along it are this many times those against it, or there is but one."""
_VENDORED = frozenset({"vendor", "_vendor", "vendored", "_vendored", "third_party", "thirdparty"})
_GENERATED = frozenset({"migrations", "alembic", "versions", "examples", "docs"}) | _VENDORED
_SCRIPTS = "scripts"
_ASIDE = frozenset({"benchmarks", "example", "demo", "demos"})
"""The uppermost folders of what only measures a program, or shows it, where most of it lies elsewhere."""
_BESIDE = frozenset({"examples", "docs", "docs_src", "3rdparty", "3rd_party"}) | _VENDORED
"""Folders of a repository that hold programs of their own, which are not the one that is looked at."""


class Declared(msgspec.Struct, frozen=True):
    """The structure a project declares: patterns of module names, for each layer (outermost first) and feature."""

    layers: Mapping[str, tuple[str, ...]] = {}
    features: Mapping[str, tuple[str, ...]] = {}

    def unmatched(self, names: Iterable[str]) -> Iterator[tuple[str, str]]:
        """The patterns that none of some modules' names fits, each after the setting that it stands in."""
        names = tuple(names) if self.layers or self.features else ()
        for key, table in (("layers", self.layers), ("features", self.features)):
            for each, patterns in table.items():
                for pattern in patterns:
                    if not any(_matches(name, pattern) for name in names):
                        yield f"{key}.{each}", pattern


class Layers:
    """Which layer each module is of."""

    def __init__(
        self, inference: Inference, imports: Imports, serving: Callable[[], Mapping[Module, int]], declared: Declared
    ) -> None:
        """``serving`` gives the modules that hold a framework's endpoints, and how many."""
        self._inference = inference
        self._imports = imports
        self._serving = serving
        self._declared = declared.layers

    @property
    def is_declared(self) -> bool:
        """Whether the project says what its layers are."""
        return bool(self._declared)

    @property
    def order(self) -> tuple[str, ...]:
        """The layers, outermost first: each may import itself and those after it."""
        return tuple(self._declared) or LAYERS

    def of(self, module: Module) -> str | None:
        """The layer of a module, None where it is of none or that is not clear."""
        return self._found.get(module)

    def modules(self, layer: str) -> tuple[Module, ...]:
        """The modules of a layer, by name."""
        return tuple(module for module, found in self._found.items() if found == layer)

    @functools.cached_property
    def crossings(self) -> dict[tuple[str, str], tuple[Import, ...]]:
        """The imports between layers, by importing and imported layer; those for types only and within one left out."""
        found: dict[tuple[str, str], list[Import]] = {}
        for each in self._imports.all:
            upper, lower = self.of(each.importer), self.of(each.target)
            if not (upper and lower) or upper == lower or each.when == "typing":
                continue
            if self.is_declared or not is_within(self._name(each.importer), _named(self._name(each.target))[0]):
                found.setdefault((upper, lower), []).append(each)
        return {pair: tuple(imports) for pair, imports in found.items()}

    @functools.cached_property
    def wrong(self) -> tuple[Import, ...]:
        """The imports against the direction of the layers, inversions apart, by the importer's name.

        Where layers are inferred, a direction counts only if the program itself mostly keeps to it.
        """
        rank = {layer: position for position, layer in enumerate(self.order)}
        found = []
        for (importing, imported), imports in sorted(self.crossings.items()):
            if importing not in rank or imported not in rank or rank[importing] < rank[imported]:
                continue
            against = [each for each in imports if not self.inverts(each)]
            if self.is_declared or self._is_kept(imported, importing, len(_pairs(against))):
                found.extend(against)
        return tuple(sorted(found, key=lambda each: (each.importer.name, each.line, each.op)))

    def _is_kept(self, upper: str, lower: str, against: int) -> bool:
        along = len(_pairs(self.crossings.get((upper, lower), ())))
        return (along >= _LEAST and along >= _DRIFT * against) or (against == 1 and along > 1)

    def inverts(self, each: Import) -> bool:
        """Whether an import of an outer layer's name is an inversion: an interface that is implemented or asked for."""
        cls = self._class(each)
        if cls is None:
            return False
        return self.is_interface(cls) or any(
            cls in self._inference.classes.order(code) for code in each.importer.codes if code.scope.kind == "class"
        )

    def is_interface(self, cls: Code) -> bool:
        """Whether a class says only what others do: a protocol, or an abstract class."""
        bases = self._inference.classes.external_bases(cls)
        return any(base.rpartition(".")[2] in ("Protocol", "ABC") for base in bases) or any(
            "abstractmethod" in name
            for method in self._inference.classes.methods(cls)
            for name in method.decorator_names
        )

    def _class(self, each: Import) -> Code | None:
        if not each.name:
            return None
        found = self._inference.names.of_module(each.target, each.name)
        return found[0].code if len(found) == 1 and isinstance(found[0], ClassValue) else None

    # -- which module is of which layer

    @functools.cached_property
    def _found(self) -> dict[Module, str]:
        program = self._inference.program
        if self.is_declared:
            pairs = ((m, declared_as(program.imported_as(m), self._declared)) for m in program.by_name)
            return {module: layer for module, layer in pairs if layer}
        return dict(self._infer())

    def _infer(self) -> Iterator[tuple[Module, str]]:
        """By what a module is called, where what the modules of that name do does not speak against it."""
        serving = self._serving()
        if not serving:
            return
        groups: dict[tuple[str, str], list[Module]] = {}
        program = self._inference.program
        for module in program.by_name:
            if is_application(module):
                groups.setdefault(_named(self._name(module)), []).append(module)
        for (group, layer), members in sorted(groups.items()):
            serves = [module for module in members if module in serving]
            if layer == "routes" and serves:
                yield from ((module, layer) for module in members)
            elif layer and layer != "routes" and not serves and self._is_used(group, layer, members):
                yield from ((module, layer) for module in members)
            elif not layer:
                yield from ((module, "routes") for module in serves if self._is_mostly_routes(module))

    def _name(self, module: Module) -> str:
        return self._inference.program.imported_as(module)

    def _is_mostly_routes(self, module: Module) -> bool:
        functions = sum(code.scope.kind == "function" for code in module.codes)
        return not _OUTSIDE.isdisjoint(self._name(module).split(".")) or 2 * self._serving()[module] >= functions

    def _is_used(self, group: str, layer: str, members: list[Module]) -> bool:
        """Whether modules elsewhere import one of these; for dependencies, modules that hold endpoints."""
        serving = self._serving()
        importers = {each.importer for module in members for each in self._imports.to(module)}
        if layer == "dependencies":
            return not importers.isdisjoint(serving)
        return any(not is_within(self._name(importer), group) for importer in importers)


def is_application(module: Module) -> bool:
    """Whether a module is of the application: no test, migration, example or script, and not vendored or generated."""
    parts = module.program.imported_as(module).split(".")
    return _is_own(module, parts) and not _is_among_scripts(module, parts) and all(map(str.isidentifier, parts))


def is_script(module: Module) -> bool:
    """Whether a module is one only to be run: it stands among scripts, or no import could name it."""
    parts = module.program.imported_as(module).split(".")
    return _is_own(module, parts) and (_is_among_scripts(module, parts) or not all(map(str.isidentifier, parts)))


def _is_among_scripts(module: Module, parts: list[str]) -> bool:
    """Whether a folder of scripts holds it, also one that is itself the import root."""
    return _SCRIPTS in parts or _SCRIPTS in module.program.folders_of(module)


def _is_own(module: Module, parts: list[str]) -> bool:
    if module.summary.generated or module.is_test or not _GENERATED.isdisjoint(parts):
        return False
    folders = module.program.folders_of(module)
    minor = module.program.minor_folders.intersection(folders[:1])
    aside = any(folder in _ASIDE or folder.startswith("example_") for folder in minor)
    hidden = "/." in f"/{module.path}"
    return not (hidden or aside) and _BESIDE.isdisjoint(folders)


def is_within(name: str, package: str) -> bool:
    """Whether a module is, or is below, a package."""
    return name == package or name.startswith(f"{package}.")


def is_pattern(text: str) -> bool:
    """Whether a text is of the form that declared modules have: a dotted name of which parts may be ``*``."""
    first, *rest = text.split(".")
    return first.isidentifier() and all(part == "*" or part.isidentifier() for part in rest)


def declared_as(name: str, declared: Mapping[str, tuple[str, ...]]) -> str | None:
    """The declared layer or feature of the module that is imported by a name: that of the longest pattern that fits."""
    fitting = [
        (pattern.count("."), -position, key)
        for position, (key, patterns) in enumerate(declared.items())
        for pattern in patterns
        if _matches(name, pattern)
    ]
    return max(fitting)[2] if fitting else None


def _matches(name: str, pattern: str) -> bool:
    """Whether a module is, or is below, what a pattern names; ``*`` stands for one part of a name."""
    parts, wanted = name.split("."), pattern.split(".")
    return len(parts) >= len(wanted) and all(w in ("*", p) for p, w in zip(parts, wanted, strict=False))


def _named(name: str) -> tuple[str, str]:
    """The innermost part of a module's name that names a layer, as a full name, and that layer."""
    parts = name.split(".")
    last = len(parts) - (2 if len(parts) > 1 and parts[-2] in _LAYER_OF else 1)
    for position in range(last, -1, -1):
        layer = _LAYER_OF.get(parts[position])
        if layer is not None:
            return ".".join(parts[: position + 1]), layer if _APART.isdisjoint(parts[:position]) else ""
    if not _APART.isdisjoint(parts):
        return name, ""
    first, _, rest = parts[-1].partition("_")
    if rest and rest in parts[-2:-1]:
        return name, _LAYER_OF.get(first, "")  # cart/endpoints_cart
    layer = _LAYER_OF.get(parts[-1].rpartition("_")[2], "")
    return name, layer if layer in _SUFFIXED else ""


def layer_named(name: str) -> str:
    """The layer that a module's name speaks of, ``schemas`` among them; empty where it speaks of none."""
    return _named(name)[1]


def _pairs(imports: tuple[Import, ...] | list[Import]) -> set[tuple[Module, Module]]:
    return {(each.importer, each.target) for each in imports}
