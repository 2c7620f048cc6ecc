"""A loop awaits one item after another although no step needs the one before.

## What it does
Finds `for` loops and comprehensions in request paths that await I/O for each item where no item's work reads a result
of another. It is advice: it names a place where time may be won, not a defect.

## Why is this bad
Each turn waits for the last, so a hundred lookups of 20 ms take two seconds; the loop is free in between, but this
request is not. Work of this kind is what concurrency is for, within a limit that the other side can bear.

## Example
```python
import asyncio
from fastapi import FastAPI

app = FastAPI()

async def load_price(item: int) -> float:
    await asyncio.sleep(0.02)
    return 1.5 * item

@app.get("/basket")
async def basket(items: list[int]) -> float:
    total = 0.0
    for item in items:
        total += await load_price(item)  # AW208
    return total
```

## Use instead
```python
import asyncio
from fastapi import FastAPI

app = FastAPI()

async def load_price(item: int) -> float:
    await asyncio.sleep(0.02)
    return 1.5 * item

@app.get("/basket")
async def basket(items: list[int]) -> float:
    async with asyncio.TaskGroup() as group:
        prices = [group.create_task(load_price(item)) for item in items]
    return sum(price.result() for price in prices)
```
Where the number of items has no bound, let a semaphore or a batch query hold the load.

## Evidence needed
The awaited call is known to do I/O; the loop neither breaks nor returns early on its result; no name that it sets is
read by a later turn's call.

## When not to follow it
Order matters, the other side limits its callers, the calls share one database session or connection (which serve one
query at a time), or the sequence is short. One query for all items beats both forms.

## References
- [asyncio.TaskGroup](https://docs.python.org/3/library/asyncio-task.html#task-groups)
- [asyncio.Semaphore](https://docs.python.org/3/library/asyncio-sync.html#semaphore)
"""

from collections.abc import Iterator

from archwise.findings import Finding
from archwise.rules.rule import Rule

RULE = Rule.of(
    __doc__,
    code="AW208",
    name="sequential-awaits-in-loop",
    claims=("G2.1", "G6.1"),
    since="0.1.0",
    severity="info",
    status="preview",
    advice=True,
)


def check(program: object) -> Iterator[Finding]:
    """Yield every place in the program that breaks the rule."""
    yield from ()
