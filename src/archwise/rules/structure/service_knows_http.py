"""A service speaks HTTP: it raises the web framework's errors or takes its request.

## What it does
Finds functions of the layers below the routes (services, repositories, models) that raise an HTTP error of a web
framework or abort the request; those that take the framework's request as a parameter are information.

## Why is this bad
The rule that an order can only be cancelled once then exists for requests only. A command, a task or another service
that calls it gets an error with a status code, made for a client that is not there, and the layer below cannot be
tested or reused without the framework. What an error means to a client is for the edge to say, in one place.

## Example
```toml
[tool.archwise.layers]
routes = ["shop.routes"]
services = ["shop.services"]
```
```python
# shop/services/orders.py
from fastapi import HTTPException


def cancel(order: dict[str, str]) -> None:
    if order["state"] == "sent":
        raise HTTPException(409, "already sent")  # AW405
```

## Use instead
```python
# shop/services/orders.py
from enum import Enum


class AlreadySentError(Exception):
    pass


def cancel(order: dict[str, str]) -> None:
    if order["state"] == "sent":
        raise AlreadySentError
```
with `@app.exception_handler(AlreadySentError)` at the edge, which turns it into a 409 for every route.

## Evidence needed
The module is of a layer below the routes, declared or inferred, holds no endpoint and nothing that a framework
injects or calls, is not called after authentication, permissions, sessions or cookies, and the name is resolved to a
package that knowledge describes as a web framework. Errors about who asks (401, 403) are left alone. Where layers are
inferred, a layer inside a package called `api`, `http` or `web` is taken for a part of the edge.

## When not to follow it
The module is part of the edge, for all its name: a helper of the routes, or an authentication back end.

## References
- [FastAPI: custom exception handlers](https://fastapi.tiangolo.com/tutorial/handling-errors/#install-custom-exception-handlers)
- [Cosmic Python: service layer](https://www.cosmicpython.com/book/chapter_04_service_layer.html)
"""

import re
from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.program import Code, Module
from archwise.engine.values import External, ExternalInstance, Literal, Value
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW405",
    name="service-knows-http",
    claims=("G4.4", "G8.5"),
    since="0.1.0",
    severity="warning",
)
_OUTER = frozenset({"routes", "dependencies"})
_OF_THE_EDGE = frozenset({"auth", "authentication", "authorization", "permissions", "security", "sessions", "cookies"})
"""Modules whose business is the request, wherever they stand."""
_HANDLERS = ("View", "ViewSet", "Handler", "Controller", "Endpoint")
"""How classes are named that answer requests, wherever they stand: a framework's own are derived from none."""
_WEB = frozenset({"api", "http", "web"})
"""What packages of the edge have in their names: services inside one are parts of it."""
_TURNING_AWAY = re.compile(r"^40[13]$|HTTP_40[13]_|Unauthorized|Forbidden|PermissionDenied|NotAuthenticated")
"""Statuses and errors about who asks."""


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield, for each function below the routes, the first thing that makes it speak HTTP."""
    frameworks = analysis.facts.frameworks
    edge = {root.code.module for root in analysis.roots if root.role != "test"}
    for layer in analysis.layers.order:
        for module in analysis.layers.modules(layer) if layer not in _OUTER else ():
            parts = analysis.program.imported_as(module).split(".")
            if module in edge or not _OF_THE_EDGE.isdisjoint(parts):
                continue
            if not analysis.layers.is_declared and any(not _WEB.isdisjoint(part.split("_")) for part in parts[1:-1]):
                continue
            if not frameworks.isdisjoint(module.summary.imports):
                yield from _in_module(analysis, module, layer)


def _in_module(analysis: Analysis, module: Module, layer: str) -> Iterator[Finding]:
    for code in module.codes:
        if code.scope.kind == "function" and not _is_handler(analysis, code) and (found := _speaks(analysis, code)):
            op, name, does = found
            yield place.at(
                RULE,
                code,
                op,
                f"`{code.name}` of the layer `{layer}` {does} `{name}`, so only a request can use it",
                "raise an exception of your own, and translate it in one handler at the edge"
                if op
                else "take what it needs of the request as parameters of their own",
                note=f"{does} `{name}`",
                severity="warning" if op else "info",
                confidence="certain" if analysis.layers.is_declared else "likely",
                cause=f"{layer}\0{name}",
            )


def _is_handler(analysis: Analysis, code: Code) -> bool:
    """Whether this is a method of what a framework calls, by the class it derives from."""
    owner = code.owner
    if owner is not None and owner.scope.name.endswith(_HANDLERS):
        return True
    bases = analysis.inference.classes.external_bases(owner) if owner is not None else ()
    return any(base.partition(".")[0] in analysis.facts.frameworks for base in bases)


def _speaks(analysis: Analysis, code: Code) -> tuple[int, str, str] | None:
    """An operation that speaks HTTP (0 for a parameter), what of, and what it does with that."""
    facts = analysis.facts
    for parameter in code.scope.parameters:
        for value in analysis.inference.parameters.annotated(code, parameter) if parameter.annotation else ():
            if isinstance(value, ExternalInstance) and facts.stands_for(value.name) == "request":
                return 0, value.name, "takes"
    ops = code.scope.ops
    for index, op in enumerate(ops):
        raised = ops[op.exception] if isinstance(op, ir.Raise) else op
        if not isinstance(raised, ir.Call) or ir.identifier(ops[raised.function]) not in facts.http_errors:
            continue
        for value in analysis.inference.values(code, raised.function):
            error = facts.http_error(value.name) if isinstance(value, External) else None
            if not isinstance(value, External) or error is None or (raised is op and not error.aborts):
                continue
            if not _turns_away(analysis, code, raised, value.name):
                return index, value.name, "raises"
    return None


def _turns_away(analysis: Analysis, code: Code, raised: ir.Call, name: str) -> bool:
    """Whether an error says that the caller may not, which only the edge can have asked for."""
    given = (
        *raised.arguments[:1],
        *(value for key, value in raised.keywords if key in ("status_code", "status", "code")),
    )
    said = [name, *(_text(value) for index in given for value in analysis.inference.values(code, index))]
    return any(_TURNING_AWAY.search(each) for each in said)


def _text(value: Value) -> str:
    return value.text if isinstance(value, Literal) else value.name if isinstance(value, External) else ""
