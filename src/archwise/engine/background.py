"""Work that a server's own process does after the response: what is given to ``BackgroundTasks`` and the like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine.contexts import is_test
from archwise.engine.values import functions_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

_OWNER = "BackgroundTask"
"""What the classes are called whose tasks run so, in FastAPI, Starlette and Litestar alike."""


class Later(msgspec.Struct, frozen=True, gc=False):
    """A call that leaves work for later: what runs then, and the operations of what that is given."""

    code: Code
    op: int
    tasks: tuple[Code, ...]
    given: tuple[int, ...]


def left_for_later(inference: Inference) -> Iterator[Later]:
    """The calls of a program, tests left out, that leave work for after the response."""
    known = [boundary for name, boundary in inference.facts.boundaries.items() if _OWNER in name]
    for code, index, op in inference.program.calls("add_task", "BackgroundTask") if known else ():
        if op.arguments and not is_test(code) and inference.boundary(code, op) in known:
            tasks = tuple(functions_of(inference.values(code, op.arguments[0])))
            yield Later(code, index, tasks, op.given[1:])
