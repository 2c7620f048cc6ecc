"""Libraries in two halves: a class for those who wait, and its twin for asynchronous code."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from archwise.engine.reach import steps

if TYPE_CHECKING:
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code
    from archwise.engine.reach import Reach

_ASYNC = re.compile(r"(^|[._])(async|asyncio|asynchronous|aio)([._]|$)")
"""Packages and modules of the asynchronous half: ``redis.asyncio``, ``neo4j._async``."""
_PREFIX = "Async"


class Halves:
    """Tells where a path leaves the asynchronous half of a program for the twin of what it has itself."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference

    def crosses(self, reach: Reach) -> bool:
        """Whether a path that begins in the asynchronous half leads to a class which has a twin there.

        A twin that is derived from it shares its methods, and tells nothing.
        """
        begins = reach.path.code
        owners = [step.code.owner for step in steps(reach.path.next) if step.code.owner is not None]
        if begins.scope.is_async and any(owner is not begins.owner and self._is_named_sync(owner) for owner in owners):
            return True
        if begins.scope.is_async and not reach.certain and any(map(self._is_base_of_twins, owners)):
            return True
        return _is_asynchronous(begins) and any(map(self._has_twin, owners))

    def _is_base_of_twins(self, cls: Code) -> bool:
        """Whether a class derived from one for those who wait has a twin: one of its own that is, is not told by it."""
        return any(map(self._has_twin, self._inference.classes.descendants(cls)))

    def _is_named_sync(self, cls: Code) -> bool:
        """Whether a class is named for those who wait, and another one like it is not."""
        other = cls.scope.name.removeprefix("Sync")
        return other != cls.scope.name and (other in self._classes or _PREFIX + other in self._classes)

    def _has_twin(self, cls: Code) -> bool:
        if _is_asynchronous(cls):
            return False
        twins = [*self._classes.get(_PREFIX + cls.scope.name, ()), *self._classes.get(cls.scope.name, ())]
        kin = (cls, *self._inference.classes.descendants(cls))
        return any(_is_asynchronous(twin) and twin not in kin for twin in twins)

    @functools.cached_property
    def _classes(self) -> dict[str, list[Code]]:
        found: dict[str, list[Code]] = {}
        for code in self._inference.program.codes():
            if code.scope.kind == "class":
                found.setdefault(code.scope.name, []).append(code)
        return found


def _is_asynchronous(code: Code) -> bool:
    """Whether a class, or the class of a method, is named or stands where asynchronous ones do."""
    cls = code.owner or code
    return cls.scope.name.startswith(_PREFIX) or _ASYNC.search(cls.module.name) is not None
