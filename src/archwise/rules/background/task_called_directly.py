"""A request calls a task as a plain function, so the work is done in the request and not by a worker.

## What it does
Finds calls of Celery tasks, Dramatiq actors and RQ jobs as plain functions, where a request gets to them: from an
endpoint or view, or from what it calls, across modules.

## Why is this bad
Called by its name a task is only a function: it runs here and now. The client waits for all of it, nothing retries it
when it fails, and none of its time limits, queues or rate limits count. It looks right and works on every developer's
machine.

## Example
```python
from celery import shared_task
from fastapi import FastAPI

app = FastAPI()

@shared_task
def send_receipt(number: int) -> None:
    print(number)

@app.post("/orders/{number}")
def pay(number: int) -> None:
    send_receipt(number)  # AW702
```

## Use instead
```python
from celery import shared_task
from fastapi import FastAPI

app = FastAPI()

@shared_task
def send_receipt(number: int) -> None:
    print(number)

@app.post("/orders/{number}")
def pay(number: int) -> None:
    send_receipt.delay(number)
```

## Evidence needed
The callee is a function under a task decorator, a root that serves requests reaches the call, and the calling function
does not also enqueue the task on another branch. Calls from commands, tests and other tasks are left alone: a task may
well call another one as a function.

## When not to follow it
The request needs the result at once. Then the work belongs in a plain function that both the task and the request call.

## References
- [Celery: calling tasks](https://docs.celeryq.dev/en/stable/userguide/calling.html)
- [Dramatiq: actors](https://dramatiq.io/guide.html#actors)
"""

import itertools
from collections.abc import Iterator

from archwise.engine.analysis import Analysis
from archwise.engine.contexts import is_test
from archwise.engine.event import Run
from archwise.engine.program import Code
from archwise.findings import Finding, Hop
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW702",
    name="task-called-directly",
    claims=("G7.3", "G1.5"),
    since="0.1.0",
    severity="warning",
    status="preview",
)


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every call of a task as a function that a request reaches."""
    tasks = analysis.queues.tasks
    if not tasks:
        return
    starts = [root.code for root in analysis.roots if root.serves and not is_test(root.code)]
    reached = analysis.contexts.reached_from(starts)
    enqueued = {(each.code, each.task) for each in analysis.queues.enqueued}
    for code in reached:
        if code in tasks or is_test(code) or any(before in tasks for before in _way(reached, code)):
            continue
        for op, task in _called(analysis, code):
            if task in tasks and (code, task) not in enqueued:
                way = [*reversed(list(_way(reached, code))), code]
                root = analysis.contexts.root(way[0])
                yield place.at(
                    RULE,
                    code,
                    op,
                    f"`{task.name}` is a task but is called as a function: the request does its work",
                    f"enqueue it: `{task.scope.name}.{tasks[task].enqueues[0]}(…)`",
                    note=f"runs `{task.name}` in place",
                    roots=(analysis.contexts.label(root),) if root is not None else (),
                    before=tuple(_hops(analysis, way)),
                )


def _way(reached: dict[Code, Code | None], code: Code) -> Iterator[Code]:
    """The functions on the way from a root to this one, the nearest first."""
    before = reached[code]
    while before is not None:
        yield before
        before = reached[before]


def _called(analysis: Analysis, code: Code) -> Iterator[tuple[int, Code]]:
    """The functions that run in place, and where."""
    for site in analysis.events.sites(code):
        for events in site.alternatives:
            for event in events:
                if isinstance(event, Run):
                    yield site.op, event.code


def _hops(analysis: Analysis, way: list[Code]) -> Iterator[Hop]:
    for code, following in itertools.pairwise(way):
        index = next((op for op, called in _called(analysis, code) if called is following), 0)
        yield place.hop(code, index, f"calls `{following.name}`")
