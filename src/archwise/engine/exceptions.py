"""Which exceptions of the program may leave a function, each with the shortest path to where it is raised."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.event import Launch, Run
from archwise.engine.handling import catches_all
from archwise.engine.values import ClassValue, External, Instance, TupleOf, Value, Values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.events import Events
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

Path = tuple[tuple["Code", int], ...]
"""Operations on the way to a ``raise``, the last, each in a function that the one before runs."""

_LONGEST = 8
_MOST = 24
_DEEPEST = 100


class Exceptions:
    """Follows what is raised up through calls, less what the handlers on the way catch."""

    def __init__(self, inference: Inference, events: Events) -> None:
        self._inference = inference
        self._events = events
        self._leaving: dict[Code, dict[Code, Path]] = {}
        self._depth = 0

    def leaving(self, code: Code) -> dict[Code, Path]:
        """The classes of the program whose exceptions may leave a function, by class, with a path to the ``raise``."""
        found = self._leaving.get(code)
        if found is None and self._depth >= _DEEPEST:
            return {}
        if found is None:
            found = self._leaving[code] = {}
            self._depth += 1
            for cls, path in self._find(code):
                known = found.get(cls)
                if (known is None and len(found) < _MOST) or (known is not None and len(path) < len(known)):
                    found[cls] = path
            self._depth -= 1
        return found

    def _find(self, code: Code) -> Iterator[tuple[Code, Path]]:
        for index, op in enumerate(code.scope.ops):
            if isinstance(op, ir.Raise) and not op.again:
                for cls in self._classes(self._inference.values(code, op.exception)):
                    if not self._is_caught(code, op.block, cls):
                        yield cls, ((code, index),)
        for site in self._events.sites(code):
            block = code.block_of(site.op)
            for called in self._called(site.alternatives):
                for cls, path in self.leaving(called).items() if called is not code else ():
                    if len(path) < _LONGEST and not self._is_caught(code, block, cls):
                        yield cls, ((code, site.op), *path)

    def _called(self, alternatives: tuple[tuple[object, ...], ...]) -> Iterator[Code]:
        """What runs, where there is no doubt about it."""
        if len(alternatives) != 1:
            return
        for event in alternatives[0]:
            if isinstance(event, Run) or (isinstance(event, Launch) and event.passes == "await"):
                yield event.code

    def _classes(self, values: Values) -> Iterator[Code]:
        for value in values:
            if isinstance(value, (ClassValue, Instance)) and self.is_exception(value.code):
                yield value.code

    def is_exception(self, cls: Code) -> bool:
        """Whether a class of the program is one of exceptions."""
        return any(
            base.startswith("builtins.") and base.endswith(("Exception", "Error"))
            for base in self._inference.classes.external_bases(cls)
        )

    def _is_caught(self, code: Code, block: int, cls: Code) -> bool:
        return any(
            code.is_within(block, handler.guarded)
            and (catches_all(self._inference, code, handler) or self.names(code, handler.type, cls))
            for handler in code.scope.handlers
        )

    def names(self, code: Code, index: int, cls: Code) -> bool:
        """Whether an expression names a class, one that it derives from, or a tuple with such a class."""
        return any(self._covers(value, cls) for value in self._inference.values(code, index))

    def _covers(self, value: Value, cls: Code) -> bool:
        if isinstance(value, TupleOf):
            return any(self._covers(each, cls) for item in value.items for each in item)
        if isinstance(value, ClassValue):
            return value.code in self._inference.classes.order(cls)
        return isinstance(value, External) and value.name in self._inference.classes.external_bases(cls)
