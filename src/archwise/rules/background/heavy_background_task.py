"""Work that waits for others or must not be lost is left to `BackgroundTasks`.

## What it does
Finds functions given to FastAPI's or Starlette's `BackgroundTasks` that send mail or requests over the network, start
processes or compute for long, in their own body or in what they call.

## Why is this bad
A background task runs in the server's own process once the response is sent. Nothing retries it, nothing remembers it:
a deployment or a crash in the middle loses it without a trace. A plain function holds one of the threads that
endpoints need, an async one the event loop.

## Example
```python
import requests
from fastapi import BackgroundTasks, FastAPI

app = FastAPI()

def notify(number: int) -> None:
    requests.post("https://hooks.example", json={"number": number}, timeout=5)

@app.post("/orders/{number}")
def pay(number: int, background: BackgroundTasks) -> None:
    background.add_task(notify, number)  # AW706
```

## Use instead
Where losing it matters, hand it to a queue that keeps and retries it: Celery, ARQ, Dramatiq, RQ.
```python
import requests
from celery import shared_task
from fastapi import FastAPI

app = FastAPI()

@shared_task(autoretry_for=(requests.RequestException,), retry_backoff=True)
def notify(number: int) -> None:
    requests.post("https://hooks.example", json={"number": number}, timeout=5)

@app.post("/orders/{number}")
def pay(number: int) -> None:
    notify.delay(number)
```

## Evidence needed
The callable is seen, and a path of calls leads from it to what waits for the network, runs a process or computes.
Sleeping, files and the database do not count. Where a condition picks one of several functions, the call is reported
once. Not seen: a row written before, by which another process would take the work up again.

## When not to follow it
Losing the work now and then is fine: a cache is warmed, a metric is sent. This is a judgement, so it is advice.

## References
- [FastAPI: background tasks, the caveat](https://fastapi.tiangolo.com/tutorial/background-tasks/#caveat)
"""

from collections.abc import Iterator

from archwise.engine.analysis import Analysis
from archwise.engine.background import Later
from archwise.engine.program import Code
from archwise.engine.reach import Reach
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW706",
    name="heavy-background-task",
    claims=("G7.2", "G7.3"),
    since="0.1.0",
    severity="info",
    advice=True,
)

_HEAVY = {
    "network": "waits for the network",
    "subprocess": "runs another process",
    "cpu": "computes for long",
}


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every background task that waits for others or computes for long."""
    for later in analysis.background_tasks:
        heavy = [(task, reach) for task in later.tasks if (reach := _heaviest(analysis, task)) is not None]
        if heavy:
            yield _finding(later, *heavy[0], len(heavy) - 1)


def _finding(later: Later, task: Code, heavy: Reach, others: int) -> Finding:
    either = f" (or {others} more that this may be)" if others else ""
    return place.at(
        RULE,
        later.code,
        later.op,
        f"`{task.name}`{either} runs in this process after the response, and `{heavy.effect.name}` in it "
        f"{_HEAVY[heavy.effect.kind]}: a restart loses it, and nothing tries again",
        "hand it to a task queue, if losing it matters",
        note=f"leaves `{task.name}` to the server's process",
    )


def _heaviest(analysis: Analysis, task: Code) -> Reach | None:
    """What of a task's effects weighs most: the first sort of them, by the shortest way."""
    analysis.effects.settle([task])
    reaches = [
        reach for reach in analysis.effects.of(task).reaches.values() if reach.effect.kind in _HEAVY and not reach.once
    ]
    order = list(_HEAVY)
    return min(
        reaches,
        key=lambda reach: (order.index(reach.effect.kind), reach.length, reach.effect.name),
        default=None,
    )
