"""A loop reads a relation of each row that the query has not loaded: one more query a row.

## What it does
Finds loops and comprehensions over rows that read a foreign key, one-to-one, many-to-many or reverse relation which no
`select_related` or `prefetch_related` has loaded. It follows a queryset from where it is made, through variables and
the methods of views, managers and querysets, into the loop, and the rows from there into the functions, properties and
model methods that the loop calls with them. Models are Django's, or Tortoise's, whose rows send the query when a
relation is awaited or iterated over.

## Why is this bad
Each row sends a query of its own: a page of fifty orders sends fifty-one. It goes unseen in development, where tables
are short, and is a usual cause of slow pages. One call on the queryset loads all of it.

## Example
```python
from django.db import models

class Customer(models.Model):
    name = models.CharField(max_length=80)

class Order(models.Model):
    number = models.CharField(max_length=20)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)

def labels() -> list[str]:
    orders = Order.objects.filter(number__startswith="A")
    return [f"{order.number} {order.customer.name}" for order in orders]  # AW501
```

## Use instead
```python
from django.db import models

class Customer(models.Model):
    name = models.CharField(max_length=80)

class Order(models.Model):
    number = models.CharField(max_length=20)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)

def labels() -> list[str]:
    orders = Order.objects.filter(number__startswith="A").select_related("customer")
    return [f"{order.number} {order.customer.name}" for order in orders]
```

## Evidence needed
The relation is declared in a model of the project, and the loop's rows come from a queryset whose every step is seen. A
finding is `likely` if the rows reach the loop from outside, as `self` or a parameter, and no query in the whole program
loads a relation of that name, or if the model is only known because it alone has a relation of that name.

It is information where it is not worth raising: each round writes, sends mail, publishes a task or asks another host
anyway, or gets its row by a query of its own; the loop ends with what it looks for, goes through ten rows at most
(`[:5]`), or runs in a command or a script; or the rows are those that one user or object has (`order.lines.all()`,
`Line.objects.filter(order=order)`), unless the object has thirteen such relations or more, as a tenant does. The
message says which.

## When not to follow it
The loop has a handful of rows at most, or nearly all rows skip the read. A key alone costs nothing: read
`order.customer_id`, not `order.customer.id`.

## References
- [Django: select_related](https://docs.djangoproject.com/en/stable/ref/models/querysets/#select-related)
- [Django: prefetch_related](https://docs.djangoproject.com/en/stable/ref/models/querysets/#prefetch-related)
- [Django: database access optimization](https://docs.djangoproject.com/en/stable/topics/db/optimization/)
"""

from collections.abc import Iterator

from archwise.engine.analysis import Analysis
from archwise.findings import Finding
from archwise.rules import trail
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW501",
    name="relation-read-per-row",
    claims=("G5.5", "G11.5"),
    since="0.1.0",
    severity="warning",
)


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every loop that reads an unloaded relation of its rows."""
    for found in analysis.row_loops.unloaded():
        is_python = found.by is None and not analysis.row_loops.is_template(found.each[0])
        if is_python and found.link.orm != "sqlalchemy":
            yield trail.per_row(RULE, found)
