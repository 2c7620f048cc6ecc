"""A dependency opens something for a request and nothing closes it.

## What it does
Finds functions given to `Depends` that make a session, a connection, a file or a client and return it, where a
dependency that yields could close it after the response.

## Why is this bad
A session that is returned stays open until the garbage collector finds it: its connection is not given back to the
pool, its transaction stays open and holds locks. Under load the pool runs empty and requests wait for a connection that
nobody will return. After an error nothing is rolled back.

## Example
```python
from fastapi import Depends, FastAPI
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

app = FastAPI()
engine = create_engine("sqlite://")


def open_session() -> Session:
    return Session(engine)  # AW606


@app.get("/orders")
def orders(session: Session = Depends(open_session)) -> list[str]:
    return []
```

## Use instead
```python
from collections.abc import Iterator

from fastapi import Depends, FastAPI
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

app = FastAPI()
engine = create_engine("sqlite://")


def open_session() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


@app.get("/orders")
def orders(session: Session = Depends(open_session)) -> list[str]:
    return []
```

## Evidence needed
The function is known to be a dependency, is no generator, and returns what it has just made itself: an object known to
hold a connection or a file until it is closed. Something kept in an attribute or a module for later requests is left
alone; what a function of the program makes for it is not followed.

## When not to follow it
Whoever takes it closes it, in every case, errors included; or it is one for the whole process, made once.

## References
- [FastAPI: dependencies with yield](https://fastapi.tiangolo.com/tutorial/dependencies/dependencies-with-yield/)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.frequency import is_kept
from archwise.engine.names import reaching
from archwise.engine.program import Code
from archwise.engine.values import ClassValue, External, ExternalInstance, FunctionValue
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW606",
    name="dependency-without-cleanup",
    claims=("G6.4", "G6.3"),
    since="0.1.0",
    severity="warning",
    status="preview",
)


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every dependency that returns what it opens."""
    seen: set[Code] = set()
    for endpoint in analysis.endpoints:
        for value in endpoint.dependencies:
            code = value.code if isinstance(value, FunctionValue) else None
            if code is None or code in seen or code.scope.is_generator or is_kept(analysis.inference, code):
                continue
            seen.add(code)
            for result in code.scope.results:
                made = _made(code, result)
                held = _held(analysis, code, made) if made else ""
                if held and not _is_kept(code, made):
                    yield place.at(
                        RULE,
                        code,
                        made,
                        f"dependency `{code.name}` opens a `{held.rpartition('.')[2]}` and never closes it",
                        "yield it inside `with`, so that it is closed after the response",
                        note=f"makes a `{held}`",
                        roots=(endpoint.label,),
                    )


def _made(code: Code, index: int) -> int:
    """The call in this function that made what it returns; 0 where there is none, or several."""
    op = code.scope.ops[index]
    if isinstance(op, ir.Await):
        return _made(code, op.value)
    if isinstance(op, ir.Name):
        if op.id in code.scope.globals:
            return 0
        reached, complete = reaching(code.scope, op.id, op.block, index)
        return _made(code, reached[0].value) if complete and len(reached) == 1 else 0
    return index if isinstance(op, ir.Call) else 0


def _held(analysis: Analysis, code: Code, index: int) -> str:
    """The class of what a call makes, where that holds a connection or a file and the call itself constructs it."""
    op = code.scope.ops[index]
    called = analysis.inference.values(code, op.function) if isinstance(op, ir.Call) else ()
    if not called or any(isinstance(value, (FunctionValue, ClassValue)) for value in called):
        return ""
    if not any(isinstance(value, (External, ExternalInstance)) for value in called):
        return ""
    values = analysis.inference.protocols.awaited(analysis.inference.values(code, index))
    values = values if any(isinstance(v, ExternalInstance) for v in values) else analysis.inference.values(code, index)
    names = {analysis.facts.canonical(v.name) if isinstance(v, ExternalInstance) else "" for v in values}
    name = names.pop() if len(names) == 1 else ""
    return name if name and analysis.facts.closes(name) else ""


def _is_kept(code: Code, made: int) -> bool:
    """Whether what was made is also kept elsewhere, or handed to something that may close it."""
    return any(store.value == made or _made(code, store.value) == made for store in code.scope.stores)
