"""An endpoint reads keys of a request body that nothing has validated.

## What it does
Finds FastAPI endpoints that take their body as a bare `dict` (or `Any`), or through `await request.json()`, and read
it key by key.

## Why is this bad
A key that is missing, or of another type, becomes a `KeyError` or `TypeError` deep in the code and so an error 500,
where the framework would have answered 422 and named the field. The schema of the API says nothing of the body, so no
client can be generated from it and no reader knows what to send. And what nobody declared, nobody checks: lengths,
ranges, extra keys that are written to the database.

## Example
```python
from fastapi import FastAPI

app = FastAPI()


@app.post("/users")
async def add_user(body: dict) -> dict[str, str]:
    return {"name": body["name"].strip()}  # AW601
```

## Use instead
```python
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class NewUser(BaseModel):
    name: str


@app.post("/users")
async def add_user(body: NewUser) -> dict[str, str]:
    return {"name": body.name.strip()}
```

## Evidence needed
The parameter is a body to FastAPI, or the value is the JSON of a `Request`, and the endpoint itself reads a literal
key of it. Bodies that are also handed on whole to another function, to be forwarded or validated there, and those
whose signature is checked first (webhooks) are left alone.

## When not to follow it
The body's form is not yours to say: an endpoint that forwards it, keeps it as it is, or serves many senders.

## References
- [FastAPI: request body](https://fastapi.tiangolo.com/tutorial/body/)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.endpoints import Endpoint
from archwise.engine.models import is_bare
from archwise.engine.program import Code
from archwise.engine.values import ClassValue, ExternalInstance
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW601",
    name="unvalidated-body",
    claims=("G6.5", "G3.4", "G11.7"),
    since="0.1.0",
    severity="warning",
    status="preview",
)

_REQUESTS = frozenset({"fastapi.Request", "starlette.requests.Request"})
_SIGNED = ("signature", "hmac", "webhook", "construct_event", "verify")
_MOST_KEYS = 4


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every endpoint that reads keys of a raw body, at the first of them."""
    seen: set[Code] = set()
    for endpoint in analysis.endpoints:
        code = endpoint.code
        if endpoint.framework not in ("fastapi", "starlette") or code in seen or _is_signed(endpoint):
            continue
        seen.add(code)
        bodies = {*_declared(code, endpoint), *_parsed(analysis, code)} if endpoint.framework == "fastapi" else set()
        reads = [read for name in sorted(bodies) for read in _reads(code, name)]
        if reads and not _is_validated(analysis, code, bodies):
            keys = list(dict.fromkeys(key for _, key in sorted(reads)))
            shown = ", ".join(f"`{key}`" for key in keys[:_MOST_KEYS]) + (", …" if len(keys) > _MOST_KEYS else "")
            yield place.at(
                RULE,
                code,
                min(reads)[0],
                f"`{code.scope.name}` reads {shown} of a body that nothing has validated",
                "declare a Pydantic model with these fields and take the body as that",
                note="reads a key of the raw body",
                roots=(endpoint.label,),
            )


def _declared(code: Code, endpoint: Endpoint) -> Iterator[str]:
    """The parameters that FastAPI fills from the body without looking into it."""
    parent = code.parent
    for parameter in code.scope.parameters if parent is not None else ():
        if not parameter.annotation or parent is None or not is_bare(parent, parameter.annotation):
            continue
        default = parent.scope.ops[parameter.default] if parameter.default else None
        called = ir.identifier(parent.scope.ops[default.function]) if isinstance(default, ir.Call) else ""
        if called in ("", "Body") and not any(f"{{{parameter.name}" in path for path in endpoint.paths):
            yield parameter.name


def _parsed(analysis: Analysis, code: Code) -> Iterator[str]:
    """The variables that hold the JSON of a request."""
    for name, bindings in code.scope.bindings.items():
        if bindings and all(_is_json(analysis, code, binding.value) for binding in bindings):
            yield name


def _is_json(analysis: Analysis, code: Code, index: int) -> bool:
    op = code.scope.ops[index]
    call = code.scope.ops[op.value] if isinstance(op, ir.Await) else op
    function = code.scope.ops[call.function] if isinstance(call, ir.Call) else call
    return (
        isinstance(function, ir.Attribute)
        and function.name == "json"
        and any(
            isinstance(value, ExternalInstance) and analysis.facts.canonical(value.name) in _REQUESTS
            for value in analysis.inference.values(code, function.value)
        )
    )


def _reads(code: Code, name: str) -> Iterator[tuple[int, str]]:
    """Where literal keys of a variable are read."""
    ops = code.scope.ops
    for index, op in enumerate(ops):
        if isinstance(op, ir.Item):
            base, key = ops[op.value], ops[op.key]
        elif isinstance(op, ir.Call) and op.arguments and ir.identifier(ops[op.function]) == "get":
            function = ops[op.function]
            base = ops[function.value] if isinstance(function, ir.Attribute) else function
            key = ops[op.arguments[0]]
        else:
            continue
        if isinstance(base, ir.Name) and base.id == name and isinstance(key, ir.Constant) and key.kind == "str":
            yield index, key.text


def _is_validated(analysis: Analysis, code: Code, bodies: set[str]) -> bool:
    """Whether a model is made of the body, too, or it is handed on whole to whoever may look into it."""
    ops = code.scope.ops
    for op in ops:
        if not isinstance(op, ir.Call):
            continue
        given = {ir.identifier(ops[argument]) for argument in op.arguments}
        given |= {ir.identifier(ops[value]) for _, value in op.keywords}
        if not bodies.isdisjoint(given):
            return True
        if op.starred and any(isinstance(v, ClassValue) for v in analysis.inference.values(code, op.function)):
            return True
    return False


def _is_signed(endpoint: Endpoint) -> bool:
    """Whether the endpoint has to read the body as it came, to check who sent it."""
    names = {ir.identifier(op).lower() for op in endpoint.code.scope.ops} | {endpoint.code.scope.name.lower()}
    texts = [*endpoint.paths, *names]
    return any(word in text.lower() for text in texts for word in _SIGNED)
