"""A pytest plugin: write down what blocks a running event loop, and where, instead of raising.

blockbuster asks a predicate whether a call may block; here every predicate says yes, after a look at the stack.
"""

from __future__ import annotations

import inspect
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blockbuster import BlockBuster

if TYPE_CHECKING:
    from types import FrameType

    import pytest
    from blockbuster import BlockBusterFunction

PACKAGE = "RUNTIME_PACKAGE"
SUITE = "RUNTIME_SUITE"
OUTPUT = "RUNTIME_OUTPUT"
ASYNC = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR | inspect.CO_ITERABLE_COROUTINE


class Recorder:
    """Keeps the distinct ways in which the package's frames lead to a call that blocks."""

    def __init__(self, package: str, suite: str) -> None:
        self.package = package + os.sep
        self.suite = suite + os.sep
        self.root = str(Path(package).parent)
        self.seen: dict[tuple[object, ...], dict[str, Any]] = {}

    def watch(self, function: BlockBusterFunction) -> None:
        excused = function.can_block_predicate
        name = function.full_name

        def record(*args: Any, **kwargs: Any) -> bool:
            if not excused(*args, **kwargs):
                # Above this frame is blockbuster's wrapper, above that the caller.
                stack = stack_of(sys._getframe(2))
                if not any(allowed(frame, function) for frame in stack):
                    self.add(name, stack)
            return True

        function.can_block_predicate = record

    def owns(self, frame: FrameType) -> bool:
        name = frame.f_code.co_filename
        return name.startswith(self.package) and name.endswith(".py")

    def place(self, frame: FrameType) -> tuple[str, int, str]:
        file = Path(frame.f_code.co_filename).relative_to(self.root).as_posix()
        return file, frame.f_lineno, frame.f_code.co_qualname.replace(".<locals>", "")

    def from_test(self, frame: FrameType) -> bool:
        return frame.f_code.co_filename.startswith(self.suite) or module(frame).startswith(("pytest", "_pytest"))

    def add(self, blocking: str, stack: list[FrameType]) -> None:
        own = [i for i, frame in enumerate(stack) if self.owns(frame)]
        if not own:
            return
        # Every task and callback starts in the loop: what lies below belongs to whoever runs the loop.
        turn = next((i for i, f in enumerate(stack) if module(f) == "asyncio.events"), len(stack))
        coroutine = next((i for i in own if i < turn and stack[i].f_code.co_flags & ASYNC), None)
        if coroutine is None:
            own = [i for i in own if i < turn]
            if not own or any(self.from_test(frame) for frame in stack[:turn]):
                return
        entry = own[-1] if coroutine is None else coroutine
        if any(self.from_test(frame) for frame in stack[:entry]):
            return
        chain = [self.place(stack[i]) for i in reversed(own) if i <= entry]
        outside = [f"{module(f)}.{f.f_code.co_qualname}" for f in reversed(stack[: own[0]])]
        row = self.seen.setdefault(
            (blocking, *chain, coroutine is None, *outside[:1]),
            {
                "blocking": blocking,
                "chain": chain,
                "coroutine": coroutine is not None,
                "outside": outside,
                "count": 0,
            },
        )
        row["count"] += 1


def module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "?"))


def stack_of(frame: FrameType | None) -> list[FrameType]:
    """The frames, innermost first."""
    frames = []
    while frame:
        frames.append(frame)
        frame = frame.f_back
    return frames


def allowed(frame: FrameType, function: BlockBusterFunction) -> bool:
    """Whether blockbuster itself lets the call pass under this frame."""
    file = frame.f_code.co_filename.replace("\\", "/")
    return any(file.endswith(name) and frame.f_code.co_name in names for name, names in function.can_block_functions)


class Plugin:
    def __init__(self) -> None:
        self.recorder = Recorder(os.environ[PACKAGE], os.environ[SUITE])
        self.guard = BlockBuster()
        for function in self.guard.functions.values():
            self.recorder.watch(function)
        self.guard.activate()

    def pytest_unconfigure(self) -> None:
        self.guard.deactivate()
        rows = json.dumps(list(self.recorder.seen.values()), indent=1)
        Path(os.environ[OUTPUT]).write_text(rows + "\n", encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Plugin(), "runtime-recorder")
