"""In which circumstances code runs: serving, at start-up, in a one-shot command, in a test; and from which root."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Literal

from archwise.engine import ir
from archwise.engine.beginnings import Beginnings
from archwise.engine.frequency import is_once
from archwise.engine.passing import SERVERS, SEVERAL, TASKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from archwise.engine.effects import Effects
    from archwise.engine.endpoints import Endpoint
    from archwise.engine.inference import Inference
    from archwise.engine.passing import Passing
    from archwise.engine.program import Code
    from archwise.engine.reach import Step
    from archwise.engine.root import Root

Phase = Literal["serving", "startup", "command", "test"]

_CALM: frozenset[Phase] = frozenset({"startup", "command", "test"})
"""The phases in which nobody waits."""
_CONCURRENT = SEVERAL | SERVERS | {"connect_accepted_socket", "wait", "Queue"}
_IN_TURN = frozenset({"call", "new-loop", "own-loop"})
"""How control passes to what is over when its caller goes on."""
_Edge = tuple["Code", str, bool]
"""What runs, how control passes to it, and whether it does so a first time only."""
_MOST_LABELS = 3
_FARTHEST = 400


class Contexts:
    """The phases and roots of the functions that effects were computed for."""

    def __init__(
        self,
        inference: Inference,
        passing: Passing,
        effects: Effects,
        roots: Iterable[Root],
        on_loop: Iterable[Code],
        endpoints: Callable[[], Iterable[Endpoint]],
    ) -> None:
        """``endpoints`` are asked for once somebody wants to know what roots are called."""
        self._endpoints = endpoints
        self._inference = inference
        self._passing = passing
        self._roots = {root.code: root for root in roots}
        self._edges: dict[Code, list[_Edge]] = {}
        self._callers: dict[Code, list[Code]] = {}
        for code in dict.fromkeys([*on_loop, *effects.known, *self._roots]):
            self._edges_of(code)
        begun = [code for code in self._roots if self.begins_in(code)]
        self._beginnings = Beginnings(inference.program, passing, self._callers, begun)
        self._early = frozenset(self._beginnings.early())
        self._phases: dict[Code, set[Phase]] = {}
        self._spread(on_loop)

    def phases(self, code: Code) -> frozenset[Phase]:
        """When a function runs; a function nobody is seen to call serves."""
        return frozenset(self._phases.get(code) or {"serving"})

    def is_calm(self, code: Code) -> bool:
        """Whether nobody waits for a function: at start-up, in a one-shot command, in a test."""
        return self.phases(code) <= _CALM

    def root(self, code: Code) -> Root | None:
        """What a framework calls a function for, where one does."""
        return self._roots.get(code)

    def begins_in(self, code: Code) -> bool:
        """Whether a program or a command of it begins in a function, which nothing else calls."""
        root = self._roots.get(code)
        if root is None or root.role != "command" or root.sync == "either":
            return False
        return all(
            passes in ("new-loop", "own-loop")
            for caller in self._callers.get(code, ())
            for target, passes, _ in self._edges_of(caller)
            if target is code
        )

    def is_before_serving(self, path: Step) -> bool:
        """Whether functions that the program begins in do this once, before they serve anybody."""
        return self._beginnings.is_before(path)

    def is_dialogue(self, code: Code) -> bool:
        """Whether a function is a step of what a command does one after the other, from its beginning on.

        What such a command asks for, the person who has started it answers; whatever goes on beside it was not begun
        by these steps themselves.
        """
        seen, pending = {code}, [code]
        while pending:
            here = pending.pop()
            root = self._roots.get(here)
            callers = self._callers.get(here, ())
            if _starts_several(here) or (root.role != "command" if root is not None else not callers):
                return False
            for caller in callers:
                if any(target is here and passes not in _IN_TURN for target, passes, _ in self._edges_of(caller)):
                    return False
            pending += [caller for caller in callers if caller not in seen]
            seen.update(callers)
        return True

    def label(self, root: Root) -> str:
        """What people call a root; an endpoint by its method and whole path."""
        return self._paths.get(root.code, root.label)

    @functools.cached_property
    def _paths(self) -> dict[Code, str]:
        found: dict[Code, str] = {}
        for endpoint in self._endpoints():
            found.setdefault(endpoint.code, endpoint.label)
        return found

    def labels(self, code: Code) -> tuple[str, ...]:
        """The nearest roots from which a function is reached, by name, at most three."""
        found: list[str] = []
        seen = {code: None}
        pending = [code]
        while pending and len(found) < _MOST_LABELS and len(seen) < _FARTHEST:
            here = pending.pop(0)
            root = self._roots.get(here)
            if root is not None and (label := self.label(root)) not in found:
                found.append(label)
            for caller in self._callers.get(here, ()):
                if caller not in seen:
                    seen[caller] = None
                    pending.append(caller)
        return tuple(found)

    def reached_from(self, starts: Iterable[Code], *, each_time: bool = False) -> dict[Code, Code | None]:
        """All code that runs because these functions do, each with the function it was reached from.

        ``each_time`` leaves out what they run a first time only.
        """
        found: dict[Code, Code | None] = dict.fromkeys(starts)
        pending = list(found)
        while pending:
            here = pending.pop(0)
            for target, _, once in self._edges_of(here):
                if target not in found and not (once and each_time):
                    found[target] = here
                    pending.append(target)
        return found

    def _edges_of(self, code: Code) -> list[_Edge]:
        found = self._edges.get(code)
        if found is None:
            found = self._edges[code] = list(dict.fromkeys(self._find_edges(code)))
            if not is_test(code):
                for target, _, _ in found:
                    self._callers.setdefault(target, []).append(code)
        return found

    def _find_edges(self, code: Code) -> Iterator[_Edge]:
        for target, op, passes in self._passing.edges(code):
            yield target, passes, is_once(self._inference, code, op)

    def _spread(self, on_loop: Iterable[Code]) -> None:
        """Carries each root's phase along the edges; code on the loop that nothing reaches serves."""
        for code, root in self._roots.items():
            self._mark(code, self._phase_of(root))
        for code in on_loop:
            if is_test(code):
                self._phases[code] = {"test"}
        unreached = [code for code in on_loop if code not in self._phases and not self._callers.get(code)]
        for code in unreached:
            self._mark(code, "startup" if _is_lifespan(code) else "serving")

    def _phase_of(self, root: Root) -> Phase:
        if root.apart:
            return "command"
        if root.role == "startup":
            return "startup"
        if root.role == "test":
            return "test"
        if root.role == "command" and not self._is_concurrent(root.code):
            return "command"
        return "serving"

    def _mark(self, start: Code, phase: Phase) -> None:
        pending: list[tuple[Code, Phase]] = [(start, phase)]
        while pending:
            code, here = pending.pop()
            if (root := self._roots.get(code)) is not None and root.apart:
                here = "command"
            phases = self._phases.setdefault(code, set())
            if here in phases or (is_test(code) and here != "test"):
                continue
            phases.add(here)
            pending += [
                (target, self._passed(here, target, passes, once or (code, target) in self._early))
                for target, passes, once in self._edges_of(code)
            ]

    def _passed(self, phase: Phase, target: Code, passes: str, once: bool) -> Phase:
        """The phase of what code in a phase runs.

        A task goes on beside what serves; what runs a first time starts up; a loop of its own that runs one thing keeps
        nobody else waiting.
        """
        if phase == "serving" and passes == "own-loop" and not self._is_concurrent(target):
            return "command"
        if passes == "task":
            return "serving" if phase == "startup" else phase
        return "startup" if once and phase == "serving" else phase

    def _is_concurrent(self, start: Code) -> bool:
        """Whether a program that runs this does more than one thing at a time."""
        return any(code in self._starting for code in self.reached_from([start]))

    @functools.cached_property
    def _starting(self) -> frozenset[Code]:
        """The functions that name what makes a program do more than one thing at a time."""
        return frozenset(filter(_starts_several, self._inference.program.codes()))


def _starts_several(code: Code) -> bool:
    """Whether a function names what makes a program do more than one thing at a time.

    A plain function that runs a loop until its task is done makes no more than that one.
    """
    ops, own = code.scope.ops, {parameter.name for parameter in code.scope.parameters}
    names = {op.id for _, op in code.operations(ir.Name) if op.id in _CONCURRENT and op.id not in own}
    for _, op in code.operations(ir.Attribute):
        if op.name in _CONCURRENT and (op.name != "wait" or ir.path(ops, op.value) == "asyncio"):
            names.add(op.name)
    if not names or code.scope.is_async:
        return bool(names)
    return not (names <= TASKS and any(op.name == "run_until_complete" for _, op in code.operations(ir.Attribute)))


def _is_lifespan(code: Code) -> bool:
    """Whether code that no framework is seen to be told of is, by its form and name, what runs around serving."""
    return code.scope.is_async and "lifespan" in code.scope.qualname.lower()


def is_test(code: Code) -> bool:
    """Whether code stands in a test module."""
    return code.module.is_test
