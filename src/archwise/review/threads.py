"""Threads that a program starts by hand and does not wait for: work beside its requests without a queue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.report.style import plural
from archwise.review.model import Place, Seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.program import Code, Module
    from archwise.review.serving import Serving
    from archwise.review.uses import Uses

_STARTS = ("Thread", "Timer")
_FEW, _SHARE = 2, 0.05
"""Modules that start threads, and their share, from which on it is how the program works beside its requests."""
_MOST = 40


def started(uses: Uses) -> list[Place]:
    """Where the application makes a thread that the same function does not wait for."""
    return sorted(place for module in uses.application for place in _of_module(uses, module))


def beside_requests(uses: Uses, serving: Serving) -> Seen | None:
    """Threads as the way of working beside requests; a thread in a corner is none, but where requests are answered."""
    places = started(uses)
    modules = {place.path for place in places}
    answering = modules & {uses.shown(module.path) for module in serving.modules}
    if len(answering) < _FEW and len(modules) < max(_FEW, _SHARE * len(uses.application)):
        return None
    why = f"{plural(len(places), 'thread')} started by hand in {plural(len(modules), 'module')}, and no queue"
    return Seen("in-process", why, tuple(places[:_MOST]), "In the same process, in threads of its own")


def _of_module(uses: Uses, module: Module) -> Iterator[Place]:
    if "threading" not in module.summary.imports:
        return
    for code in module.codes:
        if code.scope.kind == "class" and any(base.startswith("threading.") for base in uses.bases(code)):
            yield uses.place(module, code.scope.line, f"{code.name} is a thread")
    waiting = {code for code, index in module.calls("join") if _is_bare(code, index)}
    for name in _STARTS:
        for code, index in module.calls(name):
            if code not in waiting:
                yield uses.place(module, getattr(code.scope.ops[index], "line", 1), f"{code.name} starts a thread")


def _is_bare(code: Code, index: int) -> bool:
    """Whether a call of ``join`` is a thread's: it is given no sequence."""
    op = code.scope.ops[index]
    return isinstance(op, ir.Call) and not op.arguments
