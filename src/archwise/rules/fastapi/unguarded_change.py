"""A route that changes something asks for no user, while all others of its router do.

## What it does
Finds FastAPI routes with POST, PUT, PATCH or DELETE that no dependency guards, on routers where every other such route
has a dependency that asks who the caller is.

## Why is this bad
One forgotten parameter, and everybody may delete. Nothing fails, no test turns red, and the route looks like the
others.

## Example
```python
from fastapi import Depends, FastAPI
from app.auth import current_user

app = FastAPI()

@app.post("/orders", dependencies=[Depends(current_user)])
def add() -> None: ...

@app.put("/orders/{key}", dependencies=[Depends(current_user)])
def change(key: int) -> None: ...

@app.patch("/orders/{key}", dependencies=[Depends(current_user)])
def amend(key: int) -> None: ...

@app.delete("/orders/{key}")
def remove(key: int) -> None: ...  # AW609
```

## Use instead
```python
from fastapi import Depends, FastAPI
from app.auth import current_user

app = FastAPI(dependencies=[Depends(current_user)])

@app.post("/orders")
def add() -> None: ...

@app.delete("/orders/{key}")
def remove(key: int) -> None: ...
```

## Evidence needed
At least three routes of the same router or application that change something have a dependency whose name, or a
security class, says that it identifies the caller, and this one has none: not in its signature, its decorator, its
router or its application, nor one whose own dependencies have. Nor does its body call a function so named, or hand its
request to one, which may ask. Routes that must be open by their nature (log in, sign
up, password reset, callbacks, webhooks, health) are left alone.

## When not to follow it
The route is meant to be public; say so in its name, or make it a router of its own.

## References
- [FastAPI: dependencies for a group of path operations](https://fastapi.tiangolo.com/tutorial/bigger-applications/)
- [OWASP API5: broken function level authorization](https://owasp.org/API-Security/editions/2023/en/0xa5-broken-function-level-authorization/)
"""

import re
from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.contexts import is_test
from archwise.engine.endpoints import Endpoint
from archwise.engine.program import Code
from archwise.engine.values import External, ExternalInstance, FunctionValue, Instance, Method, Unknown, Value
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW609",
    name="unguarded-change",
    claims=("G6.3",),
    since="0.1.0",
    severity="warning",
    status="preview",
)

_GUARD = re.compile(r"user|auth|token|permission|admin|login|principal|identity|account|api_?key|privilege|role|access")
_OPEN = re.compile(
    r"log_?in|log_?out|sign_?(in|up|out)|regist|token|refresh|callback|webhook|hook|reset|forgot|verify|confirm|health"
    r"|authenticat|version|public|share|oauth|sso|saml|invite|session|authoriz|ping|setup|first|feedback|subscribe|internal"
)
_CHECKING = re.compile(r"authoriz|authentic|permission|(require|ensure|check|verify|assert|validate|current)_")
"""How functions are called that a body checks its caller with."""
_FEWEST = 3
_DEEPEST = 3


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every route that changes something unguarded among guarded ones."""
    routers: dict[object, list[Endpoint]] = {}
    for endpoint in analysis.endpoints:
        if endpoint.framework == "fastapi" and endpoint.owner and endpoint.changes_state and not is_test(endpoint.code):
            routers.setdefault(endpoint.owner, []).append(endpoint)
    for endpoints in routers.values():
        bare = [each for each in endpoints if not _is_guarded(analysis, each)]
        if len(endpoints) - len(bare) < _FEWEST or len({each.code for each in bare}) != 1:
            continue
        endpoint = bare[0]
        words = f"{endpoint.code.scope.name} {' '.join(endpoint.paths)}".lower()
        if not _OPEN.search(words):
            yield place.at(
                RULE,
                endpoint.code,
                0,
                f"{endpoint.label} asks for no user; the other {len(endpoints) - len(bare)} changes of its router do",
                "add the dependency that its neighbours have, or give it to the router",
                note="has no dependency that identifies the caller",
                confidence="likely",
                roots=(endpoint.label,),
            )


def _is_guarded(analysis: Analysis, endpoint: Endpoint) -> bool:
    return any(_guards(analysis, value, _DEEPEST) for value in endpoint.dependencies) or _asks(analysis, endpoint.code)


def _asks(analysis: Analysis, code: Code) -> bool:
    """Whether a function hands its request on, to what may ask who sent it, or calls what is named like a guard."""
    for _, op in code.operations(ir.Call):
        if _CHECKING.search(ir.identifier(code.scope.ops[op.function]).lower()):
            return True
        for given in op.given:
            values = analysis.inference.values(code, given)
            if any(isinstance(v, ExternalInstance) and analysis.facts.stands_for(v.name) == "request" for v in values):
                return True
    return False


def _guards(analysis: Analysis, value: Value, depth: int) -> bool:
    """Whether a dependency, or one of its own, asks who the caller is; one that is not known counts as such."""
    if isinstance(value, Unknown):
        return True
    if isinstance(value, (External, ExternalInstance)):
        return ".security." in value.name or bool(_GUARD.search(value.name.rpartition(".")[2].lower()))
    if isinstance(value, (FunctionValue, Method, Instance)):
        if _GUARD.search(value.code.name.lower()):
            return True
        if isinstance(value, Instance) or depth == 0:
            return isinstance(value, Instance)
        return any(_guards(analysis, each, depth - 1) for each in analysis.dependencies(value.code))
    return False
