"""An endpoint makes its own database session, where its neighbours have one injected.

## What it does
Finds FastAPI endpoints that construct a SQLAlchemy or SQLModel session themselves, in programs in which other endpoints
get theirs from a dependency.

## Why is this bad
There are then two ways to a session: one that tests can replace, that commits or rolls back in one place and is closed
for certain, and one that does as this endpoint happens to. `app.dependency_overrides` does not reach it, so its tests
need the real database.

## Example
```python
from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session
from app.database import engine, open_session

app = FastAPI()


@app.get("/orders")
def orders(session: Session = Depends(open_session)) -> list[str]:
    return []


@app.get("/users")
def users() -> list[str]:
    with Session(engine) as session:  # AW605
        return list(session.scalars("select name from users"))
```

## Use instead
```python
from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session
from app.database import open_session

app = FastAPI()


@app.get("/users")
def users(session: Session = Depends(open_session)) -> list[str]:
    return list(session.scalars("select name from users"))
```

## Evidence needed
The call is known to make a session, stands in the endpoint itself, and at least one other endpoint of the program has
a parameter of a session's type that a dependency fills. Endpoints that stream are left alone.

## When not to follow it
The work outlives the request, as in a stream or a background task, and must have a session of its own.

## References
- [FastAPI: SQL databases](https://fastapi.tiangolo.com/tutorial/sql-databases/#create-a-session-dependency)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.contexts import is_test
from archwise.engine.program import Code
from archwise.engine.values import ClassValue, ExternalInstance, FunctionValue, Method, Values
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW605",
    name="session-in-endpoint",
    claims=("G6.3", "G6.4"),
    since="0.1.0",
    severity="warning",
    status="preview",
)

_SESSIONS = frozenset(
    {
        *("sqlalchemy.orm.Session", "sqlalchemy.ext.asyncio.AsyncSession", "sqlmodel.Session"),
        "sqlmodel.ext.asyncio.session.AsyncSession",
    }
)


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every session that an endpoint makes while others have theirs injected."""
    endpoints = [each for each in analysis.endpoints if each.framework == "fastapi" and not is_test(each.code)]
    if not any(_is_given(analysis, each.code) for each in endpoints):
        return
    seen: set[Code] = set()
    for endpoint in endpoints:
        code = endpoint.code
        if code in seen or _streams(code):
            continue
        seen.add(code)
        for index, op in enumerate(code.scope.ops):
            if isinstance(op, ir.Call) and _makes(analysis, code, index, op):
                yield place.at(
                    RULE,
                    code,
                    index,
                    f"`{code.scope.name}` makes a database session of its own; other endpoints have theirs injected",
                    "take it as a parameter from the dependency that the others use",
                    note="makes a session",
                    roots=(endpoint.label,),
                )
                break


def _streams(code: Code) -> bool:
    """Whether the answer goes on after the function has returned: an injected session would be held as long."""
    return code.scope.is_generator or any(inner.scope.is_generator for inner in code.inner)


def _is_given(analysis: Analysis, code: Code) -> bool:
    """Whether a dependency fills a parameter with a session."""
    parent = code.parent
    return parent is not None and any(
        _is_session(analysis, analysis.inference.parameters.of(code, parameter))
        for parameter in code.scope.parameters
        if parameter.annotation or parameter.default
    )


def _makes(analysis: Analysis, code: Code, index: int, op: ir.Call) -> bool:
    called = analysis.inference.values(code, op.function)
    if any(isinstance(value, (FunctionValue, Method, ClassValue)) for value in called):
        return False
    if any(_is_session(analysis, analysis.inference.values(code, given)) for given in op.arguments):
        return False  # it is handed on, as ``closing(session)`` does
    return _is_session(analysis, analysis.inference.values(code, index))


def _is_session(analysis: Analysis, values: Values) -> bool:
    return bool(values) and all(
        isinstance(value, ExternalInstance) and analysis.facts.canonical(value.name) in _SESSIONS for value in values
    )
