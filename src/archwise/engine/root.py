"""A root: a function that a framework calls, and how it was told to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from archwise.engine.program import Code
    from archwise.knowledge.schema import Handler, Role, Sync

_REQUEST = frozenset({"endpoint", "websocket", "middleware", "dependency", "handler"})


class Root(msgspec.Struct, frozen=True, gc=False):
    """A function that a framework calls: what for, where a plain ``def`` runs, and how a person would name it.

    ``by`` is what the framework is told with (a decorator, a call or a base class), ``op`` the operation of ``place``
    that tells it.
    """

    code: Code
    role: Role
    sync: Sync
    label: str
    handler: Handler | None = None
    """What knowledge says of the way the framework was told."""
    by: str = ""
    place: Code | None = None
    op: int = 0
    apart: bool = False
    """Whether it runs on a loop of its own in a thread, where it keeps nobody else waiting."""

    @property
    def on_loop(self) -> bool:
        """Whether the event loop runs it."""
        return self.code.scope.is_async or self.sync == "loop"

    @property
    def threaded(self) -> str:
        """What a plain ``def`` must say for the framework to run it in a thread; empty where it need say nothing."""
        return (self.handler.threaded if self.handler is not None else None) or ""

    @property
    def serves(self) -> bool:
        """Whether it is called for each request or event."""
        return self.role in _REQUEST and not self.apart
