"""A task waits for another service, and nothing limits its time or tries it again.

## What it does
Finds tasks of Celery, Huey, taskiq and procrastinate that reach a call over the network without a timeout, in their own
body or in what they call, and that have neither a retry nor a time limit.

## Why is this bad
Networks fail. Without a retry the work is lost when they do, and that is what a queue is there to prevent. Without a
limit one service that never answers holds a worker for ever; a few such tasks, and the queue stands still.

## Example
```python
import requests
from celery import shared_task


@shared_task
def notify(number: int) -> None:
    requests.post("https://hooks.example", json={"number": number})  # AW708
```

## Use instead
```python
import requests
from celery import shared_task


@shared_task(autoretry_for=(requests.RequestException,), retry_backoff=True, time_limit=60)
def notify(number: int) -> None:
    requests.post("https://hooks.example", json={"number": number}, timeout=10)
```

## Evidence needed
A path of calls that are all known leads from the task to the network; the call itself could be given a
timeout and is not. The task's
decorator names no option that retries or limits, its body and the functions on the way retry nothing, and no setting
limits all tasks.

## When not to follow it
Losing it now and then is fine, and workers are started with a limit of their own. It is advice.

## References
- [Celery: retrying](https://docs.celeryq.dev/en/stable/userguide/tasks.html#retrying)
- [Celery: time limits](https://docs.celeryq.dev/en/stable/userguide/workers.html#time-limits)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.contexts import is_test
from archwise.engine.program import Code
from archwise.engine.reach import Reach, steps
from archwise.engine.root import Root
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.reached import hops, through
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW708",
    name="task-without-limit",
    claims=("G7.3",),
    since="0.1.0",
    severity="info",
    advice=True,
)

_RETRYING = ("retry", "retries", "backoff")
_BROKERS = ("kombu", "redis", "amqp", "pika")
"""What workers live on anyway: without it there are no tasks."""
_OF_WORKERS = r"--(soft-)?time-limit"
"""How a worker is told on its command line."""


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every task that waits for the network with neither."""
    tasks = [root for root in analysis.roots if root.role == "task" and _may_wait(root) and not is_test(root.code)]
    if not tasks or _are_limited(analysis, tasks):
        return
    analysis.effects.settle([root.code for root in tasks])
    for root in tasks:
        reach = _waits(analysis, root)
        if reach is not None:
            yield _finding(root, reach)


def _finding(root: Root, reach: Reach) -> Finding:
    first, *rest = hops(reach, "waits for the network")
    way = f", reached through {through(reach)}" if reach.length > 1 else ""
    return place.at(
        RULE,
        root.code,
        reach.path.op,
        f"`{reach.effect.name}` waits for the network in the task `{root.code.name}`{way}, "
        "which has neither a retry nor a time limit",
        "let the task be tried again after errors, and give it a time limit and the call a timeout",
        note=first.note,
        after=tuple(rest),
    )


def _may_wait(root: Root) -> bool:
    """Whether the library leaves a task without limits, and what registers this one says nothing of them."""
    if root.handler is None or root.place is None or not root.handler.bounds:
        return False
    op = root.place.scope.ops[root.op]
    given = {name for name, _ in op.keywords} if isinstance(op, ir.Call) else set()
    return given.isdisjoint(root.handler.bounds) and not (isinstance(op, ir.Call) and op.starred)


def _are_limited(analysis: Analysis, tasks: list[Root]) -> bool:
    """Whether a setting, or the command line of the workers, limits all tasks."""
    wanted = {name.lower() for root in tasks if root.handler for name in root.handler.bounded_by}
    if analysis.beside.says(_OF_WORKERS):
        return True
    return any(
        name.lower().removeprefix("celery_") in wanted for code in analysis.program.codes() for name in _set(code)
    )


def _set(code: Code) -> Iterator[str]:
    """The names that code gives values to: variables, attributes, keywords, keys of dicts."""
    yield from code.scope.bindings
    yield from (store.name for store in code.scope.stores)
    for op in code.scope.ops:
        if isinstance(op, ir.Call):
            yield from (name for name, _ in op.keywords)
        elif isinstance(op, ir.Mapping):
            yield from (key.text for key in map(code.scope.ops.__getitem__, op.keys) if isinstance(key, ir.Constant))


def _waits(analysis: Analysis, root: Root) -> Reach | None:
    """The shortest way of a task to the network on which nothing is tried again and nothing has a timeout."""
    own = root.by.partition(".")[0]
    reaches = [
        reach
        for reach in analysis.effects.of(root.code).reaches.values()
        if reach.effect.kind == "network"
        and reach.effect.timeout
        and reach.certain
        and not reach.once
        and _library(reach) not in (own, *_BROKERS)
        and not _has_timeout(reach)
        and not _retries(reach)
    ]
    return min(reaches, key=lambda reach: (reach.length, reach.path.op, reach.effect.name), default=None)


def _library(reach: Reach) -> str:
    return reach.effect.name.removeprefix("iterating over ").partition(".")[0]


def _has_timeout(reach: Reach) -> bool:
    op = reach.sink.code.scope.ops[reach.sink.op]
    return isinstance(op, ir.Call) and any("timeout" in name for name, _ in op.keywords)


def _retries(reach: Reach) -> bool:
    """Whether a function on the way, or its decorator, is about trying again."""
    for step in steps(reach.path):
        written = [ir.identifier(op) for op in step.code.scope.ops]
        written += [ir.path(code.scope.ops, code.callee(index)) for code, index in step.code.decorators]
        if any(word in name.lower() for name in written for word in _RETRYING):
            return True
    return False
