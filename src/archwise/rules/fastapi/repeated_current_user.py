"""Several dependencies or endpoints find out by themselves who the caller is.

## What it does
Finds applications in which two or more of the endpoints, dependencies and middlewares decode the token themselves, and
shows them side by side.

## Why is this bad
Which algorithms are allowed, whether the audience and the expiry count, what a user who was locked out gets: each copy
decides it anew. When one of them is mended the others stay open, and nobody reads them together.

## Example
```python
import jwt
from fastapi import Depends, FastAPI
from fastapi.security import OAuth2PasswordBearer

app = FastAPI()
bearer = OAuth2PasswordBearer("login")


def current_user(token: str = Depends(bearer)) -> str:
    return jwt.decode(token, "key", algorithms=["HS256"])["sub"]


@app.get("/users/me")
def me(user: str = Depends(current_user)) -> str:
    return user


@app.get("/orders")
def orders(token: str = Depends(bearer)) -> str:
    return jwt.decode(token, "key", algorithms=["HS256"])["sub"]  # AW607
```

## Use instead
Decode the token in one dependency and build the others on it.
```python
import jwt
from fastapi import Depends, FastAPI
from fastapi.security import OAuth2PasswordBearer

app = FastAPI()
bearer = OAuth2PasswordBearer("login")


def current_user(token: str = Depends(bearer)) -> str:
    return jwt.decode(token, "key", algorithms=["HS256"])["sub"]


@app.get("/orders")
def orders(user: str = Depends(current_user)) -> str:
    return user
```

## Evidence needed
Each of them calls a function that is known to decode tokens, in its own body. What by its name is about another kind of
token (refreshing, resetting a password, an invitation, a share, another service) does not count.

## When not to follow it
The tokens have nothing in common but their format: other issuers, other keys. It is advice.

## References
- [FastAPI: get the current user](https://fastapi.tiangolo.com/tutorial/security/get-current-user/)
"""

import re
from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.contexts import is_test
from archwise.engine.program import Code
from archwise.engine.values import External, FunctionValue, Instance, Method, Value
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW607",
    name="repeated-current-user",
    claims=("G6.3",),
    since="0.1.0",
    severity="info",
    advice=True,
)

_OTHER = re.compile(
    r"refresh|reset|verif|confirm|invit|share|unsubscribe|callback|oauth|sso|saml|oidc|exchange|revoke|logout|webhook"
    r"|service|internal|agent|file|download|upload|stream|introspect"
)
"""What functions are called whose tokens are of another kind than a user's."""


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield a finding where more than one function that the framework calls decodes a user's token."""
    decoding = dict(_decoding(analysis))
    if len(decoding) < 2:  # one is as it should be
        return
    asked = _asked(analysis)
    found = [(code, op) for code, op in decoding.items() if code in asked and not _OTHER.search(code.name.lower())]
    if len(found) > 1:
        yield _finding(found)


def _finding(found: list[tuple[Code, int]]) -> Finding:
    first, second, *others = found
    names = ", ".join(f"`{code.name}`" for code, _ in found)
    return place.at(
        RULE,
        *second,
        f"{len(found)} functions decode the caller's token by themselves: {names}",
        f"let `{first[0].name}` alone decode it, and take what it gives as a dependency",
        note="decodes the token again",
        confidence="likely",
        before=(place.hop(*first, "decodes the token"),),
        after=tuple(place.hop(code, op, "decodes the token again") for code, op in others),
    )


def _decoding(analysis: Analysis) -> Iterator[tuple[Code, int]]:
    """The functions that decode a token in their own body, each with the first call that does."""
    names = {name for name, (function, _) in analysis.facts.functions.items() if function.identifies}
    called = analysis.program.called if names else {}
    places = {each for last in {name.rpartition(".")[2] for name in names} for each in called.get(last, ())}
    seen: set[Code] = set()
    for code, index in sorted(places, key=lambda each: (each[0].module.path, each[0].scope.line, each[1])):
        op = code.scope.ops[index]
        if isinstance(op, ir.Call) and code not in seen and not is_test(code):
            values = analysis.inference.values(code, op.function)
            if any(isinstance(value, External) and analysis.facts.canonical(value.name) in names for value in values):
                seen.add(code)
                yield code, index


def _asked(analysis: Analysis) -> set[Code]:
    """The endpoints and middlewares, and the dependencies that run before endpoints."""
    found = {root.code for root in analysis.roots if root.role in ("middleware", "dependency")}
    pending: list[Value] = []
    for endpoint in analysis.endpoints:
        found.add(endpoint.code)
        pending.extend(endpoint.dependencies)
    while pending:
        for code in _run(analysis, pending.pop()):
            if code not in found or code.scope.name == "__call__":
                pending.extend(each for each in analysis.dependencies(code) if each not in pending)
            found.add(code)
    return found


def _run(analysis: Analysis, value: Value) -> Iterator[Code]:
    """The function that a dependency runs."""
    if isinstance(value, (FunctionValue, Method)):
        yield value.code
    elif isinstance(value, Instance):
        called = analysis.inference.classes.defining(value.code, "__call__")
        yield from (
            (m for m in analysis.inference.classes.methods(called) if m.scope.name == "__call__") if called else ()
        )
