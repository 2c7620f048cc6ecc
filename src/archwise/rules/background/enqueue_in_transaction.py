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
The call that enqueues stands in the body of the transaction itself, not in a function that `on_commit` calls later, and
the task is of no class that has its own `apply_async` and is not put off by a countdown.
Where the transaction belongs to a caller, nothing is said.

## When not to follow it
The task's row is in another database, the broker is a table in this one, or the task needs nothing that is written.

## References
- [Django: performing actions after commit](https://docs.djangoproject.com/en/stable/topics/db/transactions/#performing-actions-after-commit)
- [Celery: database transactions](https://docs.celeryq.dev/en/stable/userguide/tasks.html#database-transactions)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.program import Code
from archwise.engine.values import ClassValue
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule.of(
    __doc__,
    code="AW705",
    name="enqueue-in-transaction",
    claims=("G7.3",),
    since="0.1.0",
    severity="warning",
    status="preview",
)

_AT_COMMIT = "_on_commit"
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
        if _is_in_transaction(analysis, each.code, each.op):
            yield place.at(
                RULE,
                each.code,
                each.op,
                f"`{each.task.name}` is enqueued before the transaction commits: it may run without what that writes",
                f"`transaction.on_commit(lambda: {each.task.scope.name}.{written}(…))`",
                note=f"enqueues `{each.task.name}` in a transaction",
            )


def _waits_itself(analysis: Analysis, task: Code, method: str) -> bool:
    """Whether the task is of a class of the project's that enqueues in a way of its own."""
    parent = task.parent
    if parent is None:
        return False
    for index in task.scope.decorators:
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
    parent = code.parent
    return parent is not None and any(_is_transaction(analysis, parent, each) for each in code.scope.decorators)


def _is_transaction(analysis: Analysis, code: Code, index: int) -> bool:
    values = analysis.inference.values(code, index)
    made = values if isinstance(code.scope.ops[index], ir.Call) else analysis.inference.calls.plain_result(values)
    return bool(made) and all(analysis.stands_for(value) == "transaction" for value in made)
