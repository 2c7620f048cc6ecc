"""Solves equations that ask for one another: each as far as it is asked for, and the same whichever is asked first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

K = TypeVar("K", bound="Hashable")
V = TypeVar("V")

_MOST_ROUNDS = 12
_DEEPEST = 60
_NOWHERE = 1 << 60


class _Tried(Generic[V]):
    """A key that is being solved, or waits for the first of its circle; places are those in the stack of such keys.

    ``lowest`` is the place of the first key that it depends on.
    """

    __slots__ = ("asked", "is_done", "lowest", "place", "value")

    def __init__(self, value: V) -> None:
        self.value = value
        self.place = self.lowest = _NOWHERE
        self.is_done = self.asked = False


class _TooDeepError(Exception):
    """Keys ask for one another in too long a row: the last is to be solved before the others."""


class Fixpoint(Generic[K, V]):
    """The values of keys that ``find`` gives, which may ask for the values of others.

    Keys that ask for one another in a circle start as ``nothing`` and are found anew until none changes: chaotic
    iteration, as in Bourdoncle 1993. A value that rests on an unfinished one is never kept.
    """

    def __init__(self, find: Callable[[K], V], nothing: V) -> None:
        self.solved: dict[K, V] = {}
        self._find = find
        self._nothing = nothing
        self._tried: dict[K, _Tried[V]] = {}
        self._waiting: list[K] = []
        self._depth = 0
        self._lowest = _NOWHERE
        self._has_changed = False
        self._wanted: list[K] = []

    def of(self, key: K) -> V:
        """The value of a key."""
        if key in self.solved:
            return self.solved[key]
        tried = self._tried.get(key)
        if tried is not None and tried.place != _NOWHERE:
            tried.asked = True
            self._lowest = min(self._lowest, tried.place)
            return tried.value
        if tried is not None and tried.is_done:
            self._lowest = min(self._lowest, tried.lowest)
            return tried.value
        if self._depth == 0:
            return self._from_start(key)
        if self._depth > _DEEPEST and key not in self._wanted:
            self._wanted.append(key)
            raise _TooDeepError
        return self._solve(key, tried or _Tried(self._nothing))

    @property
    def is_settled(self) -> bool:
        """Whether all values given since the last key was begun are those that will be kept."""
        return self._lowest == _NOWHERE

    def _from_start(self, key: K) -> V:
        """The value of a key that no other asks for; those that are asked for too deep are solved before it."""
        self._wanted = [key]
        while True:
            wanted = self._wanted[-1]
            self._tried.clear()
            self._waiting.clear()
            self._depth, self._lowest, self._has_changed = 0, _NOWHERE, False
            try:
                value = self.solved[wanted] if wanted in self.solved else self._solve(wanted, _Tried(self._nothing))
            except _TooDeepError:
                continue
            self._wanted.pop()
            if not self._wanted:
                return value

    def _solve(self, key: K, tried: _Tried[V]) -> V:
        lowest_before, changed_before = self._lowest, self._has_changed
        place = tried.place = self._depth
        first = len(self._waiting)
        self._tried[key] = tried
        self._depth += 1
        for _ in range(_MOST_ROUNDS):
            self._lowest, self._has_changed, tried.asked = _NOWHERE, False, False
            value = self._find(key)
            if self._lowest != _NOWHERE and value != tried.value:
                self._has_changed = True
            tried.value = value
            if self._lowest != place or not self._has_changed:
                break
            for each in self._waiting[first:]:
                self._tried[each].is_done = False
            del self._waiting[first:]
        self._depth -= 1
        tried.place = _NOWHERE
        if self._lowest < place:
            self._wait(key, tried, first)
            self._lowest, self._has_changed = min(lowest_before, self._lowest), changed_before or self._has_changed
        else:
            self._keep(key, first)
            self._lowest, self._has_changed = lowest_before, changed_before
        return tried.value

    def _wait(self, key: K, tried: _Tried[V], first: int) -> None:
        """Leave a value until the first key of its circle is solved."""
        tried.lowest, tried.is_done = self._lowest, True
        if tried.asked:
            for each in self._waiting[first:]:
                self._tried[each].lowest = min(self._tried[each].lowest, self._lowest)
        self._waiting.append(key)

    def _keep(self, key: K, first: int) -> None:
        """Keep a value and all that waited for it."""
        self.solved[key] = self._tried.pop(key).value
        if len(self._waiting) > first:
            for each in self._waiting[first:]:
                self.solved[each] = self._tried.pop(each).value
            del self._waiting[first:]
