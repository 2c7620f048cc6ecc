"""Three or more models repeat the same fields, which belong in an abstract base class.

## What it does
Finds fields of Django models with the same name, type and arguments that at least three models declare together: three
such fields, or two that only keep books (`auto_now`, `editable=False`, a function as default).

## Why is this bad
What all rows of the application have (when they were made, by whom, whether they still count) is said once a model. A
change takes as many edits as there are models, and the one that was left out behaves otherwise.

## Example
```python
from django.db import models

class Customer(models.Model):  # AW509
    created = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)

class Order(models.Model):  # AW509
    created = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)

class Invoice(models.Model):  # AW509
    created = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)
```

## Use instead
```python
from django.db import models

class Tracked(models.Model):
    created = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

class Customer(Tracked):
    pass

class Order(Tracked):
    pass
```

## Evidence needed
The fields are written alike; labels and help texts may differ.

## When not to follow it
The models are of applications that are installed apart, or the fields only happen to be alike.

## References
- [Django: abstract base classes](https://docs.djangoproject.com/en/stable/topics/db/models/#abstract-base-classes)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.contexts import is_test
from archwise.engine.program import Code
from archwise.engine.values import External
from archwise.engine.written import written
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW509",
    name="fields-repeated-in-models",
    claims=("G5.3",),
    since="0.1.0",
    severity="info",
    advice=True,
)

_MODEL = "django.db.models.Model"
_MODELS = 3
_FIELDS = 3
_KEEPING = 2
_LABELS = ("verbose_name", "help_text", "db_column", "error_messages")
_SHOWN = 3


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield each model that declares fields which at least two others declare too."""
    declared: dict[Code, dict[str, str]] = {}
    for cls in analysis.program.classes if "django" in analysis.facts.frameworks else ():
        if cls.scope.bases and not is_test(cls) and _MODEL in analysis.inference.classes.external_bases(cls):
            declared[cls] = dict(_fields(analysis, cls))
    for fields, models in _groups(declared):
        for cls in models:
            yield _finding(cls, fields, models)


def _fields(analysis: Analysis, cls: Code) -> Iterator[tuple[str, str]]:
    """The fields that a model's own body declares, by name, each as it is written."""
    for name, bindings in cls.scope.bindings.items():
        op = cls.scope.ops[bindings[-1].value]
        if isinstance(op, ir.Call):
            for value in analysis.inference.values(cls, op.function):
                if isinstance(value, External) and value.name.endswith("Field"):
                    text = written(cls, bindings[-1].value, _LABELS)
                    if text:
                        yield name, text


def _groups(declared: dict[Code, dict[str, str]]) -> Iterator[tuple[tuple[str, ...], tuple[Code, ...]]]:
    """Fields with the models that share them, those of most models first; a model stands in one group."""
    by_field: dict[tuple[str, str], list[Code]] = {}
    for cls, fields in declared.items():
        for field in fields.items():
            by_field.setdefault(field, []).append(cls)
    left = dict.fromkeys(declared)
    for _, models in sorted(by_field.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        models = [cls for cls in models if cls in left]
        shared = _shared([declared[cls] for cls in models]) if len(models) >= _MODELS else {}
        if len(shared) >= _FIELDS or sum(map(_keeps_books, shared.values())) >= _KEEPING:
            yield tuple(shared), tuple(models)
            for cls in models:
                del left[cls]


def _shared(fields: list[dict[str, str]]) -> dict[str, str]:
    first, *rest = fields
    return {name: text for name, text in first.items() if all(other.get(name) == text for other in rest)}


def _keeps_books(text: str) -> bool:
    return any(option in text for option in ("auto_now", "editable=False", "default=timezone", "default=uuid"))


def _finding(cls: Code, fields: tuple[str, ...], models: tuple[Code, ...]) -> Finding:
    shown = ", ".join(f"`{name}`" for name in fields[:_SHOWN]) + (", …" if len(fields) > _SHOWN else "")
    others = [f"`{other.scope.name}`" for other in models if other is not cls]
    rest = f" and {len(others) - 2} more" if len(others) > 2 else ""
    return place.at(
        RULE,
        cls,
        0,
        f"`{cls.scope.name}` repeats {shown} of {', '.join(others[:2])}{rest}",
        "declare them in a class with `abstract = True` in its `Meta`, and derive these models from it",
        note=f"declares {len(fields)} fields that {len(models)} models have",
        cause=f"{models[0].key} {' '.join(fields)}",
    )
