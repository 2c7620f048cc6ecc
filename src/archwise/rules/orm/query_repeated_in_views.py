"""Several views write the same long query, which belongs on a manager.

## What it does
Finds queries of a Django model with at least three conditions or three steps, which two or more functions of view
modules write alike.

## Why is this bad
What the query means ("orders that can still be cancelled") has no name, no test and no single place. When the rule
changes, one of the copies is forgotten, and two pages disagree.

## Example
```python
from django.db import models
from django.http import HttpRequest, HttpResponse

class Order(models.Model):
    paid = models.BooleanField()
    sent = models.BooleanField()
    total = models.IntegerField()

def index(request: HttpRequest) -> HttpResponse:
    found = Order.objects.filter(paid=True, sent=False).exclude(total=0).order_by("pk")  # AW508
    return HttpResponse(found)

def export(request: HttpRequest) -> HttpResponse:
    found = Order.objects.filter(paid=True, sent=False).exclude(total=0).order_by("pk")  # AW508
    return HttpResponse(found, content_type="text/csv")
```

## Use instead
```python
from django.db import models
from django.http import HttpRequest, HttpResponse

class Orders(models.QuerySet):
    def open(self) -> "Orders":
        return self.filter(paid=True, sent=False).exclude(total=0).order_by("pk")

class Order(models.Model):
    paid = models.BooleanField()
    sent = models.BooleanField()
    total = models.IntegerField()
    objects = Orders.as_manager()

def index(request: HttpRequest) -> HttpResponse:
    return HttpResponse(Order.objects.open())
```

## Evidence needed
The queries start at the manager of the same model and are written alike, step by step; values of the functions' own
count as the same.

## When not to follow it
The two pages only happen to ask the same today.

## References
- [Django: managers](https://docs.djangoproject.com/en/stable/topics/db/managers/)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.contexts import is_test
from archwise.engine.program import Code
from archwise.engine.values import ClassValue
from archwise.engine.written import written
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW508",
    name="query-repeated-in-views",
    claims=("G5.3",),
    since="0.1.0",
    severity="info",
    advice=True,
)

_LEAST = 3
_STEPS = frozenset(
    {
        *("all", "filter", "exclude", "annotate", "alias", "aggregate", "order_by", "distinct", "only", "defer"),
        *("select_related", "prefetch_related", "select_for_update", "values", "values_list", "using", "reverse"),
        *("get", "first", "last", "latest", "earliest", "count", "exists", "iterator"),
    }
)
"""The querysets' own methods: a query by any other has a name already, or writes."""


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield each place of a long query that another view writes as well."""
    found: dict[str, list[tuple[Code, int]]] = {}
    for code in analysis.program.codes() if "django" in analysis.facts.frameworks else ():
        if _is_view(analysis, code) and not is_test(code):
            for index, top, steps in _chains(code):
                model = _model(analysis, code, index) if steps >= _LEAST else None
                text = written(code, top) if model is not None else ""
                if model is not None and text:
                    found.setdefault(f"{model.key} {text}", []).append((code, top))
    for key, places in found.items():
        functions = dict.fromkeys(code for code, _ in places)
        for code, op in places if len(functions) > 1 else ():
            other = next(each for each in functions if each is not code)
            yield _finding(code, op, other, len(functions), key)


def _is_view(analysis: Analysis, code: Code) -> bool:
    """Whether a function takes a request, or is a method among views."""
    if code.scope.kind != "function":
        return False
    named = any(parameter.name == "request" for parameter in code.scope.parameters)
    return named or (code.owner is not None and code.module in analysis.serving)


def _chains(code: Code) -> Iterator[tuple[int, int, int]]:
    """The queries of a function: what stands before ``.objects``, the last call, and how many steps it has.

    A step is a call, or a condition of one beyond its first.
    """
    ops = code.scope.ops
    read = {op.value: index for index, op in code.operations(ir.Attribute)}
    called = {op.function: index for index, op in code.operations(ir.Call)}
    for index, op in code.operations(ir.Attribute):
        if op.name != "objects":
            continue
        top, steps = index, 0
        while after := called.get(read.get(top, 0), 0):
            call = ops[after]
            if not isinstance(call, ir.Call) or ir.identifier(ops[call.function]) not in _STEPS:
                break
            steps += max(1, len(call.keywords))
            top = after
        else:
            yield op.value, top, steps


def _model(analysis: Analysis, code: Code, index: int) -> Code | None:
    """The model whose manager a query starts at."""
    values = analysis.inference.values(code, index)
    if len(values) != 1 or not isinstance(values[0], ClassValue):
        return None
    found = values[0].code
    return found if "django.db.models.Model" in analysis.inference.classes.external_bases(found) else None


def _finding(code: Code, op: int, other: Code, count: int, key: str) -> Finding:
    model = key.partition(" ")[0].rpartition(":")[2].rpartition(".")[2]
    return place.at(
        RULE,
        code,
        op,
        f"{count} views write the same query of `{model}`",
        f"give it a name: a method of a queryset of `{model}`, which its manager is made of",
        note="written here",
        after=(place.hop(other, 0, "writes it too"),),
        cause=key,
    )
