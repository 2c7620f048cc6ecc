"""A loop over rows sends a query of its own for each of them.

## What it does
Finds queries that a loop over a queryset's rows or values sends once a round, with something that depends on the row:
`get`, `count`, `exists`, `first`, or going through a `filter(…)`, in the loop itself or in any function that it calls;
the same for each row that a REST view or an admin list shows; and for each key or record of a loop over
something else that may be long. Of SQLAlchemy, what a session is given to execute, older queries
(`session.query(…)…all()`), and `session.get` by a key.

## Why is this bad
A hundred rows send a hundred queries, each with its own round trip, and the page or task grows slower with the table.
One query that asks for all of them, an annotation, or a prefetch with a narrowed queryset does the same work at once.

## Example
```python
from django.db import models

class Customer(models.Model):
    name = models.CharField(max_length=80)

class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)

def counts() -> dict[str, int]:
    found = {}
    for customer in Customer.objects.all():
        found[customer.name] = Order.objects.filter(customer=customer).count()  # AW502
    return found
```

## Use instead
```python
from django.db import models

class Customer(models.Model):
    name = models.CharField(max_length=80)

class Order(models.Model):
    customer = models.ForeignKey(Customer, related_name="orders", on_delete=models.CASCADE)

def counts() -> dict[str, int]:
    customers = Customer.objects.annotate(number=models.Count("orders"))
    return {customer.name: customer.number for customer in customers}
```

## Evidence needed
The loop goes through what a query gives, or, `likely`, through something that is neither written out nor a setting;
the query is known to be sent there and depends on the round. Queries that
write, that ask for a batch (`…__in`), or whose result is kept for later rounds are left alone. It is information where
it is not worth raising: each round writes, sends mail or asks another host anyway, the loop ends with what it looks
for, goes through ten rows at most, or runs in a one-shot command or a script. The message says which.

## When not to follow it
The loop has a handful of rounds, or each answer decides what to ask next.

## References
- [Django: database access optimization](https://docs.djangoproject.com/en/stable/topics/db/optimization/)
- [Django: Prefetch](https://docs.djangoproject.com/en/stable/ref/models/querysets/#prefetch-objects)
- [Django: aggregation](https://docs.djangoproject.com/en/stable/topics/db/aggregation/)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.orm.loops import Asked
from archwise.findings import Finding, Hop
from archwise.rules import place, trail
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW502",
    name="query-in-loop",
    claims=("G5.5", "G11.5"),
    since="0.1.0",
    severity="warning",
    status="preview",
)


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every query that a loop over rows sends once a round."""
    for found in analysis.row_loops.asked():
        where = "in each round of a loop over rows" if found.over_rows else "for each key of a loop"
        yield _finding(found, where, (trail.hop(found.each, "goes through the rows"),))
    for listing, found in analysis.row_loops.asked_in_listings():
        yield _finding(found, f"for each row that `{listing.name}` shows", ())


def _finding(found: Asked, where: str, before: tuple[Hop, ...]) -> Finding:
    code, op = found.hops[0]
    last_code, last_op = found.hops[-1]
    model = f"`{found.query.model.scope.name}` " if found.query.model is not None else ""
    through = f", in `{last_code.name}`" if len(found.hops) > 1 else ""
    asked = last_code.scope.ops[last_op]
    what = ir.identifier(last_code.scope.ops[asked.function]) if isinstance(asked, ir.Call) else ""
    note = f"asks the database: `{what}()`" if what else "asks the database"
    built = found.query.tied or found.query.made
    making = (trail.hop(built, "makes the query"),) if built is not None and built not in found.hops else ()
    is_sure = found.over_rows and (len(found.hops) == 1 or not before)
    return place.at(
        RULE,
        code,
        op,
        f"a {model}query is sent {where}{through}{trail.information(found.minor)}",
        "ask once before the loop: `filter(…__in=…)` or `in_bulk()`, an annotation, or a `Prefetch`",
        note=trail.first_note(found.hops, note),
        severity="info" if found.minor else "warning",
        confidence="certain" if is_sure else "likely",
        before=(*before, *making),
        after=tuple(trail.rest(found.hops, note)),
    )
