"""A lock made for threads is held while the task that holds it is suspended.

## What it does
Finds `with` blocks over a `threading` lock, semaphore or condition whose body awaits in an `async def`.

## Why is this bad
At the `await` the loop runs other tasks, with the lock still taken. The next task that wants it blocks the thread
which the holder needs in order to go on and let go: the process hangs for good. With a re-entrant lock it does not
hang, since all tasks share the thread; it simply protects nothing.

## Example
```python
import asyncio
import threading
from fastapi import FastAPI

app = FastAPI()
lock = threading.Lock()
stock = {"lamp": 3}

@app.post("/stock/{item}")
async def reserve(item: str) -> int:
    with lock:  # AW206
        await asyncio.sleep(0.01)
        stock[item] -= 1
        return stock[item]
```

## Use instead
An `asyncio.Lock` among tasks. Keep a thread lock only around statements that do not await, and only when threads
share the data too.
```python
import asyncio
from fastapi import FastAPI

app = FastAPI()
lock = asyncio.Lock()
stock = {"lamp": 3}

@app.post("/stock/{item}")
async def reserve(item: str) -> int:
    async with lock:
        await asyncio.sleep(0.01)
        stock[item] -= 1
        return stock[item]
```

## Evidence needed
The value entered is inferred to be a thread lock, wherever it was made, and an `await`, `async for` or `async with`
stands in the block itself, not in a function that is only defined there.

## When not to follow it
One task only ever takes the lock on this loop and other threads hold it for microseconds.

## References
- [asyncio synchronization primitives](https://docs.python.org/3/library/asyncio-sync.html)
- [threading.Lock](https://docs.python.org/3/library/threading.html#lock-objects)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.contexts import is_test
from archwise.engine.values import ExternalInstance
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW206",
    name="lock-held-across-await",
    claims=("G2.4", "G11.6"),
    since="0.1.0",
    severity="error",
)

_LOCKS = frozenset(
    {
        "threading.Lock",
        "threading.RLock",
        "threading.Semaphore",
        "threading.BoundedSemaphore",
        "threading.Condition",
        "multiprocessing.Lock",
        "multiprocessing.RLock",
    }
)


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every ``with`` of a thread lock whose body awaits."""
    for code in analysis.program.codes():
        if not (code.scope.is_async and code.scope.awaits) or code in analysis.stepped:
            continue
        for index, op in code.operations(ir.Enter):
            if not op.awaits or op.is_async:
                continue
            held = analysis.inference.values(code, op.value)
            if held and all(isinstance(value, ExternalInstance) and value.name in _LOCKS for value in held):
                name = held[0].name if isinstance(held[0], ExternalInstance) else ""
                yield place.at(
                    RULE,
                    code,
                    index,
                    f"`{code.name}` awaits while it holds a `{name}`",
                    "use `asyncio.Lock` with `async with`, or release the lock before the first `await`",
                    note=f"takes a `{name}` and awaits before it is released",
                    severity="info" if is_test(code) else RULE.severity,
                    roots=analysis.contexts.labels(code),
                )
