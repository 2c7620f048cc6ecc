"""Frames: functions as they are called, with what each parameter is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine.orm.domain import Alternatives

if TYPE_CHECKING:
    from archwise.engine.program import Code

Given = tuple[tuple[str, Alternatives], ...]
_DEEPEST = 4
_RECURSION = 3
"""How much deeper a function is that calls itself: following it once more shows little that is new."""
_MOST = 60_000


class Frame:
    """A function with what its parameters are, at some depth of calls; two of the same are one object."""

    __slots__ = ("code", "depth", "given", "known", "outer", "sources")

    def __init__(self, code: Code, given: Given, outer: Frame | None, depth: int, sources: list[int | None]) -> None:
        self.code = code
        self.given = dict(given)
        self.outer = outer
        self.depth = depth
        self.sources = sources
        self.known: list[Alternatives | None] = [None] * len(sources)
        """The values of its operations that are settled."""


class Frames:
    """Makes frames, each once."""

    def __init__(self) -> None:
        self._made: dict[tuple[Code, Given, Frame | None, int], Frame] = {}
        self._sources: dict[Code, list[int | None]] = {}

    def of(self, code: Code, given: Given = (), outer: Frame | None = None, caller: Frame | None = None) -> Frame:
        """A function as it is called with ``given``; parameters that are not among them are what they are declared."""
        depth = 0
        if caller is not None:
            depth = caller.depth + (1 if caller.code is not code else _RECURSION)
        if depth > _DEEPEST:
            given, outer, depth = (), None, _DEEPEST + 1
        key = code, given, outer, depth
        found = self._made.get(key)
        if found is None:
            sources = self._sources.get(code)
            if sources is None:
                sources = self._sources[code] = [None] * len(code.scope.ops)
            found = self._made[key] = Frame(code, given, outer, depth, sources)
        return found

    def is_too_deep(self, frame: Frame) -> bool:
        """Whether calls nest so deeply, or are so many, that no more of them are followed."""
        return frame.depth > _DEEPEST or len(self._made) > _MOST
