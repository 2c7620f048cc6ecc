"""What a property computes once and keeps: the first to read it pays, whoever reads it later does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.frequency import is_guarded
from archwise.engine.values import functions_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.effects import Effects
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code
    from archwise.engine.reach import Reach, Step


class Kept:
    """Finds readings of kept properties (``functools.cached_property``) that come after another."""

    def __init__(self, inference: Inference, effects: Effects) -> None:
        self._inference = inference
        self._effects = effects

    def is_over(self, reach: Reach) -> bool:
        """Whether an effect lies in a kept property that the constructor, or the same function, has read before."""
        owners: dict[Code, None] = {}
        step: Step | None = reach.path
        while step is not None and step.next is not None:
            if step.code.owner is not None and step.code.scope.name != "__init__":
                owners[step.code.owner] = None
            below = step.next.code
            if "kept" in self._inference.decorators.kinds(below) and (
                _was_read(step) or any(self._constructs(owner, below, reach.sink) for owner in owners)
            ):
                return True
            step = step.next
        return False

    def _constructs(self, owner: Code, kept: Code, sink: Step) -> bool:
        """Whether the constructor of a class always comes to an effect through a property."""
        cls = self._inference.classes.defining(owner, "__init__")
        if cls is None:
            return False
        for init in functions_of(self._inference.names.read(cls, "__init__", 0, len(cls.scope.ops))):
            self._effects.settle([init])
            for reach in self._effects.of(init).reaches.values():
                last = reach.sink
                if (last.code, last.op) == (sink.code, sink.op) and not reach.guarded and kept in _codes(reach.path):
                    return True
        return False


def _codes(path: Step | None) -> Iterator[Code]:
    while path is not None:
        yield path.code
        path = path.next


def _was_read(step: Step) -> bool:
    """Whether the same function has read the same attribute before, under no condition."""
    ops = step.code.scope.ops
    path = ir.path(ops, step.op)
    bindings = step.code.scope.bindings.get(path.partition(".")[0], ())
    since = max((binding.order for binding in bindings if binding.order <= step.op), default=0)
    return bool(path) and any(
        since <= index < step.op and ir.path(ops, index) == path and not is_guarded(step.code, index)
        for index, _ in step.code.operations(ir.Attribute)
    )
