"""Function views write by hand what Django's generic views do with a model form.

## What it does
Finds function views that do no more than make a model form, validate it, save it, redirect, or else show it.

## Why is this bad
Each copy says anew how a form is shown again with its errors, what happens after it was saved, and which request method
does what; one of them gets it wrong. `CreateView` and `UpdateView` are ten lines shorter and have been right for years.

## Example
```python
from django import forms
from django.db import models
from django.shortcuts import redirect, render
from django.urls import path

class Order(models.Model):
    note = models.TextField()

class OrderForm(forms.ModelForm):
    class Meta:
        model = Order

def add(request):  # AW511
    form = OrderForm(request.POST or None)
    if form.is_valid():
        form.save()
        return redirect("/")
    return render(request, "order.html", {"form": form})

urlpatterns = [path("add/", add)]
```

## Use instead
```python
from django.db import models
from django.urls import path
from django.views.generic import CreateView

class Order(models.Model):
    note = models.TextField()

class AddOrder(CreateView):
    model = Order
    fields = ["note"]
    success_url = "/"

urlpatterns = [path("add/", AddOrder.as_view())]
```

## Evidence needed
The form is known to be a model form; the view makes one of it, and decides little beside whether it is valid.

## When not to follow it
The team writes functions on purpose, so that each view can be read from top to bottom.

## References
- [Django: generic editing views](https://docs.djangoproject.com/en/stable/ref/class-based-views/generic-editing/)
- [Django views, the right way](https://spookylukey.github.io/django-views-the-right-way/): the case for functions
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.contexts import is_test
from archwise.engine.program import Code
from archwise.engine.values import Instance
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW511",
    name="form-view-by-hand",
    claims=("G5.4",),
    since="0.1.0",
    severity="info",
    advice=True,
)

_FORMS = frozenset({"django.forms.ModelForm", "django.forms.models.ModelForm"})
_STEPS = frozenset({"is_valid", "save", "render"})
_REDIRECTS = frozenset({"redirect", "HttpResponseRedirect"})
_MOST_COMPARISONS = 2
_MOST_CALLS = 14


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield each function view that only saves a model form."""
    views = dict.fromkeys(
        endpoint.code
        for endpoint in analysis.endpoints
        if endpoint.framework == "django" and endpoint.op and endpoint.code.owner is None and not is_test(endpoint.code)
    )
    for view in views:
        form = _form(analysis, view)
        if form is not None:
            yield _finding(view, *form)


def _form(analysis: Analysis, view: Code) -> tuple[Code, bool] | None:
    """The model form that a view does nothing but save, and whether of a row that is there."""
    calls = view.operations(ir.Call)
    named = {ir.identifier(view.scope.ops[op.function]) for _, op in calls}
    if not named >= _STEPS or named.isdisjoint(_REDIRECTS):
        return None
    if view.scope.comparisons > _MOST_COMPARISONS or view.scope.arithmetic or len(calls) > _MOST_CALLS:
        return None
    made: dict[Code, bool] = {}
    for index, op in calls:
        for value in analysis.inference.values(view, index):
            if isinstance(value, Instance) and _FORMS & set(analysis.inference.classes.external_bases(value.code)):
                made[value.code] = made.get(value.code, False) or "instance" in dict(op.keywords)
    return next(iter(made.items())) if len(made) == 1 else None


def _finding(view: Code, form: Code, changes: bool) -> Finding:
    generic = "UpdateView" if changes else "CreateView"
    return place.at(
        RULE,
        view,
        0,
        f"`{view.name}` writes by hand what `{generic}` does with `{form.scope.name}`",
        f"derive a view from `django.views.generic.{generic}`, with `form_class = {form.scope.name}`",
        note=f"validates and saves `{form.scope.name}`",
        cause=f"{RULE.code} {view.module.name}",
    )
