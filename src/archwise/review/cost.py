"""What moving to another option would touch: functions, files and calls, counted, not guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine.reach import steps
from archwise.review.model import Cost, Place
from archwise.review.uses import modules_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archwise.engine.analysis import Analysis
    from archwise.review.serving import Serving
    from archwise.review.uses import Uses

_MOST = 40
_LIBRARIES = frozenset(
    {"data-layer", "database-driver", "http-client", "redis-client", "background", "validation", "file-access"}
)
_BLOCKING = frozenset({"network", "database", "subprocess", "sleep", "dns"})
_ASYNC = frozenset({"async", "async-processes"})


class Costs:
    """Counts over one program."""

    def __init__(self, analysis: Analysis, uses: Uses, serving: Serving) -> None:
        self._analysis = analysis
        self._uses = uses
        self._serving = serving

    def of(self, decision: str, taken: str, to: str) -> Cost | None:
        """What moving from one option to another touches; None where nothing that can be counted says so."""
        if decision in _LIBRARIES:
            modules = modules_of(decision, taken)
            return _counted(self._uses.calls(modules)) if modules else None
        if decision == "framework":
            return _counted([place for places in self._serving.by_framework.values() for place in places])
        if decision == "concurrency" and (taken in _ASYNC) != (to in _ASYNC):
            return self._concurrency(to)
        if decision in ("layout", "grouping"):
            places = [self._uses.place(module, 1, "is moved") for module in self._uses.application]
            imports = sum(len(self._analysis.imports.to(module)) for module in self._uses.application)
            return Cost(0, len(places), imports, tuple(places[:_MOST]))
        return None

    def _concurrency(self, to: str) -> Cost:
        """To async: every function on the way from an endpoint to a call that blocks. To sync: every coroutine."""
        if to not in _ASYNC:
            return _counted([
                self._uses.place(code.module, code.scope.line, f"{code.name} is async")
                for module in self._uses.application for code in module.codes if code.scope.is_async
            ])  # fmt: skip
        functions: dict[Place, None] = {}
        calls: dict[Place, None] = {}
        for root in self._serving.roots:
            for reach in self._analysis.effects.of(root.code).reaches.values():
                if reach.effect.kind not in _BLOCKING:
                    continue
                for step in steps(reach.path):
                    functions[self._uses.place(step.code.module, step.code.scope.line, step.code.name)] = None
                line = getattr(step.code.scope.ops[step.op], "line", step.code.scope.line)
                calls[self._uses.place(step.code.module, line, f"{step.code.name} calls {reach.effect.name}")] = None
        files = {place.path for place in (*functions, *calls)}
        return Cost(len(functions), len(files), len(calls), tuple(sorted(calls)[:_MOST]))


def _counted(places: Iterable[Place]) -> Cost:
    places = sorted(places)
    functions = {(place.path, place.what.partition(" ")[0]) for place in places}
    return Cost(len(functions), len({place.path for place in places}), len(places), tuple(places[:_MOST]))
