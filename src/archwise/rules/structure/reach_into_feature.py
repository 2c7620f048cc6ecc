"""A feature uses what is inside another one.

## What it does
Finds imports between features, packages side by side that each hold their own routes, services and the like, that
take what the other keeps to itself: its routes, its repositories, or a name with a leading underscore. Features are
those of `[tool.archwise.features]`; where a project declares none, packages with modules of several layers are taken
for features if three stand side by side.

## Why is this bad
A feature can be changed freely as long as others only use what it offers. Its queries and handlers are what changes
most: once another feature builds on them, neither can be moved, tested or handed to another team alone.

## Example
```toml
[tool.archwise.features]
orders = ["shop.orders"]
billing = ["shop.billing"]
```
```python
# shop/orders/repository.py
def rows() -> list[int]:
    return []
# shop/billing/service.py
from shop.orders.repository import rows  # AW406


def due() -> int:
    return sum(rows())
```

## Use instead
```python
# shop/orders/repository.py
def rows() -> list[int]:
    return []
# shop/orders/service.py
from shop.orders.repository import rows


def open_amounts() -> list[int]:
    return rows()
# shop/billing/service.py
from shop.orders.service import open_amounts


def due() -> int:
    return sum(open_amounts())
```

## Evidence needed
Both modules are of a feature, and not the same; the import is executed. Services, schemas, models and what a package
exports are for all to use. *Certain* means that the features are declared.

## When not to follow it
Two packages that are one feature: declare them as one.

## References
- [Modular monolith: encapsulation](https://www.kamilgrzybek.com/blog/posts/modular-monolith-architectural-enforcement)
- [import-linter: independence contracts](https://import-linter.readthedocs.io/en/stable/contract_types/independence/)
"""

from collections.abc import Iterator

from archwise.engine.analysis import Analysis
from archwise.engine.imports import Import
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW406",
    name="reach-into-feature",
    claims=("G4.5",),
    since="0.1.0",
    severity="warning",
    status="preview",
)


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield the imports that take what another feature keeps to itself."""
    for each in analysis.features.wrong:
        yield _finding(analysis, each)


def _finding(analysis: Analysis, each: Import) -> Finding:
    features = analysis.features
    owner = features.of(each.target)
    target = analysis.program.imported_as(each.target)
    inside = features.inside(each)
    what = f"`{each.name}` of `{target}`" if each.name else f"`{target}`"
    kept = "a private part" if inside == "private" else f"one of the {inside}"
    return place.at(
        RULE,
        each.code,
        each.op,
        f"the feature `{features.of(each.importer)}` uses {what}, {kept} of the feature `{owner}`",
        f"ask a service of `{owner}` for it, or have `{owner}` export it",
        note=f"imports {what}",
        confidence="certain" if features.is_declared else "likely",
    )
