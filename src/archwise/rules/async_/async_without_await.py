"""An endpoint or dependency is `async def`, awaits nothing and blocks: a plain `def` would be run in a thread.

## What it does
Finds functions that the framework would run in a threadpool if they were `def` (endpoints and dependencies of FastAPI
and Starlette) which are `async def`, hold no `await`, `async for` or `async with`, and whose body reaches a blocking
call.

## Why is this bad
The word `async` is the whole defect: it moves the function from a thread, where waiting is harmless, onto the event
loop, where it halts every other request. It usually comes from habit, and it is the cheapest of all to mend.

## Example
```python
import sqlite3

from fastapi import FastAPI

app = FastAPI()


@app.get("/stock/{item}")
async def stock(item: str) -> int:  # AW203
    with sqlite3.connect("shop.db") as connection:
        row = connection.execute("select count from stock where item = ?", (item,)).fetchone()
    return row[0] if row else 0
```

## Use instead
```python
import sqlite3

from fastapi import FastAPI

app = FastAPI()


@app.get("/stock/{item}")
def stock(item: str) -> int:
    with sqlite3.connect("shop.db") as connection:
        row = connection.execute("select count from stock where item = ?", (item,)).fetchone()
    return row[0] if row else 0
```

## Evidence needed
The framework is told of the function by a decorator, a registration or `Depends`; nothing in its own body awaits; at
least one blocking call is proven to be reached from it on the loop. An `async def` that neither awaits nor blocks is
left alone: on the loop it is faster than in a thread.

Left alone, too, is what cannot drop `async`: a function with another decorator, which may await what it returns; one
that other code or a test calls, or that is handed on; a method that its base class declares as async; a function that
uses asyncio, sets a context variable, uses a connection of SQLite made elsewhere, or changes a variable or container
of its module, which is safe on the loop alone. AW201 reports what blocks in it, with another remedy.

## When not to follow it
The function must run on the loop's thread for a reason that is not seen, such as an object that is not thread-safe.
Then take the blocking call itself off the loop.

## References
- [FastAPI: path operation functions and dependencies](https://fastapi.tiangolo.com/async/#very-technical-details)
- [Starlette: thread pool](https://www.starlette.io/threadpool/)
"""

from collections.abc import Iterator

from archwise.engine.analysis import Analysis
from archwise.engine.loop_bound import could_be_plain
from archwise.engine.reach import Reach
from archwise.engine.root import Root
from archwise.findings import Finding
from archwise.rules import place, reached
from archwise.rules.async_ import blocking_call_on_event_loop, cpu_bound_on_event_loop
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW203",
    name="async-without-await",
    claims=("G2.4", "G6.2", "G11.6"),
    since="0.1.0",
    severity="warning",
)

_KINDS = {**blocking_call_on_event_loop.KINDS, **cpu_bound_on_event_loop.KINDS}


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every async endpoint or dependency that never awaits and whose body holds the loop up."""
    for root in analysis.roots:
        scope = root.code.scope
        if not (root.serves and could_be_plain(root)):
            continue
        held = [
            reach
            for reach in reached.places(analysis, root.code, _KINDS)
            if not reached.is_calm(analysis, root.code, reach) and not _is_little(reach)
        ]
        held.sort(key=lambda reach: list(_KINDS).index(reach.effect.kind))
        if held and not analysis.loop_bound.is_bound(root.code):
            yield place.at(
                RULE,
                root.code,
                0,
                f"`{scope.name}` is async but never awaits, and `{held[0].effect.name}` in it holds the event loop up",
                _help(root),
                note="never awaits",
                roots=(analysis.contexts.label(root),),
                cause=RULE.name,
            )


def _is_little(reach: Reach) -> bool:
    """Whether a thread for each call costs more: what touches no content, or a file on some of the ways only."""
    return reach.effect.kind == "metadata" or (reach.effect.kind == "file" and reach.guarded > 0)


def _help(root: Root) -> str:
    if root.threaded:
        return f"drop `async` and say `{root.threaded}`: the framework then runs it in a thread"
    return "drop `async`: the framework runs a plain `def` in a thread"
