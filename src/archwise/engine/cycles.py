"""Import cycles: which modules wait for one another while they are imported, and what is best cut."""

from __future__ import annotations

import functools
import itertools
from typing import TYPE_CHECKING

import msgspec

from archwise.engine.usage import usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from archwise.engine.imports import Import, Imports
    from archwise.engine.program import Module

Edge = tuple["Module", "Module"]
_FEW = 10
"""Up to so many imports, every way to cut is tried."""


class Knot(msgspec.Struct, frozen=True):
    """Modules of which each one imports, through others, itself.

    ``cuts`` are the fewest imports, by names taken, without which no cycle is left: for each the statements, and the
    shortest cycle that it closes, from the importer back to it.
    """

    modules: tuple[Module, ...]
    cuts: tuple[tuple[tuple[Import, ...], tuple[Module, ...]], ...]


class Cycles:
    """The cycles among a program's imports at import time, test modules apart."""

    def __init__(self, imports: Imports) -> None:
        self._imports = imports

    @functools.cached_property
    def knots(self) -> tuple[Knot, ...]:
        """The largest sets of modules that import one another, by name."""
        graph = {
            module: {
                target: imports
                for target, imports in targets.items()
                if not target.is_test and not _is_own_package(imports)
            }
            for module, targets in self._imports.graph.items()
            if not module.is_test
        }
        return tuple(self._knot(members, graph) for members in _components(graph) if len(members) > 1)

    def _knot(self, members: list[Module], graph: Mapping[Module, Mapping[Module, tuple[Import, ...]]]) -> Knot:
        inside = {
            module: {target: imports for target, imports in graph.get(module, {}).items() if target in members}
            for module in members
        }
        few = sum(map(len, inside.values())) <= _FEW
        weights = {
            (m, target): _weight(imports, few) for m, targets in inside.items() for target, imports in targets.items()
        }
        cuts = [(inside[a][b], (a, *_shortest(inside, b, a))) for a, b in _feedback(members, weights)]
        return Knot(tuple(members), tuple(sorted(cuts, key=lambda cut: (len(cut[1]), cut[0][0].importer.name))))


def _is_own_package(imports: Iterable[Import]) -> bool:
    """Whether all that a module imports is the package around it, for later: that one is being imported anyhow."""
    return all(
        not each.name and each.importer.name.startswith(f"{each.target.name}.") and not usage(each).at_import
        for each in imports
    )


def _weight(imports: Iterable[Import], closely: bool) -> int:
    """How much there is to move to be rid of an import; looked at closely, one that functions alone need is lighter."""
    moved = sum(4 if each.name == "*" or not each.name else 1 for each in imports)
    return 2 * moved + any(usage(each).at_import for each in imports) if closely else moved


def _components(graph: Mapping[Module, Iterable[Module]]) -> list[list[Module]]:
    """The strongly connected components, each by name, in order of their first (Tarjan 1972)."""
    number: dict[Module, int] = {}
    low: dict[Module, int] = {}
    stack: dict[Module, None] = {}
    found: list[list[Module]] = []
    for start in graph:
        work: list[tuple[Module, Iterator[Module]]] = []
        if start not in number:
            work.append((start, iter(graph.get(start, ()))))
            number[start] = low[start] = len(number)
            stack[start] = None
        while work:
            here, targets = work[-1]
            target = next(targets, None)
            if target is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[here])
                if low[here] == number[here]:
                    members = list(itertools.dropwhile(lambda module, root=here: module is not root, stack))  # type: ignore[misc]  # a default binds it
                    for module in members:
                        del stack[module]
                    found.append(sorted(members, key=lambda module: module.name))
            elif target not in number:
                number[target] = low[target] = len(number)
                stack[target] = None
                work.append((target, iter(graph.get(target, ()))))
            elif target in stack:
                low[here] = min(low[here], number[target])
    return sorted(found, key=lambda members: members[0].name)


def _feedback(members: list[Module], weights: Mapping[Edge, int]) -> list[Edge]:
    """The lightest edges without which the graph has no cycle: exact where it is small, else near it."""
    if len(weights) <= _FEW:
        choices = (
            chosen for size in range(1, len(weights)) for chosen in itertools.combinations(sorted_edges(weights), size)
        )
        best = sorted(choices, key=lambda chosen: sum(weights[edge] for edge in chosen))
        return list(next(chosen for chosen in best if _is_acyclic(weights.keys() - set(chosen))))
    position = {module: index for index, module in enumerate(_ordered(members, weights))}
    cut = [edge for edge in sorted_edges(weights) if position[edge[0]] > position[edge[1]]]
    kept = set(weights) - set(cut)
    needed = []
    for edge in sorted(cut, key=lambda edge: -weights[edge]):
        if _is_acyclic(kept | {edge}):
            kept.add(edge)
        else:
            needed.append(edge)
    return needed


def sorted_edges(edges: Iterable[Edge]) -> list[Edge]:
    """Edges by the names of their modules."""
    return sorted(edges, key=lambda edge: (edge[0].name, edge[1].name))


def _ordered(members: list[Module], weights: Mapping[Edge, int]) -> list[Module]:
    """An order in which little weight runs backwards (Eades, Lin and Smyth 1993)."""
    left: list[Module] = []
    right: list[Module] = []
    rest = dict.fromkeys(members)
    outward = dict.fromkeys(members, 0)
    inward = dict.fromkeys(members, 0)
    ahead: dict[Module, list[Edge]] = {module: [] for module in members}
    for edge in sorted_edges(weights):
        outward[edge[0]] += weights[edge]
        inward[edge[1]] += weights[edge]
        ahead[edge[0]].append(edge)
        ahead[edge[1]].append(edge)
    while rest:
        chosen = next((m for m in rest if not outward[m]), None)
        if chosen is not None:
            right.append(chosen)
        else:
            chosen = max(rest, key=lambda module: (not inward[module], outward[module] - inward[module]))
            left.append(chosen)
        del rest[chosen]
        for edge in ahead[chosen]:
            outward[edge[0]] -= weights[edge]
            inward[edge[1]] -= weights[edge]
    return [*left, *reversed(right)]


def _is_acyclic(edges: Iterable[Edge]) -> bool:
    targets: dict[Module, list[Module]] = {}
    waiting: dict[Module, int] = {}
    for importer, target in edges:
        targets.setdefault(importer, []).append(target)
        waiting[target] = waiting.get(target, 0) + 1
        waiting.setdefault(importer, 0)
    free = [module for module, count in waiting.items() if not count]
    done = 0
    while free:
        done += 1
        for target in targets.get(free.pop(), ()):
            waiting[target] -= 1
            if not waiting[target]:
                free.append(target)
    return done == len(waiting)


def _shortest(graph: Mapping[Module, Iterable[Module]], start: Module, end: Module) -> list[Module]:
    """The modules from one to another, both named, by as few imports as can be."""
    came: dict[Module, Module | None] = {start: None}
    pending = [start]
    for here in pending:
        if here is end:
            break
        for target in sorted(graph.get(here, ()), key=lambda module: module.name):
            if target not in came:
                came[target] = here
                pending.append(target)
    path: list[Module] = []
    step: Module | None = end
    while step is not None:
        path.append(step)
        step = came[step]
    return path[::-1]
