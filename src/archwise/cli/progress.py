"""A progress bar, for runs long enough to make one wonder."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

PATIENCE = 1.0
"""Seconds without a sign of life."""

Tick = Callable[[str, int, int], None]
"""Told of the stage, how much of it is done, and how much there is."""


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Tick | None]:
    """What to tell of the progress: nobody, unless a person is looking at a terminal."""
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    with ExitStack() as stack:
        yield _ticker(stack)


def _ticker(stack: ExitStack) -> Tick:
    started = time.monotonic()
    update: Tick | None = None

    def tick(stage: str, done: int, total: int) -> None:
        nonlocal update
        if update is None:
            if time.monotonic() - started < PATIENCE:
                return
            update = _bar(stack)
        update(stage, done, total)

    return tick


def _bar(stack: ExitStack) -> Tick:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = stack.enter_context(Progress(*columns, console=Console(stderr=True), transient=True))
    task = bar.add_task("", total=None)

    def update(stage: str, done: int, total: int) -> None:
        bar.update(task, description=stage, completed=done, total=total)

    return update
