"""A coroutine function is called and its result dropped, so its body never runs.

## What it does
Finds calls of `async def` functions and of libraries' coroutine functions whose result is thrown away: not awaited,
not made a task, not returned, passed on or kept. The callee is resolved across modules, attributes and inheritance.

## Why is this bad
Calling a coroutine function only builds the coroutine. Without an `await` nothing in it happens: the mail is not
sent, the row is not deleted, and the caller goes on as if it were. Python says so in a warning at some later moment,
on a log that few read.

## Example
```python
import asyncio
from fastapi import FastAPI

app = FastAPI()


async def write_audit(entry: str) -> None:
    await asyncio.sleep(0.01)


@app.delete("/orders/{number}")
async def delete_order(number: int) -> None:
    write_audit(f"deleted {number}")  # AW205
```

## Use instead
Await it; or, when the caller must not wait, hand it to something that keeps and joins it, such as an
`asyncio.TaskGroup`.
```python
import asyncio
from fastapi import FastAPI

app = FastAPI()


async def write_audit(entry: str) -> None:
    await asyncio.sleep(0.01)


@app.delete("/orders/{number}")
async def delete_order(number: int) -> None:
    await write_audit(f"deleted {number}")
```

## Evidence needed
Everything the callee may be is a coroutine function, undecorated or under decorators known to keep it one, and the
call is a statement of its own. If one possible callee is an ordinary function, nothing is reported.

## When not to follow it
A decorator that the checker could not read schedules the coroutine itself, or the test is about that very warning.

## References
- [Developing with asyncio: detect never-awaited coroutines](https://docs.python.org/3/library/asyncio-dev.html#detect-never-awaited-coroutines)
- [asyncio.TaskGroup](https://docs.python.org/3/library/asyncio-task.html#task-groups)
"""

from collections.abc import Iterator

from archwise.findings import Finding
from archwise.rules.rule import Rule

RULE = Rule.of(
    __doc__,
    code="AW205",
    name="coroutine-never-awaited",
    claims=("G2.4", "G11.6"),
    since="0.1.0",
    severity="error",
)


def check(program: object) -> Iterator[Finding]:
    """Yield every place in the program that breaks the rule."""
    yield from ()
