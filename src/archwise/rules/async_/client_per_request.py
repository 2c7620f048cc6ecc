"""A client, engine or pool that is meant to live as long as the process is built anew for each request.

## What it does
Finds HTTP clients and sessions, database engines and pools, Redis, MongoDB and cloud clients that are constructed on
the path of a request: in an endpoint, a view, a dependency, a handler, or a function that these call.

## Why is this bad
These objects own a pool of connections. Built for each request, the pool is always empty: every call pays for name
lookup, TCP and TLS anew (often more than the request itself), sockets pile up until the system runs out of them, and
limits that should hold for the process hold for nobody. Loading the certificates for a new HTTP client alone takes
milliseconds on the event loop.

## Example
```python
import httpx
from fastapi import FastAPI

app = FastAPI()


@app.get("/rates/{currency}")
async def rate(currency: str) -> float:
    async with httpx.AsyncClient() as client:  # AW207
        response = await client.get(f"https://rates.example/{currency}")
    return response.json()["rate"]
```

## Use instead
Build it once, at start-up, and hand it to those who need it.
```python
from contextlib import asynccontextmanager
import httpx
from fastapi import FastAPI, Request

@asynccontextmanager
async def lifespan(app: FastAPI):
    async with httpx.AsyncClient(timeout=5) as client:
        yield {"client": client}

app = FastAPI(lifespan=lifespan)

@app.get("/rates/{currency}")
async def rate(currency: str, request: Request) -> float:
    return (await request.state.client.get(f"https://rates.example/{currency}")).json()["rate"]
```

## Evidence needed
The constructor is known to make a pooled object, and it is proven to run once a request: not behind a cache, a
module-level name, an attribute that is set once, start-up or lifespan. What is made from a parameter of the function
that makes it (an address, a user's token) may differ with each call, and is information.

## When not to follow it
The object differs with each request (the user's own credentials, proxy or certificate), or the path is taken a few
times a day.

## References
- [HTTPX: clients](https://www.python-httpx.org/advanced/clients/)
- [Starlette: lifespan state](https://www.starlette.io/lifespan/#lifespan-state)
- [SQLAlchemy: engine lifetime](https://docs.sqlalchemy.org/en/20/core/connections.html#basic-usage)
"""

from collections.abc import Container, Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.frequency import is_kept, is_once, lookups
from archwise.engine.given import parameter_in
from archwise.engine.program import Code
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW207",
    name="client-per-request",
    claims=("G6.3", "G2.1"),
    since="0.1.0",
    severity="warning",
)

_FARTHEST = 6


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every place that makes a client or pool each time a request is served."""
    serving = [root.code for root in analysis.roots if root.serves]
    analysis.effects.settle(serving)
    reached = analysis.contexts.reached_from(serving, each_time=True)
    injected = {root.code for root in analysis.roots if root.role == "dependency"}
    for code in reached:
        if code.scope.kind != "function" or is_kept(analysis.inference, code):
            continue
        kept = _kept(code, code in injected)
        path = _path(code, reached)
        if any(_is_kept_by_its_object(analysis, step, reached) for step in path):
            continue
        if len(path) > _FARTHEST or any(is_kept(analysis.inference, step) or any(lookups(step)) for step in path):
            continue
        for op, name in analysis.effects.builds(code):
            if (
                op not in kept
                and not is_once(analysis.inference, code, op)
                and analysis.contexts.phases(code) & {"serving"}
            ):
                own = _its_own(code, op)
                why = f"; information, it is made for the `{own}` that it is given" if own else ""
                yield place.at(
                    RULE,
                    code,
                    op,
                    f"`{name}` is built {_how_often(analysis, path[0])} in `{code.name}`{why}",
                    "build it once, at start-up or in a cached factory, and hand it on",
                    note=f"builds `{name}`",
                    severity="info" if why else RULE.severity,
                    confidence="certain" if len(path) == 1 else "likely",
                    roots=analysis.contexts.labels(code),
                    before=tuple(place.hop(step, 0, "is on the way") for step in path[:-1]),
                )


def _path(code: Code, reached: dict[Code, Code | None]) -> list[Code]:
    """The functions from the root to this one."""
    path = [code]
    while (above := reached[path[0]]) is not None:
        path.insert(0, above)
    return path


def _its_own(code: Code, op: int) -> str:
    """The parameter by which an object differs from the one that the next call makes: an address, a user's token.

    How long to wait can be said with each request, too.
    """
    call = code.scope.ops[op]
    if not isinstance(call, ir.Call):
        return ""
    given = (*call.arguments, *(value for name, value in call.keywords if "timeout" not in name))
    return next(filter(None, (parameter_in(code, each) for each in given)), "")


def _is_kept_by_its_object(analysis: Analysis, code: Code, reached: Container[Code]) -> bool:
    """Whether an object keeps what its property gives, and no request makes an object of that class."""
    if code.owner is None or "kept" not in analysis.inference.decorators.kinds(code):
        return False
    return all(caller not in reached for caller, _, _ in analysis.program.calls(code.owner.scope.name))


def _how_often(analysis: Analysis, start: Code) -> str:
    root = analysis.contexts.root(start)
    return "for each event" if root is not None and root.role == "handler" else "for each request"


def _kept(code: Code, injected: bool) -> set[int]:
    """The operations whose value outlives the call: stored on an object, in a global or a container, or handed out.

    What a dependency hands out lives as long as the request that it is injected into.
    """
    stored = [store.value for store in code.scope.stores]
    if not injected:
        stored += code.scope.results
    for name in code.scope.globals:
        stored += [binding.value for binding in code.scope.bindings.get(name, ())]
    kept = set(stored)
    for index in stored:
        name = getattr(code.scope.ops[index], "id", "")
        kept.update(binding.value for binding in code.scope.bindings.get(name, ()))
    return kept
