"""How the code is laid out: its size, its files, whether it stands by layer or by feature, and the map of its parts."""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.review.model import Edge, Figure, Kind, Map, Part, Place, Seen
from archwise.review.order import closing
from archwise.review.parts import packages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from archwise.engine.analysis import Analysis
    from archwise.engine.imports import Import
    from archwise.engine.program import Module
    from archwise.review.uses import Uses

_SMALL, _LARGE = 12, 150
"""Modules of the application: up to the first it is small, beyond the second large."""
_LONG = 30_000
"""Lines beyond which a program is large, however few its modules."""
_LAYERED = {2: 0.18, 3: 0.15}
"""Share of the modules that so many layers hold, from which on a program is one of layers; with fewer it is none."""
_BETWEEN = ("schemas",)
"""What stands beside the layers that are seen, for all of them to use."""
_FEATURES = 3
"""Features from which on they may be the order of a program: two packages of layers may stand there by chance."""
_FEATURED = 0.15
"""Share of the modules that features which are seen must hold for them to be its order …"""
_DRAWN = 0.25
"""… and for a map of them to show the program."""
_BESIDE = 0.3
"""Share of the modules that stand beside each other in the uppermost package, from which on nothing groups them."""
_SHELF = 5
"""Modules that a folder holds, from which on it is where a program begins."""
_LOOSE = 0.5
"""Share of modules that stand in no package and that nothing imports, beyond which they are scripts …"""
_OFTEN_LOOSE, _TOGETHER = 0.3, 0.2
"""… or that share, where no more than the other of all modules hang together by imports: programs side by side."""
_RUN = 0.3
"""Share of those that must do something when they are run: plugins in a folder are loose, too."""
_APART, _MANY = 0.1, 30
"""Share of the modules up to which the largest group hangs together, where so many or more are scripts side by side,
in packages or not, and enough of them are there to be run."""
_TALKING = frozenset({"print", "input", "main"})
_MOST = 40
_PLACES = 12


