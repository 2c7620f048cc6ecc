"""A long computation runs on the event loop and keeps it from serving anyone else.

## What it does
Finds calls known to compute for long (password hashing, key generation, image, audio and PDF work, model inference
and training, compression, reading and writing big tables) that code on the event loop reaches, directly or through
other functions.

## Why is this bad
`async` shares one thread among tasks that mostly wait. A task that computes does not wait: for the 50 to 500 ms of a
password hash or a picture the loop is as deaf as behind a blocking call, and an `await` around the call changes
nothing. A few such requests a second fill the loop and every latency in the process grows.

## Example
```python
import bcrypt
from fastapi import FastAPI

app = FastAPI()


@app.post("/accounts")
async def create_account(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt()).decode()  # AW202
```

## Use instead
A plain `def` endpoint or a thread is enough for libraries that release the interpreter lock while they compute, as
most written in C or Rust do. Work in pure Python needs a process pool, and work of many seconds a task queue.
```python
import asyncio

import bcrypt
from fastapi import FastAPI

app = FastAPI()


@app.post("/accounts")
async def create_account(password: str) -> str:
    return (await asyncio.to_thread(bcrypt.hashpw, password.encode(), bcrypt.gensalt())).decode()
```

## Evidence needed
The call resolves to a function that the knowledge files mark as computing for tens of milliseconds or more on usual
input, and the event loop's own thread reaches it. A loop written in the project's code is not judged: how long it
runs cannot be read from its text.

## When not to follow it
The input is known to be tiny (a thumbnail of an icon, a test's low hashing cost), or the service handles one such
request at a time by design.

## References
- [Developing with asyncio: running blocking code](https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code)
- [loop.run_in_executor](https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.loop.run_in_executor)
"""

from collections.abc import Iterator

from archwise.engine.analysis import Analysis
from archwise.findings import Finding, Severity
from archwise.rules import reached
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW202",
    name="cpu-bound-on-event-loop",
    claims=("G2.3", "G2.6", "G6.2"),
    since="0.1.0",
    severity="warning",
)

KINDS: dict[str, tuple[Severity, str]] = {"cpu": ("warning", "computes for long")}


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every call on the event loop that computes for long."""
    yield from reached.findings(analysis, RULE, KINDS, "holds the event loop")
