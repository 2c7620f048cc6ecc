"""A call that waits for something outside the process runs on the event loop and stops every other task.

## What it does
Finds calls that make their thread wait (for the network, a database, a file, a child process, a name lookup, a lock,
a sleep) and that are reached from code which the event loop runs: an `async def` endpoint, dependency, middleware,
consumer or task, through ordinary functions, methods, properties and modules in between. The finding is reported at
the call made on the loop; its trace names each step from there to the call that waits.

## Why is this bad
An event loop is one thread. While that thread waits, nothing else that it serves moves: no other request is read, no
timeout fires, no health check is answered. One slow answer of a remote service then stalls every client of the
process, and it shows only under load, seldom in tests.

Calls to the network, a database or another process are errors. Reading or writing a local file is a warning, since it
is usually quick, and so is asking a person, since a program that asks serves only one. Calls that move no content of a
file (`exists`, `stat`, `mkdir`, `unlink`) are information, and so is everything at start-up or in a one-shot command,
and what a program reads, asks or starts, outside loops, in the function in which it begins.

## Example
```python
import requests
from fastapi import FastAPI

app = FastAPI()


def fetch_rate(currency: str) -> float:
    return requests.get(f"https://rates.example/{currency}", timeout=5).json()["rate"]


@app.get("/price/{currency}")
async def price(currency: str) -> float:
    return 100 * fetch_rate(currency)  # AW201
```

## Use instead
Three ways lead out, cheapest first: make the endpoint a plain `def` when nothing in it awaits (the framework then
runs it in a thread), use the library's asynchronous counterpart, or hop to a thread with `await
asyncio.to_thread(...)`.
```python
import httpx
from fastapi import FastAPI

app = FastAPI()
client = httpx.AsyncClient(timeout=5)


async def fetch_rate(currency: str) -> float:
    return (await client.get(f"https://rates.example/{currency}")).json()["rate"]


@app.get("/price/{currency}")
async def price(currency: str) -> float:
    return 100 * await fetch_rate(currency)
```

## Evidence needed
The waiting call is resolved to a known function or method, by imports and inferred types and never by its bare name;
each step of the trace is a call that the loop's thread makes itself. A step into a thread, a process or a task queue
ends the trace. *Certain* means that every step has one possible target; *likely* that a step was chosen among a few,
such as the known implementations of a base class, or is taken for one type of argument alone, or under many conditions.

## When not to follow it
The call is known to be answered at once (a local socket, a file in memory), the loop serves one user (a script, a
notebook), or it has nothing else to do at that moment, as before the server accepts requests. Say so on the line, with
`# archwise: ignore[AW201]` and the reason after it.

## References
- [Developing with asyncio: running blocking code](https://docs.python.org/3/library/asyncio-dev.html#running-blocking-code)
- [asyncio.to_thread](https://docs.python.org/3/library/asyncio-task.html#running-in-threads)
- [FastAPI: concurrency and async / await](https://fastapi.tiangolo.com/async/)
"""

from collections.abc import Iterator

from archwise.engine.analysis import Analysis
from archwise.findings import Finding, Severity
from archwise.rules import reached
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW201",
    name="blocking-call-on-event-loop",
    claims=("G2.4", "G2.5", "G5.1", "G6.1", "G11.2"),
    since="0.1.0",
    severity="error",
    also=("ASYNC210", "ASYNC212", "ASYNC220", "ASYNC221", "ASYNC222", "ASYNC230", "ASYNC240", "ASYNC250", "ASYNC251"),
)

KINDS: dict[str, tuple[Severity, str]] = {
    "network": ("error", "waits for the network"),
    "database": ("error", "waits for the database"),
    "subprocess": ("error", "waits for a child process"),
    "sleep": ("error", "sleeps"),
    "dns": ("error", "waits for a name lookup"),
    "lock": ("error", "waits for another thread"),
    "input": ("warning", "waits for a person"),
    "file": ("warning", "waits for the file system"),
    "metadata": ("info", "waits for the file system"),
}
"""Severity and words by what is waited for, gravest first."""


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every call on the event loop that waits, and the function it waits in."""
    yield from reached.findings(analysis, RULE, KINDS, "blocks the event loop")
