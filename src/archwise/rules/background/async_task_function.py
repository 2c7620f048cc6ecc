"""A task is an `async def`, and the task library never awaits it.

## What it does
Finds `async def` functions under a task decorator of a library that calls them without awaiting: Celery always,
Dramatiq without its `AsyncIO` middleware.

## Why is this bad
The worker calls the function, gets a coroutine and is done: nothing in the body ever runs. Celery then fails to write
the coroutine down as the result, or with results ignored says that the task succeeded.

## Example
```python
import httpx
from celery import shared_task


@shared_task
async def refresh(city: str) -> None:  # AW703
    async with httpx.AsyncClient() as client:
        await client.get(f"https://weather.example/{city}")
```

## Use instead
```python
import httpx
from celery import shared_task


@shared_task
def refresh(city: str) -> None:
    with httpx.Client() as client:
        client.get(f"https://weather.example/{city}")
```

## Evidence needed
The task decorator is the library's own and the only one, it is given no base class or class of the project's, and the
program names none of the packages that teach the library to await.

## When not to follow it
A worker pool that the program does not name awaits tasks. ARQ, Taskiq and RQ run an `async def` as it should be.

## References
- [Celery: asyncio support, an open issue](https://github.com/celery/celery/issues/6552)
- [Dramatiq: the AsyncIO middleware](https://dramatiq.io/reference.html#dramatiq.middleware.AsyncIO)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.program import Code
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW703",
    name="async-task-function",
    claims=("G2.4", "G7.3"),
    since="0.1.0",
    severity="error",
    status="preview",
)

_OWN_CLASS = frozenset({"base", "actor_class"})


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every async task of a library that drops coroutines, unless the program has tasks of its own class."""
    dropped = [
        (code, handler)
        for code, handler in analysis.queues.tasks.items()
        if code.scope.is_async and handler.drops_coroutines and len(code.scope.decorators) == 1
    ]
    other = {name for _, handler in dropped for name in handler.unless_used}
    used = set(filter(analysis.program.speaks_of, other))
    if not dropped or _has_own_class(analysis):
        return
    for code, handler in dropped:
        if _is_of_own_class(code) or not used.isdisjoint(handler.unless_used):
            continue
        library = handler.decorators[0].partition(".")[0].capitalize()
        yield place.at(
            RULE,
            code,
            0,
            f"`{code.name}` is async, and {library} calls it without awaiting: its body never runs",
            "make it a plain `def`; what has to be async can run in `asyncio.run(…)` inside it",
            note=f"a coroutine function under {library}'s decorator",
        )


def _is_of_own_class(code: Code) -> bool:
    """Whether the task is of a class of the project's, which may await."""
    parent = code.parent
    decorator = parent.scope.ops[code.scope.decorators[0]] if parent is not None else None
    return isinstance(decorator, ir.Call) and any(name in _OWN_CLASS for name, _ in decorator.keywords)


def _has_own_class(analysis: Analysis) -> bool:
    """Whether all tasks are of such a class (``Celery(task_cls=…)``)."""
    return any(
        name == "task_cls"
        for each in analysis.program.codes()
        for _, op in each.operations(ir.Call)
        for name, _ in op.keywords
    )
