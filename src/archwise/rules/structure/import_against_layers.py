"""A module imports from a layer above its own.

## What it does
Finds imports that run against the direction of the layers: a service that imports a route, a repository that imports
a service, a model that imports a repository. Layers are those of `[tool.archwise.layers]`; where a project declares
none, they are inferred from what its modules are called, where its endpoints stand and who imports whom, and only a
direction that the project itself keeps to in at least four of five imports is held against the rest. The rule is on
where layers are declared, and off unless selected where they are inferred.

## Why is this bad
A layer that knows the one above it cannot be used, tested or changed without it: the nightly job that calls the
service now drags in the web framework, and a change of a route breaks it. Such an import is also half of an import
cycle, which is why it so often hides inside a function.

## Example
```toml
[tool.archwise.layers]
routes = ["shop.routes"]
services = ["shop.services"]
```
```python
# shop/routes/orders.py
PAGE = 20
# shop/services/orders.py
from shop.routes.orders import PAGE  # AW401


def recent(orders: list[str]) -> list[str]:
    return orders[:PAGE]
```

## Use instead
What both need belongs in the lower layer, or is handed in.
```python
# shop/routes/orders.py
from shop.services.orders import recent

PAGE = 20


def first_page(orders: list[str]) -> list[str]:
    return recent(orders, PAGE)
# shop/services/orders.py
def recent(orders: list[str], limit: int) -> list[str]:
    return orders[:limit]
```

## Evidence needed
The import is executed, at import or in a function; one under `TYPE_CHECKING` does not count. Both modules have a
layer. An interface is no violation: a protocol or abstract class of the layer above that the module implements or
asks for is dependency inversion, and points the right way. *Certain* means that the layers are declared.

## When not to follow it
The module is called like a layer and is none: declare the layers. One that is being moved can go to the baseline.

## References
- [import-linter: layers contracts](https://import-linter.readthedocs.io/en/stable/contract_types/layers/)
- [Cosmic Python: dependency inversion](https://www.cosmicpython.com/book/chapter_02_repository.html)
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from archwise.engine.analysis import Analysis
from archwise.engine.imports import Import
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

if TYPE_CHECKING:
    from archwise.engine.program import Module

RULE = Rule(
    module=__name__,
    code="AW401",
    name="import-against-layers",
    claims=("G4.4", "G11.7"),
    since="0.1.0",
    severity="warning",
    status="preview",
)


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield, for each two modules, the first import against the direction of their layers."""
    found: dict[tuple[Module, Module], list[Import]] = {}
    for each in analysis.layers.wrong:
        found.setdefault((each.importer, each.target), []).append(each)
    for imports in found.values():
        yield _finding(analysis, imports)


def _finding(analysis: Analysis, imports: list[Import]) -> Finding:
    first = imports[0]
    layer, above = analysis.layers.of(first.importer), analysis.layers.of(first.target)
    importer, target = analysis.program.imported_as(first.importer), analysis.program.imported_as(first.target)
    names = [f"`{each.name}`" for each in imports if each.name not in ("", "*")]
    what = ", ".join(names[:3]) + (" and more" if len(names) > 3 else "") if names else f"what it needs of `{target}`"
    hidden = "inside a function, which hides the dependency and leaves it" if first.when == "call" else ""
    return place.at(
        RULE,
        first.code,
        first.op,
        f"`{importer}` is of the layer `{layer}` and imports `{target}` of the layer `{above}` above it",
        f"move {what} to `{layer}` or below, or let the caller in `{above}` hand it in",
        note=f"imports `{target}`" + (f" {hidden}" if hidden else ""),
        confidence="certain" if analysis.layers.is_declared else "likely",
    )
