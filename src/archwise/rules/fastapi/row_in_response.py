"""An endpoint returns a row of the database as it is, with no schema between the table and the client.

## What it does
Finds FastAPI endpoints that return an instance of an ORM model (SQLAlchemy, SQLModel, Tortoise, Django, peewee), or a
list of them, and have neither a `response_model` nor a return annotation that is a schema.

## Why is this bad
The response is then whatever columns the table has: a password hash or an internal flag added to the model next year
goes out with the next release, and nobody decided that. The API's schema says nothing. Relations are loaded while the
row is serialized, one query each, or fail because the session is closed.

## Example
```python
from fastapi import FastAPI
from sqlmodel import Field, Session, SQLModel

app = FastAPI()


class User(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    password_hash: str


@app.get("/users/{key}")
def read_user(key: int):
    with Session() as session:
        return session.get(User, key)  # AW603
```

## Use instead
```python
from fastapi import FastAPI
from sqlmodel import Field, Session, SQLModel

app = FastAPI()


class User(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    password_hash: str


class UserOut(SQLModel):
    id: int

@app.get("/users/{key}", response_model=UserOut)
def read_user(key: int):
    with Session() as session:
        return session.get(User, key)
```

## Evidence needed
The returned value is known to be of a class that the ORM maps, and the route declares no schema. A SQLModel table that
is declared as the response is taken for a decision. Not seen: rows that a function without types gives, and rows inside
a dict.

## When not to follow it
Every column of the table is meant to be public, those that will be added too: a list of countries, say. Never for
tables that hold anything about people.

## References
- [FastAPI: response model](https://fastapi.tiangolo.com/tutorial/response-model/)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.endpoints import Endpoint
from archwise.engine.program import Code
from archwise.engine.values import ExternalInstance
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW603",
    name="row-in-response",
    claims=("G6.5", "G3.4"),
    since="0.1.0",
    severity="warning",
    status="preview",
)

_UNTOLD = frozenset({"", "Any", "dict", "Dict", "object", "list", "List"})


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every return of an endpoint that gives a row and has no schema."""
    seen: set[Code] = set()
    for endpoint in analysis.endpoints:
        code = endpoint.code
        if endpoint.framework != "fastapi" or code in seen or not _is_open(endpoint):
            continue
        seen.add(code)
        for index, op in enumerate(code.scope.ops):
            row = _row(analysis, code, op.value) if isinstance(op, ir.Return) and op.value else None
            if row is not None:
                yield place.at(
                    RULE,
                    code,
                    index,
                    f"`{code.scope.name}` returns `{row.scope.name}` rows as they are: every column reaches the client",
                    f"declare what clients may see, a Pydantic model, and set it: `response_model={row.scope.name}Out`",
                    note=f"returns `{row.scope.name}`, a table",
                    roots=(endpoint.label,),
                )


def _is_open(endpoint: Endpoint) -> bool:
    """Whether a route says nothing of the form of its response."""
    if endpoint.option("response_model") or endpoint.option("response_class"):
        return False
    scope, parent = endpoint.code.scope, endpoint.code.parent
    if not scope.returns_annotation or parent is None:
        return True
    op = parent.scope.ops[scope.returns_annotation]
    base = parent.scope.ops[op.value] if isinstance(op, ir.Item) else op
    if isinstance(op, ir.Item) and ir.identifier(base) in ("list", "List"):
        return ir.identifier(parent.scope.ops[op.key]) in _UNTOLD
    return ir.identifier(base) in _UNTOLD - {""}


def _row(analysis: Analysis, code: Code, index: int) -> Code | None:
    """The table whose rows a value surely is of, or a list of."""
    values = analysis.inference.values(code, index)
    held = list(analysis.models.classes_in(values))
    if len(held) == 1 and not any(isinstance(value, ExternalInstance) for value in values):
        return held[0] if analysis.models.is_row(held[0]) else None
    return None
