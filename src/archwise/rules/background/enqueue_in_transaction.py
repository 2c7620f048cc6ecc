"""A task is enqueued inside a transaction, so it may run before the rows it needs are there.

## What it does
Finds tasks enqueued in the body of `with transaction.atomic()` or of a function under `@transaction.atomic`, after the
transaction has written something.

## Why is this bad
The worker is often faster than the commit: it looks for a row that no one but the open transaction can see, and fails
or works on old values. And when the transaction is rolled back, the task runs all the same: the mail goes out for an
order that never was.

## Example
```python
from celery import shared_task
from django.db import models, transaction

class Order(models.Model):
    paid = models.BooleanField()

@shared_task
def bill(number: int) -> None: ...

def pay(number: int) -> None:
    with transaction.atomic():
        order = Order.objects.create(paid=False)
        bill.delay(order.pk)  # AW705
```

## Use instead
```python
from celery import shared_task
from django.db import models, transaction

class Order(models.Model):
    paid = models.BooleanField()

@shared_task
def bill(number: int) -> None: ...

def pay(number: int) -> None:
    with transaction.atomic():
        order = Order.objects.create(paid=False)
        transaction.on_commit(lambda: bill.delay(order.pk))
```

## Evidence needed
The call that enqueues stands in the body of the transaction, or in a function that it calls there, up to three calls
below and each resolved to that function alone; not in one that `on_commit` calls later. The task is of no class that
has its own `apply_async`, and is not put off by a countdown.

## When not to follow it
The task's row is in another database, the broker is a table in this one, or the task needs nothing that is written.

## References
- [Django: performing actions after commit](https://docs.djangoproject.com/en/stable/topics/db/transactions/#performing-actions-after-commit)
- [Celery: database transactions](https://docs.celeryq.dev/en/stable/userguide/tasks.html#database-transactions)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.contexts import is_test
from archwise.engine.program import Code
from archwise.engine.values import ClassValue, functions_of
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW705",
    name="enqueue-in-transaction",
    claims=("G7.3",),
    since="0.1.0",
    severity="warning",
    status="preview",
)

_AT_COMMIT = "_on_commit"
_FARTHEST = 4
"""The hops of a way from a transaction."""
_LATER = frozenset({"countdown", "eta", "delay"})
"""Arguments that put a task off: it hardly overtakes the commit."""


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every task that is enqueued before its transaction has ended."""
    for each in analysis.queues.enqueued:
        op = each.code.scope.ops[each.op]
        if not isinstance(op, ir.Call) or not _LATER.isdisjoint(name for name, _ in op.keywords):
            continue
        written = ir.identifier(each.code.scope.ops[op.function])
        if written.endswith(_AT_COMMIT) or _waits_itself(analysis, each.task, written):
            continue
        for way in _into_transactions(analysis, each.code, each.op):
            (code, index), *rest = way
            enqueues = f"enqueues `{each.task.name}`"
            notes = [*(f"calls `{below.name}`" for below, _ in rest), enqueues]
            yield place.at(
                RULE,
                code,
                index,
                f"`{each.task.name}` is enqueued before the transaction commits: it may run without what that writes",
                f"`transaction.on_commit(lambda: {each.task.scope.name}.{written}(…))`",
                note=f"{notes[0]} in a transaction",
                after=tuple(place.hop(*hop, note) for hop, note in zip(rest, notes[1:], strict=True)),
                cause=f"{each.code.key}\0{each.task.name}" if rest else "",
            )


def _into_transactions(analysis: Analysis, code: Code, index: int) -> Iterator[tuple[tuple[Code, int], ...]]:
    """The shortest ways from an operation of a transaction to one that enqueues: calls, each of one known function."""
    ways: list[tuple[tuple[Code, int], ...]] = [((code, index),)]
    seen = {(code, index)}
    for way in ways:
        here, op = way[0]
        if _is_in_transaction(analysis, here, op):
            yield way
        elif len(way) < _FARTHEST:
            for caller, call, written in analysis.program.calls(here.scope.name):
                meant = () if is_test(caller) else functions_of(analysis.inference.values(caller, written.function))
                if (caller, call) not in seen and tuple(meant) == (here,):
                    seen.add((caller, call))
                    ways.append(((caller, call), *way))


def _waits_itself(analysis: Analysis, task: Code, method: str) -> bool:
    """Whether the task is of a class of the project's that enqueues in a way of its own."""
    for parent, index in task.decorators:
        decorator = parent.scope.ops[index]
        base = dict(decorator.keywords).get("base") if isinstance(decorator, ir.Call) else None
        for value in analysis.inference.values(parent, base) if base is not None else ():
            if isinstance(value, ClassValue):
                defining = analysis.inference.classes.defining
                if defining(value.code, method) is not None or defining(value.code, "apply_async") is not None:
                    return True
    return False


def _is_in_transaction(analysis: Analysis, code: Code, index: int) -> bool:
    """Whether an operation stands in the body of a transaction, or of a function that is one."""
    for entered, op in enumerate(code.scope.ops):
        if isinstance(op, ir.Enter) and entered < index < op.until and _is_transaction(analysis, code, op.value):
            return True
    return any(_is_transaction(analysis, *decorator) for decorator in code.decorators)


def _is_transaction(analysis: Analysis, code: Code, index: int) -> bool:
    values = analysis.inference.values(code, index)
    made = values if isinstance(code.scope.ops[index], ir.Call) else analysis.inference.calls.plain_result(values)
    return bool(made) and all(analysis.stands_for(value) == "transaction" for value in made)
