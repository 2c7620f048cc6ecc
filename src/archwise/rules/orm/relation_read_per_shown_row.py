"""A serializer or an admin list reads a relation of each row it shows that the queryset has not loaded.

## What it does
Finds serializers whose fields (nested ones, `source=`, `SerializerMethodField`, slugs and keys of many rows, model
properties) read a relation that the view's `queryset` or `get_queryset` has not loaded, and columns of an admin list
that do the same. Serializers instantiated with `many=True` count too, and so do Pydantic models from which FastAPI or
Django Ninja build a response: a field named like a relation reads it. Items of feeds and sitemaps are rows that are
shown too, as are the choices of a form's `ModelChoiceField`.

## Why is this bad
A list of a hundred rows sends a hundred more queries for every such field. The loop stands in the framework, the read
in the serializer and the queryset in the view, so nobody sees the three together in review.

## Example
```python
from django.db import models
from rest_framework import serializers, viewsets

class Customer(models.Model):
    name = models.CharField(max_length=80)

class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)

class OrderSerializer(serializers.ModelSerializer):
    customer_name = serializers.CharField(source="customer.name")  # AW503

    class Meta:
        model = Order
        fields = ["id", "customer_name"]

class OrderViewSet(viewsets.ModelViewSet):
    queryset = Order.objects.all()
    serializer_class = OrderSerializer
```

## Use instead
```python
from django.db import models
from rest_framework import serializers, viewsets

class Customer(models.Model):
    name = models.CharField(max_length=80)

class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)

class OrderSerializer(serializers.ModelSerializer):
    customer_name = serializers.CharField(source="customer.name")

    class Meta:
        model = Order
        fields = ["id", "customer_name"]

class OrderViewSet(viewsets.ModelViewSet):
    queryset = Order.objects.select_related("customer")
    serializer_class = OrderSerializer
```

## Evidence needed
The view lists rows, has one serializer, and every queryset that it may give is seen; the relation is loaded by none of
them. Of what a serializer's method shows with another serializer, nothing is said that one of them loads. In the admin,
what Django loads by itself for columns that are required foreign keys is taken into account.

A list that is cut to ten rows at most (`[:10]`) is information, and so is a row that is got by a query of its own
before it is shown; the message says so.

## When not to follow it
The list is short by nature, or the field is shown only for a single row. Views with a `list` method of their own
that does not call the framework's are left alone.

## References
- [Django REST framework: nested relationships](https://www.django-rest-framework.org/api-guide/relations/)
- [Django: list_select_related](https://docs.djangoproject.com/en/stable/ref/contrib/admin/)
- [Django: select_related](https://docs.djangoproject.com/en/stable/ref/models/querysets/#select-related)
"""

from collections.abc import Iterator

from archwise.engine.analysis import Analysis
from archwise.engine.orm.listings import Listing
from archwise.engine.orm.loops import Unloaded
from archwise.findings import Finding
from archwise.rules import place, trail
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW503",
    name="relation-read-per-shown-row",
    claims=("G5.5", "G11.5"),
    since="0.1.0",
    severity="warning",
)


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every relation that a list which a framework shows reads row by row."""
    in_listings = list(analysis.row_loops.unloaded_in_listings())
    for listing, found in in_listings:
        listed = [other for shown, other in in_listings if shown is listing] if listing.admin is not None else []
        yield _finding(found, listing.name, _remedy(found, listing, listed))
    for found in analysis.row_loops.unloaded():
        if found.by is not None:
            yield _finding(found, found.hops[0][0].name, trail.remedy(found))


def _remedy(found: Unloaded, listing: Listing, listed: list[Unloaded]) -> str:
    """What to add where: to the query, or to the admin class that stands for it."""
    if listing.admin is None or found.made[0] is not listing.admin:
        return trail.remedy(found)
    admin = f"`{listing.admin.name}`" if listing.admin.scope.kind == "class" else "a `ModelAdmin` to register it with"
    return trail.remedy_in_admin(found, listed, admin)


def _finding(found: Unloaded, view: str, remedy: str) -> Finding:
    code, op = found.hops[0]
    rows = f"each `{found.owners[0]}`" if found.owners[0] else "each row"
    if found.row.base:  # the query gives one row, and a relation of it is gone through
        rows = f"each of the `{found.row.path[found.row.base - 1]}`"
    last = f"reads `{found.link.name}`, one query"
    why = found.minor or trail.shared(found)
    return place.at(
        RULE,
        code,
        op,
        f"{trail.paths(found)} read for {rows} that `{view}` shows, one query each time{trail.information(why)}",
        remedy,
        note=trail.first_note(found.hops, last),
        severity="info" if why else "warning",
        confidence="certain" if found.seen and not found.shared else "likely",
        before=(trail.hop(found.made, f"makes the query, without `{found.path[0]}`"),),
        after=(*trail.rest(found.hops, last), *trail.too(found)),
        cause=trail.cause(found),
    )
