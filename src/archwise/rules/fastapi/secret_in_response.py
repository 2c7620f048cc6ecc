"""A response's schema has a field that holds a secret.

## What it does
Finds fields such as `password`, `hashed_password`, `password_hash`, `private_key` or `totp_secret` in the Pydantic
models (or SQLModel tables) that FastAPI endpoints declare as their response, in the models that they are derived from
and in those nested in them.

## Why is this bad
The schema is the last thing that stands between the row and the client. A field that is in it is sent: to the browser,
to its caches, to every proxy's log. A hash is a secret too, since it can be guessed at leisure once it is out.

## Example
```python
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class User(BaseModel):  # AW604
    name: str
    password: str


@app.post("/users", response_model=User)
def add_user(user: User):
    return user
```

## Use instead
```python
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class UserIn(BaseModel):
    name: str
    password: str


class UserOut(BaseModel):
    name: str


@app.post("/users", response_model=UserOut)
def add_user(user: UserIn):
    return user
```

## Evidence needed
The field's name is one that secrets go by, its type is text or bytes, and a route declares the model as its response,
by `response_model` or by its return annotation. Fields of type `SecretStr`, excluded ones (`Field(exclude=True)`,
`response_model_exclude`), those with a validator or serializer of their own, and flags are left alone, and so is what
by its name is there to hand a secret out: generated passwords, credentials, connections.

## When not to follow it
The endpoint exists to hand the secret over, once, to the one whom it belongs to.

## References
- [FastAPI: return the same input data](https://fastapi.tiangolo.com/tutorial/response-model/#return-the-same-input-data)
- [OWASP API3: broken object property level authorization](https://owasp.org/API-Security/editions/2023/en/0xa3-broken-object-property-level-authorization/)
"""

import re
from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.endpoints import Endpoint
from archwise.engine.models import Field
from archwise.engine.program import Code
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW604",
    name="secret-in-response",
    claims=("G6.5", "G8.4"),
    since="0.1.0",
    severity="error",
    status="preview",
)

_SECRET = re.compile(
    r"(hashed_|encrypted_)?(password|passwd|passphrase)(_hash|_digest|_salt)?|(user_|login_|db_|admin_)password"
    r"|private_key|(totp|otp|mfa)_secret|password_reset_token"
)
_MEANT = re.compile(r"generate|creds|credential|connection|secret|keypair|key_pair")
"""What models and endpoints are called that are there to hand a secret out."""
_DEEPEST = 3


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every secret field of a response's model, once."""
    seen: set[tuple[Code, str]] = set()
    for endpoint in analysis.endpoints:
        if endpoint.framework != "fastapi" or _excludes(endpoint):
            continue
        for cls in _models(analysis, endpoint):
            for field in _secrets(analysis, cls, _DEEPEST, set()):
                key = field.owner, field.name
                if key not in seen and not _is_meant(endpoint, field):
                    seen.add(key)
                    yield place.at(
                        RULE,
                        field.owner,
                        field.value if hasattr(field.owner.scope.ops[field.value], "line") else 0,
                        f"`{field.owner.scope.name}.{field.name}` is sent to clients: {endpoint.label} answers with it",
                        f"answer with a model that has no `{field.name}`",
                        note=f"declares `{field.name}`",
                        roots=(endpoint.label,),
                        after=(place.hop(endpoint.code, 0, f"answers with `{cls.scope.name}`"),),
                    )


def _is_meant(endpoint: Endpoint, field: Field) -> bool:
    """Whether handing the secret out is what the endpoint is for, by its name or the model's."""
    return any(_MEANT.search(name.lower()) for name in (field.owner.scope.name, endpoint.code.scope.name))


def _excludes(endpoint: Endpoint) -> bool:
    return bool(endpoint.option("response_model_exclude") or endpoint.option("response_model_include"))


def _models(analysis: Analysis, endpoint: Endpoint) -> Iterator[Code]:
    """The classes that a route declares as its response."""
    given = endpoint.option("response_model")
    parent = endpoint.code.parent
    if given:
        values = analysis.inference.annotations.values(endpoint.place, given)
    elif endpoint.code.scope.returns_annotation and parent is not None:
        values = analysis.inference.annotations.values(parent, endpoint.code.scope.returns_annotation)
    else:
        return
    for cls in analysis.models.classes_in(values):
        if analysis.models.is_schema(cls):
            yield cls


def _secrets(analysis: Analysis, cls: Code, depth: int, seen: set[Code]) -> Iterator[Field]:
    if cls in seen or depth == 0:
        return
    seen.add(cls)
    for field in analysis.models.fields(cls):
        if _SECRET.fullmatch(field.name):
            if _is_text(field.owner, field.annotation) and not _is_excluded(analysis, field):
                yield field
            continue
        if field.value and ir.identifier(_called(field)) == "Relationship":
            continue  # of a SQLModel table, and no part of its schema
        values = analysis.inference.annotations.values(field.owner, field.annotation)
        for nested in analysis.models.classes_in(values):
            if analysis.models.is_schema(nested):
                yield from _secrets(analysis, nested, depth - 1, seen)


def _is_text(code: Code, index: int) -> bool:
    """Whether an annotation is of text, optional or not."""
    op = code.scope.ops[index]
    if isinstance(op, ir.Operation):
        return _is_text(code, op.value)
    if isinstance(op, ir.Item):
        return ir.identifier(code.scope.ops[op.value]) in ("Optional", "Mapped") and _is_text(code, op.key)
    return ir.identifier(op) in ("str", "bytes")


def _called(field: Field) -> ir.AnyOp:
    """What a field's value is made with."""
    op = field.owner.scope.ops[field.value]
    return field.owner.scope.ops[op.function] if isinstance(op, ir.Call) else op


def _is_excluded(analysis: Analysis, field: Field) -> bool:
    """Whether a field is left out of responses, or a validator or serializer of its own masks it."""
    if field.value and analysis.models.option(field.owner, field.value, "exclude"):
        return True
    ops = field.owner.scope.ops
    for method in analysis.inference.classes.methods(field.owner):
        for index in method.scope.decorators:
            op = ops[index]
            if isinstance(op, ir.Call) and any(ops[given] == ir.Constant("str", field.name) for given in op.arguments):
                return True
    return False
