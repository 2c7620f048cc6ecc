"""No test uses a module of the service layer, in a project that tests its other services.

## What it does
Finds modules of the layer of services that decide or calculate something, and of which no test imports or names a
function or class.

## Why is this bad
The business logic stands in the services. Where only requests try it, a failure says that something is wrong somewhere
between the route and the database; the cases at the edges, which need a dozen inputs each, are rarely tried at all.

## Example
```toml
[tool.archwise.layers]
routes = ["shop.routes"]
services = ["shop.services"]
```
```python
# shop/services/prices.py
def gross(net: float, rate: float) -> float:
    return net * (1 + rate)
# shop/services/stock.py
def left(held: int, sold: int) -> int:
    return held - sold
# shop/services/refunds.py
def due(paid: float, days: int) -> float:  # AW906
    return paid if days < 14 else 0
# tests/test_services.py
from shop.services.prices import gross
from shop.services.stock import left

def test_prices() -> None:
    assert gross(10, 0.2) == 12

def test_stock() -> None:
    assert left(5, 2) == 3
```

## Use instead
```python
# shop/services/refunds.py
def due(paid: float, days: int) -> float:
    return paid if days < 14 else 0
# tests/test_refunds.py
from shop.services.refunds import due

def test_due() -> None:
    assert due(10, 13) == 10
    assert due(10, 14) == 0
```

## Evidence needed
The tests of the project use at least two other modules of the layer. What a test imports from a package, or reads of a
module, counts for all modules that define such a name.

## When not to follow it
The service only hands on to another package, or the tests of its routes try all that it decides.

## References
- [The practical test pyramid](https://martinfowler.com/articles/practical-test-pyramid.html)
"""

from collections.abc import Iterator

from archwise.engine.analysis import Analysis
from archwise.engine.program import Code, Module
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW906",
    name="service-without-test",
    claims=("G9.1", "G11.7"),
    since="0.1.0",
    severity="info",
    advice=True,
)

_LEAST = 2


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield the first function of each service that no test uses, where the tests use others."""
    services = [module for module in analysis.layers.modules("services") if _deciding(module)]
    if not services or not analysis.suite.tests:
        return
    used = analysis.exercised.identifiers
    missed = [module for module in services if used.isdisjoint(_defined(module))]
    if len(services) - len(missed) < _LEAST:
        return
    for module in missed:
        yield _finding(analysis, module, len(missed), len(services))


def _deciding(module: Module) -> list[Code]:
    """The functions of a module that decide or calculate something."""
    return [
        code
        for code in module.codes
        if code.scope.kind == "function" and not code.scope.is_stub and code.scope.comparisons + code.scope.arithmetic
    ]


def _defined(module: Module) -> set[str]:
    """The names of the functions and classes of a module, and of the module itself."""
    named = {code.scope.name for code in module.code.inner}
    return {*named, module.name.rpartition(".")[2]}


def _finding(analysis: Analysis, module: Module, missed: int, total: int) -> Finding:
    name = analysis.program.imported_as(module)
    return place.at(
        RULE,
        _deciding(module)[0],
        0,
        f"no test uses the service `{name}`",
        "call its functions in a test, with the cases at the edges of what they decide",
        note="decides something, and no test calls it",
        confidence="certain" if analysis.layers.is_declared else "likely",
        cause=RULE.name,
        cause_message=f"no test uses {missed} of {total} services",
    )
