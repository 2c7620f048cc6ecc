"""A route asks the database itself, in a project whose other routes leave that to a layer below.

## What it does
Finds endpoints that query or write the database directly, where the project has a layer of services or repositories
and at least two thirds of its endpoints do without. Commits, rollbacks and refreshes do not count: a route may well
say where a unit of work ends.

## Why is this bad
The rules about the data (who may see a row, what is deleted with it, what is cached) stand in the layer below. A route
that goes past it does not get them, and the next change of them misses it. It cannot be tested without a database, and
no command or task can use what it does.

## Example
```toml
[tool.archwise.layers]
routes = ["routes"]
repositories = ["repositories"]
```
```python
# routes.py
from fastapi import FastAPI
from repositories import names, notes, users
from sqlalchemy.orm import Session

app = FastAPI()


@app.get("/names")
def read_names() -> list[str]:
    return names()


@app.get("/notes")
def read_notes() -> list[str]:
    return notes(users())


@app.get("/users/{key}")
def read_user(key: int, session: Session) -> str:
    return str(session.get(object, key))  # AW403
# repositories.py
names = notes = users = list
```

## Use instead
```python
# routes.py
from fastapi import FastAPI
from repositories import names, user
from sqlalchemy.orm import Session

app = FastAPI()


@app.get("/names")
def read_names() -> list[str]:
    return names()


@app.get("/users/{key}")
def read_user(key: int, session: Session) -> str:
    return user(session, key)
# repositories.py
names = user = list
```

## Evidence needed
The call is resolved to a method that a knowledge file says goes to a database, by type and never by name; three imports
or more lead from routes to the layer below, or one to a module of it that holds queries. Each endpoint is reported
once, at its first access. Not seen: a query in a helper that stands beside the route, and whether the layer below has
anything to do with what is asked.

## When not to follow it
A health check that asks the database whether it is there; one row read by its key, where the project lets routes do
that; an administrator's page over any table.

## References
- [Patterns of Enterprise Application Architecture: repository](https://martinfowler.com/eaaCatalog/repository.html)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.contexts import is_test
from archwise.engine.imports import Import
from archwise.engine.program import Code, Module
from archwise.engine.values import ExternalMethod
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW403",
    name="database-access-in-route",
    claims=("G4.4", "G11.7"),
    since="0.1.0",
    severity="warning",
    status="preview",
)
_BELOW = ("services", "repositories")
_LEAST_IMPORTS = 3
_MOST_DIRECT = 1 / 3
_FEW = 6
"""Of so few endpoints half may go past the layer: in a small program a third is soon reached."""
_OF_UNIT_OF_WORK = frozenset({"begin", "begin_nested", "close", "commit", "expire", "flush", "refresh", "rollback"})


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield the first direct access of each endpoint that goes past the layer its siblings use."""
    layer, imports = max(((below, _imports(analysis, below)) for below in _BELOW), key=lambda pair: len(pair[1]))
    if not imports or (len(imports) < _LEAST_IMPORTS and not any(_asks(analysis, each.target) for each in imports)):
        return
    endpoints = dict.fromkeys(each.code for each in analysis.endpoints if not is_test(each.code))
    direct = {code: found for code in endpoints if (found := _access(analysis, code))}
    if len(direct) > len(endpoints) * (1 / 2 if len(endpoints) <= _FEW else _MOST_DIRECT):
        return
    siblings = len(endpoints) - len(direct)
    for code, (op, name) in direct.items():
        yield place.at(
            RULE,
            code,
            op,
            f"`{code.name}` asks the database itself (`{name}`), past the layer `{layer}`",
            f"move the query into `{layer}`, as {siblings} of {len(endpoints)} endpoints have it, and call it",
            note=f"`{name}` goes to the database",
            confidence="certain" if analysis.layers.is_declared else "likely",
            roots=analysis.contexts.labels(code),
            cause=layer,
        )


def _imports(analysis: Analysis, layer: str) -> tuple[Import, ...]:
    """What the routes import from a layer."""
    return analysis.layers.crossings.get(("routes", layer), ())


def _asks(analysis: Analysis, module: Module) -> bool:
    """Whether a module goes to the database itself, so that it is where queries stand."""
    return any(_access(analysis, code) for code in module.codes)


def _access(analysis: Analysis, code: Code) -> tuple[int, str] | None:
    """The first operation that goes to a database, and the method."""
    for index, op in enumerate(code.scope.ops):
        if type(op) is ir.Call and ir.identifier(code.scope.ops[op.function]) not in _OF_UNIT_OF_WORK:
            for value in analysis.inference.values(code, op.function):
                if isinstance(value, ExternalMethod) and analysis.facts.asks_database(value.receiver.name, value.name):
                    return index, f"{value.receiver.name.rpartition('.')[2]}.{value.name}"
    return None
