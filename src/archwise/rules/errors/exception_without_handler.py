"""An exception of the project's own can leave an endpoint, and nothing turns it into an answer.

## What it does
Finds exceptions of the project's own that speak of the client's request (not found, refused, already there, …), leave a
FastAPI endpoint, and have no exception handler. They are followed from where they are raised up through every call,
less what is caught on the way.

## Why is this bad
The service found out what was wrong and said so in a class of its own. Without a handler the client gets a bare error
500 for its own mistake, retries, and alarms ring for nothing.

## Example
```python
from fastapi import FastAPI

app = FastAPI()


class OrderNotFound(Exception):
    pass


@app.get("/orders/{key}")
def read_order(key: int) -> str:
    raise OrderNotFound(key)  # AW803
```

## Use instead
```python
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

app = FastAPI()


class OrderNotFound(Exception):
    pass

@app.exception_handler(OrderNotFound)
def not_found(request: Request, error: OrderNotFound) -> JSONResponse:
    return JSONResponse({"code": "order_not_found"}, status_code=404)

@app.get("/orders/{key}")
def read_order(key: int) -> str:
    raise OrderNotFound(key)
```

## Evidence needed
Every call on the way is known, no `except` on it catches the class or one above it, no handler is registered for it or
one above it (or for every exception), and no middleware of the project catches everything. Only classes whose name
says that the request was at fault are reported.

## When not to follow it
The exception can only mean a defect: then 500 is the right answer.

## References
- [FastAPI: custom exception handlers](https://fastapi.tiangolo.com/tutorial/handling-errors/#install-custom-exception-handlers)
"""

import re
from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.contexts import is_test
from archwise.engine.endpoints import Endpoint
from archwise.engine.exceptions import Path
from archwise.engine.handling import catches_all
from archwise.engine.program import Code
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW803",
    name="exception-without-handler",
    claims=("G8.1", "G8.2", "G8.5"),
    since="0.1.0",
    severity="warning",
    status="preview",
)

_FAULT = re.compile(
    r"NotFound|DoesNotExist|Missing|Already|Exists|Duplicate|Conflict|Invalid|Validation|Forbidden|Denied|Refused"
    r"|Unauthori[sz]ed|NotAllowed|Permission|Insufficient|Expired|TooMany|Limit|Quota|OutOf"
)


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every exception about the request that no handler answers, once, on its shortest way to an endpoint."""
    endpoints = [each for each in analysis.endpoints if each.framework == "fastapi" and not is_test(each.code)]
    if not endpoints or _catches_all_somewhere(analysis):
        return
    for cls, ways in _escaping(analysis, endpoints).items():
        if is_test(cls) or not _FAULT.search(cls.scope.name) or _is_answered(analysis, cls):
            continue
        endpoint, path = min(ways, key=lambda way: len(way[1]))
        code, op = path[-1]
        more = f" and {len(ways) - 1} more" if len(ways) > 1 else ""
        yield place.at(
            RULE,
            code,
            op,
            f"`{cls.scope.name}` leaves {endpoint.label}{more}, and no handler answers for it",
            f"register a handler: `@app.exception_handler({cls.scope.name})`",
            note=f"raises `{cls.scope.name}`",
            confidence="likely",
            roots=(endpoint.label,),
            before=tuple(place.hop(scope, index, "passes it on") for scope, index in path[:-1]),
        )


def _escaping(analysis: Analysis, endpoints: list[Endpoint]) -> dict[Code, list[tuple[Endpoint, Path]]]:
    """By class, the endpoints that its exceptions leave, with the way there."""
    found: dict[Code, list[tuple[Endpoint, Path]]] = {}
    for endpoint in endpoints:
        for cls, path in analysis.exceptions.leaving(endpoint.code).items():
            found.setdefault(cls, []).append((endpoint, path))
    return found


def _is_answered(analysis: Analysis, cls: Code) -> bool:
    """Whether an exception becomes a response: it is one, or a handler is registered for it."""
    bases = analysis.inference.classes.external_bases(cls)
    if any(base in analysis.facts.responses for base in bases):
        return True
    for root in analysis.roots:
        if root.role == "handler" and root.place is not None:
            op = root.place.scope.ops[root.op]
            given = op.arguments[0] if isinstance(op, ir.Call) and op.arguments else 0
            if given and analysis.exceptions.names(root.place, given, cls):
                return True
    return False


def _catches_all_somewhere(analysis: Analysis) -> bool:
    """Whether exceptions are answered where this cannot be followed: by middleware, or handlers in a table."""
    for root in analysis.roots:
        if root.role == "middleware" and any(
            catches_all(analysis.inference, root.code, handler) for handler in root.code.scope.handlers
        ):
            return True
    calls = analysis.program.calls
    if any("exception_handlers" in dict(op.keywords) for _, _, op in calls("FastAPI", "Starlette")):
        return True
    for code, _, op in calls("add_exception_handler"):
        given = code.scope.ops[op.argument(0)]
        if not isinstance(given, (ir.Name, ir.Attribute)) or code.scope.blocks[op.block].kind == "loop":
            return True
    return False
