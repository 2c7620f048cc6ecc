"""What a function makes run, and how control passes to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.event import Launch, Run

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from archwise.engine.event import Event
    from archwise.engine.events import Events
    from archwise.engine.program import Code

TASKS = frozenset({"create_task", "ensure_future", "start_soon", "run_coroutine_threadsafe", "spawn", "add_task"})
"""What starts a task, as libraries name it."""
SEVERAL = TASKS | {"gather", "as_completed", "TaskGroup", "open_nursery"}
"""What runs several things at a time."""
SERVERS = frozenset(
    {
        *("serve", "serve_forever", "run_forever", "start_polling"),
        *("start_server", "start_unix_server", "create_server", "create_unix_server"),
    }
)
"""What listens to others until it is stopped."""


class Passing:
    """Tells what runs because a function does, in its process."""

    def __init__(self, events: Events, begun: Container[tuple[Code, int]]) -> None:
        """``begun`` are the operations that begin an event loop of their own, and those that give what it is to run."""
        self._events = events
        self._begun = begun
        self._edges: dict[Code, tuple[tuple[Code, int, str], ...]] = {}

    def edges(self, code: Code) -> tuple[tuple[Code, int, str], ...]:
        """What a function makes run, by which operation, and how: what is awaited in place is called."""
        found = self._edges.get(code)
        if found is None:
            found = self._edges[code] = tuple(self._find(code))
        return found

    def _find(self, code: Code) -> Iterator[tuple[Code, int, str]]:
        scheduled = _scheduled(code)
        awaited = {op.value for _, op in code.operations(ir.Await)}.union(dict(code.operations(ir.Enter)))
        for site in self._events.sites(code):
            for events in site.alternatives:
                for target, passes in filter(None, map(_passed, events)):
                    if site.op in scheduled:
                        yield target, site.op, "task"
                    elif (code, site.op) in self._begun and passes in ("await", "new-loop"):
                        yield target, site.op, "own-loop"
                    else:
                        yield target, site.op, "call" if passes == "await" and site.op in awaited else passes


def _passed(event: Event) -> tuple[Code, str] | None:
    if isinstance(event, Run):
        return event.code, "call"
    if isinstance(event, Launch) and event.passes not in ("enqueue", "process"):
        return event.code, event.passes
    return None


def _scheduled(code: Code) -> set[int]:
    """The operations whose coroutine is handed to the loop rather than awaited."""
    found: set[int] = set()
    if code.module.summary.called.keys().isdisjoint(TASKS):
        return found
    for _, op in code.operations(ir.Call):
        if ir.identifier(code.scope.ops[op.function]) in TASKS:
            found.update(op.arguments)
    return found
