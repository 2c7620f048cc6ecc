"""Whether a loop writes in each round: what it reads beside that is the smaller part of what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.orm.rounds import is_inside
from archwise.engine.values import FunctionValue, Method

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.orm.reads import Read
    from archwise.engine.program import Code

_WRITES = frozenset(f"{a}{name}" for a in ("", "a") for name in ("save", "delete", "create", "update_or_create"))
_UPDATES = frozenset({"update", "aupdate"})
_MOST_CALLS = 2
"""How many calls deep a write is looked for."""


class Writing:
    """Finds writes, in loops and in the functions that they call."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._found: dict[tuple[Code, int, int], bool] = {}

    def of(self, read: Read) -> bool:
        """Whether a loop, or a function on the way to the read, saves or deletes."""
        if any(code.scope.name in _WRITES or self._in(code, 0, 0) for code, _ in read.hops[1:]):
            return True
        return self._in(*read.each, _MOST_CALLS)

    def _in(self, code: Code, loop: int, deeper: int) -> bool:
        """Whether a function saves, creates or deletes, in this loop of it where one is given."""
        key = code, loop, deeper
        found = self._found.get(key)
        if found is None:
            self._found[key] = False
            found = self._found[key] = any(
                _is_write(code, op)
                or (deeper > 0 and any(self._in(each, 0, deeper - 1) for each in self._run(code, op)))
                for index, op in code.operations(ir.Call)
                if not loop or is_inside(code, index, loop)
            )
        return found

    def _run(self, code: Code, op: ir.Call) -> Iterator[Code]:
        """The functions of the program that a call runs."""
        for value in self._inference.values(code, op.function):
            if isinstance(value, (FunctionValue, Method)):
                yield value.code


def _is_write(code: Code, op: ir.Call) -> bool:
    name = ir.identifier(code.scope.ops[op.function])
    return name in _WRITES or (name in _UPDATES and bool(op.keywords) and not op.arguments)
