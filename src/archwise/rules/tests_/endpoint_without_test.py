"""No test reaches an endpoint, in a project whose tests reach others.

## What it does
Finds endpoints that no test sends a request to, by a path it names (as a literal, an f-string, put together, or of a
variable), by a route's name (`reverse`, `url_for`), or by calling the function; those that change something first.

## Why is this bad
What the suite never asks can break without anyone being told: a renamed field, a permission that is no longer checked,
a transaction that is not committed. An endpoint that deletes or charges is where that costs most.

## Example
```python
# app.py
from fastapi import FastAPI

app = FastAPI()
names = {1: "tea"}

@app.get("/articles")
def list_articles() -> dict[int, str]:
    return names

@app.get("/articles/{key}")
def read_article(key: int) -> str:
    return names[key]

@app.delete("/articles/{key}")
def delete_article(key: int) -> None:  # AW904
    del names[key]
# test_app.py
from app import app
from fastapi.testclient import TestClient

def test_articles() -> None:
    client = TestClient(app)
    assert client.get("/articles").json() == {"1": "tea"}
    assert client.get("/articles/1").json() == "tea"
```

## Use instead
```python
# app.py
from fastapi import FastAPI

app = FastAPI()
names = {1: "tea"}

@app.get("/articles")
def list_articles() -> dict[int, str]:
    return names

@app.get("/articles/{key}")
def read_article(key: int) -> str:
    return names[key]

@app.delete("/articles/{key}")
def delete_article(key: int) -> None:
    del names[key]
# test_app.py
from app import app
from fastapi.testclient import TestClient

def test_articles() -> None:
    client = TestClient(app)
    assert client.get("/articles").json() == {"1": "tea"}
    assert client.get("/articles/1").json() == "tea"
    assert client.delete("/articles/1").status_code == 200
```

## Evidence needed
The tests surely ask at least two endpoints and a quarter of all. A path that a test knows only in part may be any that
it fits, with or without what stands before it; a request to an unknown path may go to every endpoint of its method; a
test that goes through the application's own list of routes reaches all. Endpoints whose path is not known, or is
nothing but parameters, are left out.

## When not to follow it
What answers there belongs to a library, or is tried by a suite of another repository.

## References
- [FastAPI: testing](https://fastapi.tiangolo.com/tutorial/testing/)
- [Django: testing tools](https://docs.djangoproject.com/en/stable/topics/testing/tools/)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.exercised import is_telling, split
from archwise.engine.layers import is_application
from archwise.rules import place
from archwise.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.analysis import Analysis
    from archwise.engine.endpoints import Endpoint
    from archwise.engine.program import Code
    from archwise.findings import Finding

RULE = Rule(
    module=__name__,
    code="AW904",
    name="endpoint-without-test",
    claims=("G9.1", "G11.7"),
    since="0.1.0",
    severity="warning",
    status="preview",
)

_LEAST = 2
_SHOWN = frozenset({"docs", "docs_src", "demo", "demos", "example", "examples", "sample", "samples", "tutorial"})
"""Folders of code that is there to be read."""
_LEAST_SHARE = 1 / 4


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield each endpoint that no test reaches, where the tests reach a fair part of them."""
    if not analysis.suite.tests or not analysis.endpoints or analysis.exercised.goes_through_all:
        return
    routes: dict[tuple[Code, Code], list[Endpoint]] = {}
    for endpoint in analysis.endpoints:
        if any(is_telling(split(path)) for path in endpoint.paths) and _is_own(endpoint):
            routes.setdefault((endpoint.place if endpoint.op == 0 else endpoint.code, endpoint.code), []).append(
                endpoint
            )
    missed = [found for found in routes.values() if not any(map(analysis.exercised.reaches, found))]
    asked = sum(any(map(analysis.exercised.asks, found)) for found in routes.values())
    if not missed or asked < max(_LEAST, _LEAST_SHARE * len(routes)):
        return
    for found in missed:
        yield _finding(found[0], len(missed), len(routes))


def _is_own(endpoint: Endpoint) -> bool:
    """Whether an endpoint is of the application, rather than of its tests, examples or generated code."""
    return all(
        is_application(code.module) and _SHOWN.isdisjoint(code.module.path.split("/"))
        for code in (endpoint.code, endpoint.place)
    )


def _asks_for_method(code: Code) -> bool:
    """Whether a function that answers every method looks at which, or at what was posted."""
    return not {"POST", "FILES", "method"}.isdisjoint(op.name for _, op in code.operations(ir.Attribute))


def _finding(endpoint: Endpoint, missed: int, total: int) -> Finding:
    changes = endpoint.changes_state or (not endpoint.methods and _asks_for_method(endpoint.code))
    inherited = endpoint.op == 0 and endpoint.code.owner is not endpoint.place
    return place.at(
        RULE,
        endpoint.place if inherited else endpoint.code,
        0,
        f"no test reaches `{endpoint.label}`",
        f"send it a request in a test{', and look at what it has changed' if endpoint.changes_state else ''}",
        note=f"answers `{endpoint.label}`",
        severity="warning" if changes else "info",
        confidence="likely",
        cause=RULE.name,
        cause_message=f"no test reaches {missed} of {total} endpoints",
    )
