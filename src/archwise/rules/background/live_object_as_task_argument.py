"""A task is given an object that lives in this process only: a row, a session, the request.

## What it does
Finds calls that enqueue a task of Celery, RQ or Dramatiq with an instance of a database model, a database session or
the request among its arguments.

## Why is this bad
What a task is given is written to the broker and read by another process, later. With the usual JSON serializer an
object makes the call fail. Pickled, a row arrives as it was when it was sent: the task saves over what has changed
since, and it breaks with each change of the model. A session or a request does not survive the journey at all.

## Example
```python
from celery import shared_task
from django.db import models

class Order(models.Model):
    paid = models.BooleanField()

@shared_task
def bill(order: Order) -> None:
    order.save()

def pay(number: int) -> None:
    order = Order.objects.get(pk=number)
    bill.delay(order)  # AW704
```

## Use instead
```python
from celery import shared_task
from django.db import models

class Order(models.Model):
    paid = models.BooleanField()

@shared_task
def bill(number: int) -> None:
    Order.objects.get(pk=number).save()

def pay(number: int) -> None:
    bill.delay(number)
```

## Evidence needed
The callee is a task, and all that an argument may be is such an object, by its class or annotation.
An argument that may also be something else, or whose class is not known, is left alone.

## When not to follow it
The project has registered a serializer that sends such an object's key and reads it anew.

## References
- [Celery: state, and why not to pass models](https://docs.celeryq.dev/en/stable/userguide/tasks.html#state)
- [Dramatiq: keep messages small](https://dramatiq.io/best_practices.html#simple-messages)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.program import Code
from archwise.engine.values import Instance, Self, Values
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW704",
    name="live-object-as-task-argument",
    claims=("G7.3",),
    since="0.1.0",
    severity="warning",
    status="preview",
)

_SAID = {
    "row": ("a row of the database, which may have changed when the task runs", "pass its key and read it in the task"),
    "session": ("a database session, which does not leave this process", "open a session in the task"),
    "request": ("the request, which does not leave this process", "pass the values that the task needs"),
}


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every argument of an enqueued task that is such an object."""
    for each in analysis.queues.enqueued:
        for index in each.given:
            kind = _kind(analysis, each.code, index)
            if kind in _SAID:
                what, instead = _SAID[kind]
                yield place.at(
                    RULE,
                    each.code,
                    each.op,
                    f"`{each.task.name}` is given {_named(each.code, index)}{what}",
                    instead,
                    note=f"enqueues `{each.task.name}`",
                )


def _kind(analysis: Analysis, code: Code, index: int) -> str:
    """What all alternatives of an argument stand for; nothing where they differ or one is not known."""
    values = _settled(analysis, code, index)
    kinds = {analysis.stands_for(value) or "" for value in values}
    return kinds.pop() if len(kinds) == 1 else ""


def _settled(analysis: Analysis, code: Code, index: int) -> Values:
    """An argument's values; what its annotation says where it is a parameter."""
    values = analysis.inference.values(code, index)
    op = code.scope.ops[index]
    if isinstance(op, ir.Name) and not any(isinstance(value, (Instance, Self)) for value in values):
        for parameter in code.scope.parameters:
            if parameter.name == op.id and parameter.annotation and op.id not in code.scope.bindings:
                return analysis.inference.parameters.annotated(code, parameter)
    return values


def _named(code: Code, index: int) -> str:
    name = ir.identifier(code.scope.ops[index])
    return f"`{name}`, " if name else ""
