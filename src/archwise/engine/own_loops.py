"""Event loops that a program begins itself: ``asyncio.run(main())``."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Literal

from archwise.engine.known_as import known_as
from archwise.engine.root import Root
from archwise.engine.values import Symbolic, functions_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.fallback import Fallback
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code


class OwnLoops:
    """Finds the calls that begin one, and what it is to run."""

    def __init__(self, inference: Inference, fallback: Fallback) -> None:
        self._inference = inference
        self._fallback = fallback

    def roots(self) -> Iterator[Root]:
        """Coroutines that a plain program runs on a loop of its own: ``asyncio.run(main())``."""
        for code, _, given, is_adapted in self._loops:
            yield from self._coroutines(code, given, "either" if is_adapted else "worker")

    @functools.cached_property
    def begun(self) -> frozenset[tuple[Code, int]]:
        """The operations that begin an event loop of their own, and those that give what it is to run."""
        return frozenset(
            (code, op) for code, call, given, is_adapted in self._loops if not is_adapted for op in (call, given)
        )

    @functools.cached_property
    def _loops(self) -> list[tuple[Code, int, int, bool]]:
        """The calls that begin an event loop, each with its first argument, and whether that is adapted only.

        A loop that an adapter (``async_to_sync``) runs things on may be that of the server.
        """
        found = []
        facts = self._inference.facts
        starters = {name for name, boundary in facts.boundaries.items() if boundary.passes == "new-loop"}
        for code, index, op in self._inference.program.calls(*sorted({name.rpartition(".")[2] for name in starters})):
            values = self._inference.values(code, op.function) if op.arguments else ()
            names = starters.intersection(name for value in values for name in known_as(self._inference, value))
            if names:
                found.append((code, index, op.arguments[0], any(map(facts.class_, names))))
        return found

    def _coroutines(self, code: Code, index: int, sync: Literal["either", "worker"]) -> Iterator[Root]:
        values = self._inference.values(code, code.callee(index))
        given = [self._fallback.values(value) for value in values if isinstance(value, Symbolic)]
        for target in functions_of(tuple(each for some in (values, *given) for each in some)):
            if target.scope.is_async:
                by = code.module.path if code is code.module.code else code.name
                yield Root(target, "command", sync, f"{target.name} (run by {by})")
