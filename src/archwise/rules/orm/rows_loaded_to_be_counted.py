"""All rows of a query are loaded only to count them, or to see whether there is one.

## What it does
Finds `len(queryset)` and truth tests of a queryset, `if queryset:`, whose rows the function uses for nothing else.

## Why is this bad
Django fetches every row and builds an object of each to answer a question that the database answers with one number.
The cost grows with the table: a few rows in development, a hundred thousand objects in production.

## Example
```python
from django.db import models

class Order(models.Model):
    paid = models.BooleanField(default=False)

def unpaid() -> int:
    return len(Order.objects.filter(paid=False))  # AW506
```

## Use instead
```python
from django.db import models

class Order(models.Model):
    paid = models.BooleanField(default=False)

def unpaid() -> int:
    return Order.objects.filter(paid=False).count()
```
Instead of a truth test, ask `.exists()`.

## Evidence needed
The queryset is made in the same function, and is either used right there or bound to a name that is read this once.
Querysets whose rows are iterated over as well are left alone: there, `len` costs nothing.

## When not to follow it
Never: loading rows only to count them is always the slower way. But `count()` of a huge table is slow in PostgreSQL
too, so ask `exists()` where one row suffices.

## References
- [Django: count](https://docs.djangoproject.com/en/stable/ref/models/querysets/#count)
- [Django: don't overuse contains, count and exists](https://docs.djangoproject.com/en/stable/topics/db/optimization/)
"""

from collections.abc import Iterator

from archwise.engine.analysis import Analysis
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW506",
    name="rows-loaded-to-be-counted",
    claims=("G5.5",),
    since="0.1.0",
    severity="warning",
    status="preview",
)

_QUESTIONS = {"count": "to be counted", "exists": "to see whether there is one"}


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every queryset that is loaded for its number of rows."""
    for code, op, method in analysis.row_loops.measured():
        yield place.at(
            RULE,
            code,
            op,
            f"all rows of a query are loaded in `{code.name}` only {_QUESTIONS[method]}",
            f"ask the database: `.{method}()`",
            note="loads all rows",
        )
