"""An asynchronous library is used that another one has taken the place of.

## What it does
Finds imports of asynchronous libraries that were merged into another, archived by their authors or given a named
successor, and says which one and since when.

## Why is this bad
Such a library no longer gets fixes: not for new Python versions, not for new servers, not for security. `aioredis` is
the well-known case: it lives on inside redis-py as `redis.asyncio` since version 4.2, and its own last release cannot
be imported on Python 3.11.

## Example
```python
import aioredis  # AW209
from fastapi import FastAPI

app = FastAPI()
store = aioredis.from_url("redis://localhost")


@app.get("/visits")
async def visits() -> int:
    return await store.incr("visits")
```

## Use instead
```python
from fastapi import FastAPI
from redis import asyncio as redis

app = FastAPI()
store = redis.from_url("redis://localhost")


@app.get("/visits")
async def visits() -> int:
    return await store.incr("visits")
```

## Evidence needed
The import is of the distribution's own top-level package, no module of the project has that name, and the knowledge
file gives the successor with a source and a date.

## When not to follow it
The import is one branch of a fallback kept for users of old versions.

## References
- [redis-py: asyncio](https://redis.readthedocs.io/en/stable/examples/asyncio_examples.html)
- [Motor, superseded by PyMongo's asynchronous API](https://motor.readthedocs.io/en/stable/)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.program import Code
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW209",
    name="superseded-async-library",
    claims=("G2.7",),
    since="0.1.0",
    severity="warning",
)


_OPTIONAL = frozenset({"try", "except", "if"})
"""Blocks that hold one way of several."""


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield the imports of superseded packages, but for those that are one way of several."""
    if not analysis.facts.superseded:
        return
    for module in analysis.program.by_name:
        if analysis.facts.superseded.keys().isdisjoint(module.summary.imports):
            continue
        for code in module.codes:
            if _asks_version(code):
                continue
            seen: set[tuple[str, int]] = set()
            for index, op in code.operations(ir.Import):
                root = op.module.partition(".")[0]
                if op.level or code.scope.blocks[op.block].kind in _OPTIONAL or (root, op.line) in seen:
                    continue
                seen.add((root, op.line))
                known = analysis.facts.superseded.get(root)
                if known is None or known.superseded is None or module.program.resolve(module, root):
                    continue
                yield place.at(
                    RULE,
                    code,
                    index,
                    f"`{root}` has been superseded by `{known.superseded.by}` since {known.superseded.since}",
                    f"move to `{known.superseded.by}`"
                    + (f": {known.superseded.note}" if known.superseded.note else ""),
                    note=f"imports `{root}`; see {known.superseded.source}",
                    cause=root,
                )


def _asks_version(code: Code) -> bool:
    """Whether a function looks at the version of Python: what it imports may be for an old one."""
    return code.scope.kind == "function" and any(
        isinstance(op, ir.Attribute) and op.name == "version_info" for op in code.scope.ops
    )
