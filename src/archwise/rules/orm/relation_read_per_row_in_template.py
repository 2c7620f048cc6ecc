"""A template's loop reads a relation of each row that the view's query has not loaded: one more query a row.

## What it does
Finds `{% for %}` loops over rows, in the project's Django templates, in which a foreign key, one-to-one,
many-to-many or reverse relation is looked up that the query of the view has not loaded. It follows the context from
`render()`, `TemplateResponse`, `get_template().render()` and class-based views (`get_context_data`,
`context_object_name`, `object_list`) through `{% include %}`, `{% extends %}`, `{% with %}` and `{% regroup %}`,
and into model methods and properties that the template calls.

## Why is this bad
A page of a hundred rows sends a hundred more queries, and the line that sends them looks like text. The query stands in
the view, the loop in one template, the lookup perhaps in another that it includes.

## Example
```python
from django.db import models
from django.shortcuts import render

class Customer(models.Model):
    name = models.CharField(max_length=80)

class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)

def orders(request):
    return render(request, "orders.html", {"orders": Order.objects.all()})
```

```html
{# templates/orders.html #}
{% for order in orders %}
  <li>{{ order.customer.name }}</li> {# AW504 #}
{% endfor %}
```

## Use instead
```python
from django.db import models
from django.shortcuts import render

class Customer(models.Model):
    name = models.CharField(max_length=80)

class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)

def orders(request):
    return render(request, "orders.html", {"orders": Order.objects.select_related("customer")})
```

```html
{# templates/orders.html #}
{% for order in orders %}
  <li>{{ order.customer.name }}</li>
{% endfor %}
```

## Evidence needed
The template has one file in the project, the view's context gives the loop's rows, and all that the query loads is
seen. What stands in `{% cache %}` is left alone; it is information where the list is cut to ten rows at most
(`|slice:":5"`).

## When not to follow it
The list is short by nature. Silence a line with `{# archwise: ignore[AW504] #}`.

## References
- [Django: database access optimization](https://docs.djangoproject.com/en/stable/topics/db/optimization/)
- [Django: template variables](https://docs.djangoproject.com/en/stable/ref/templates/language/#variables)
"""

from collections.abc import Iterator

from archwise.engine.analysis import Analysis
from archwise.findings import Finding
from archwise.rules import trail
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW504",
    name="relation-read-per-row-in-template",
    claims=("G5.5", "G11.5"),
    since="0.1.0",
    severity="warning",
    status="preview",
)


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every loop of a template that looks up an unloaded relation of its rows."""
    for found in analysis.row_loops.unloaded():
        if analysis.row_loops.is_template(found.each[0]):
            yield trail.per_row(RULE, found)
