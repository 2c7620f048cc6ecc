"""An endpoint answers with a bare dict, and its schema says nothing of it.

## What it does
Finds FastAPI endpoints that return a dict written out in place and declare nothing of it: no `response_model`, and no
annotation of the result or one that names no key (`dict`, `dict[str, Any]`).

## Why is this bad
The API's documentation shows an empty answer, clients cannot be generated from it, and nothing notices when a key is
renamed. What is returned is sent as it is: no field is checked or left out.

## Example
```python
from fastapi import FastAPI

app = FastAPI()


@app.get("/status")
def status():  # AW602
    return {"version": app.version, "routes": len(app.routes)}
```

## Use instead
```python
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Status(BaseModel):
    version: str
    routes: int


@app.get("/status")
def status() -> Status:
    return Status(version=app.version, routes=len(app.routes))
```

## Evidence needed
The route declares no response, and a `return` of its function gives a dict with literal keys and with data: one
that says no more than `{"status": "ok"}` has nothing to declare. Routes that are left out of the schema, that set a
`response_class` or that answer 204 are left alone.

## When not to follow it
The route is no part of the API: a health check, a page for the team, an endpoint that only the project's own front end
asks and that changes with it. It is advice.

## References
- [FastAPI: response model](https://fastapi.tiangolo.com/tutorial/response-model/)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.contexts import is_test
from archwise.engine.models import is_bare
from archwise.engine.program import Code
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW602",
    name="response-without-schema",
    claims=("G6.5", "G3.1"),
    since="0.1.0",
    severity="info",
    advice=True,
)

_TELLING = ("response_model", "response_class", "include_in_schema", "responses", "status_code")


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every endpoint that returns a dict and declares nothing of it."""
    seen: set[Code] = set()
    for endpoint in analysis.endpoints:
        code = endpoint.code
        if endpoint.framework != "fastapi" or code in seen or is_test(code) or _declares(code):
            continue
        seen.add(code)
        if not any(endpoint.option(name) for name in _TELLING) and any(_is_dict(code, op) for op in code.scope.ops):
            yield place.at(
                RULE,
                code,
                0,
                f"`{code.scope.name}` answers with a dict of which the API's schema says nothing",
                "return a Pydantic model, and annotate it as the function's result",
                note="declares no response",
                roots=(endpoint.label,),
            )


def _declares(code: Code) -> bool:
    """Whether the annotation of a function's result says what is in it: of a bare ``dict`` nobody learns a key."""
    index, parent = code.scope.returns_annotation, code.parent
    return bool(index) and parent is not None and not is_bare(parent, index)


def _is_dict(code: Code, op: ir.AnyOp) -> bool:
    """Whether an operation returns a dict that is written out with literal keys, and some value that is not."""
    ops = code.scope.ops
    made = ops[op.value] if isinstance(op, ir.Return) else None
    return (
        isinstance(made, ir.Mapping)
        and any(isinstance(ops[key], ir.Constant) for key in made.keys)
        and not all(isinstance(ops[value], (ir.Constant, ir.Formatted)) for value in made.values)
    )