class Structure:
    """The modules of the application and their order."""

    def __init__(self, analysis: Analysis, uses: Uses) -> None:
        self._analysis = analysis
        self._uses = uses

    @functools.cached_property
    def lines(self) -> int:
        """Lines of the application."""
        return sum(module.summary.lines for module in self._uses.application)

    def size(self) -> Seen:
        """Small, medium or large."""
        count = len(self._uses.application)
        value = "large" if count > _LARGE or self.lines > _LONG else "small" if count <= _SMALL else "medium"
        return Seen(value, f"{count:,} modules, {self.lines:,} lines, tests apart")

    def layout(self) -> Seen | None:
        """How the files lie; not seen in a program without the files of its project, such as an unpacked wheel."""
        if not self._analysis.beside.texts:
            return None
        folders = Counter(self._folder(module) for module in self._uses.application)
        packaged = [m for m in self._uses.application if m.is_package or "." in self._name(m)]
        if not packaged or self.is_scripts:
            return Seen("flat", "no package: modules beside each other")
        below = sum(count for folder, count in folders.items() if "src" in PurePosixPath(folder).parts)
        if below > len(self._uses.application) / 2:
            return Seen("src", f"{below} of {len(self._uses.application)} modules lie below src/")
        tops = Counter(self._name(module).partition(".")[0] for module in packaged)
        return Seen("package", f"the package {max(tops, key=lambda top: (tops[top], top))}, not below src/")

    def grouping(self) -> Seen:
        """By layer, by feature, or neither."""
        if self.is_scripts:
            return Seen("ungrouped", "scripts, each of which stands for itself", self._listed(self.loose))
        if self.features and self._is_by_feature:
            names = ", ".join(list(self.features)[:4])
            why = f"{len(self.features)} packages hold layers of their own: {names}"
            return Seen("by-feature", why, self._listed(modules[0] for modules in self.features.values()))
        if self.layers:
            counts = ", ".join(f"{layer} ({len(modules)})" for layer, modules in self.layers.items())
            placed = (module for modules in self.layers.values() for module in modules)
            return Seen("by-layer", f"modules of {len(self.layers)} layers: {counts}", self._listed(placed))
        beside = [module for module in self._uses.application if self._folder(module) == self._top]
        if len(beside) >= _BESIDE * len(self._uses.application):
            why = f"{len(beside)} of {len(self._uses.application)} modules stand beside each other at the top"
            return Seen("ungrouped", f"{why}, and neither layers nor features are seen", self._listed(beside))
        return Seen("Packages of its own kind", "neither layers nor features are seen in its names and imports")

    @property
    def _is_by_feature(self) -> bool:
        """Whether the features hold enough of the program, or the project says that they are its order."""
        held = sum(map(len, self.features.values()))
        return self._analysis.features.is_declared or held >= _FEATURED * len(self._uses.application)

    @functools.cached_property
    def _top(self) -> str:
        """The largest of the uppermost folders that hold more than what starts or sets up a project."""
        folders = Counter(self._folder(module) for module in self._uses.application)
        shelves = [folder for folder, count in folders.items() if count >= _SHELF]
        return min(shelves, key=lambda folder: (folder.count("/"), -folders[folder], folder), default="")

    @functools.cached_property
    def loose(self) -> tuple[Module, ...]:
        """The modules that stand in no package, and that nothing imports."""
        packages = self._analysis.program.packages
        return tuple(
            module
            for module in self._uses.application
            if not module.is_package and module.name.rpartition(".")[0] not in packages
            if not self._analysis.imports.to(module)
        )

    @functools.cached_property
    def is_scripts(self) -> bool:
        """Whether it is a collection of scripts rather than one program."""
        count, loose = len(self._uses.application), len(self.loose)
        alone = sum(self._is_alone(module) for module in self._uses.application)
        if count >= _MANY and alone > _OFTEN_LOOSE * count and self.largest <= _APART * count:
            return True
        if count <= _SMALL or loose <= _OFTEN_LOOSE * count:
            return False
        if sum(map(_does_something, self.loose)) < _RUN * loose:
            return False
        return loose > _LOOSE * count or self.largest <= _TOGETHER * count

    def _is_alone(self, module: Module) -> bool:
        """Whether a module is there to be run, and nothing imports it."""
        return module.has_main and not self._analysis.imports.to(module)

    @functools.cached_property
    def largest(self) -> int:
        """How many modules the largest group has whose members import one another, one through another."""
        ahead, largest = set(self._uses.application), 0
        while ahead:
            group, size = [ahead.pop()], 0
            while group:
                module = group.pop()
                size += 1
                linked = {each.target for each in self._analysis.imports.of(module)}
                linked |= {each.importer for each in self._analysis.imports.to(module)}
                group.extend(linked & ahead)
                ahead -= linked
            largest = max(largest, size)
        return largest

    def areas(self) -> Seen | None:
        """Whether it covers areas that stand apart."""
        if len(self.features) >= 3 and not self.is_scripts:
            first = self._listed(modules[0] for modules in self.features.values())
            return Seen("yes", f"{len(self.features)} features: {', '.join(list(self.features)[:6])}", first)
        return None

    @functools.cached_property
    def features(self) -> dict[str, tuple[Module, ...]]:
        """The features, declared or seen, and the modules of each; declared layers go before features that are seen."""
        if self._analysis.layers.is_declared and not self._analysis.features.is_declared:
            return {}
        found: dict[str, list[Module]] = {name: [] for name in self._analysis.features.names}
        for module in self._uses.application:
            name = self._analysis.features.of(module)
            if name is not None:
                found[name].append(module)
        held = {name: tuple(modules) for name, modules in found.items() if modules}
        return held if self._analysis.features.is_declared or len(held) >= _FEATURES else {}

    @functools.cached_property
    def layers(self) -> dict[str, tuple[Module, ...]]:
        """The layers, declared or seen; a few modules that are called like layers do not make a program of layers."""
        layers = self._analysis.layers
        found = {layer: layers.modules(layer) for layer in (*layers.order, *_BETWEEN)}
        found = {layer: modules for layer, modules in found.items() if modules}
        held = sum(map(len, found.values()))
        least = _LAYERED.get(min(len(found), max(_LAYERED)), 1.0)
        enough = layers.is_declared or held >= least * len(self._uses.application)
        return found if enough and len(found) > 1 else {}

    # -- the map

    def map(self, serving: Mapping[Module, int]) -> Map:
        """The parts of the program: its features where they hold enough of it, else its layers, else its packages."""
        features = self._analysis.features
        held = sum(map(len, self.features.values()))
        if held and (features.is_declared or held >= _DRAWN * len(self._uses.application)):
            return self._drawn("features", features.is_declared, self.features, serving, set(features.wrong))
        if self.layers:
            layers = self._analysis.layers
            return self._drawn("layers", layers.is_declared, self.layers, serving, set(layers.wrong))
        names = {module: self._name(module) for module in self._uses.application}
        return self._drawn("packages", False, packages(names), serving, set())

    def _drawn(
        self,
        kind: Kind,
        declared: bool,
        parts: Mapping[str, tuple[Module, ...]],
        serving: Mapping[Module, int],
        wrong: set[Import],
    ) -> Map:
        part_of = {module: name for name, modules in parts.items() for module in modules}
        between: dict[tuple[str, str], list[Import]] = {}
        for each in self._analysis.imports.all:
            source, target = part_of.get(each.importer), part_of.get(each.target)
            if source and target and source != target and each.when != "typing":
                between.setdefault((source, target), []).append(each)
        if kind == "packages":
            wrong = {each for pair in closing({p: len(i) for p, i in between.items()}) for each in between[pair]}
        edges = tuple(
            Edge(
                source,
                target,
                len(imports),
                sum(each in wrong for each in imports),
                tuple(self._place(each) for each in sorted(imports, key=lambda i: i not in wrong)[:_PLACES]),
            )
            for (source, target), imports in sorted(between.items())
        )
        drawn = tuple(
            Part(name, tuple(self._name(m) for m in modules), sum(serving.get(m, 0) for m in modules))
            for name, modules in parts.items()
        )
        return Map(kind, declared, drawn, edges)

    def _listed(self, modules: Iterable[Module]) -> tuple[Place, ...]:
        return tuple(self._uses.place(module, 1, "") for module in itertools.islice(modules, _MOST))

    def _place(self, each: Import) -> Place:
        return self._uses.place(each.importer, each.line, f"imports {self._name(each.target)}")

    def _name(self, module: Module) -> str:
        return self._analysis.program.imported_as(module)

    def _folder(self, module: Module) -> str:
        return module.path.rpartition("/")[0]

    def figures(self) -> Iterator[Figure]:
        """Size and order, counted."""
        modules = self._uses.application
        longest = sorted(modules, key=lambda module: (-module.summary.lines, module.path))
        sizes = tuple(self._uses.place(each, 1, f"{each.summary.lines:,} lines") for each in longest[:_MOST])
        yield Figure("modules", "Modules of the application", f"{len(modules):,}", sizes, len(modules))
        yield Figure("lines", "Lines of the application", f"{self.lines:,}", sizes, len(modules))
        wrong = [self._place(each) for each in self._analysis.layers.wrong]
        crossing = sum(len(imports) for imports in self._analysis.layers.crossings.values())
        if crossing:
            share = f"{len(wrong)} of {crossing}"
            title = "Imports against the direction of the layers"
            yield Figure("against-layers", title, share, tuple(wrong[:_MOST]), len(wrong))


def _does_something(module: Module) -> bool:
    """Whether a module does something for somebody who runs it, and does not define functions alone."""
    ops = module.code.scope.ops
    called = (ir.identifier(ops[op.function]) for op in ops if isinstance(op, ir.Call))
    return module.has_main or not _TALKING.isdisjoint(called)
