"""A request goes on as if nothing had happened after a database write or a call to another service failed.

## What it does
Finds `except Exception` and bare `except` on the path of a request whose body neither raises, nor logs, nor looks at
what it caught, around code that writes to the database or calls another service.

## Why is this bad
The client is told that it worked. Nobody learns that it did not, until the data is missed; then there is no log to
find the cause in, and the broad clause has hidden every programming error on the way as well.

## Example
```python
import requests
from fastapi import FastAPI

app = FastAPI()


@app.post("/orders")
def add_order(total: int) -> dict[str, str]:
    try:
        requests.post("https://billing.example/invoices", json={"total": total}, timeout=5)  # AW804
    except Exception:
        pass
    return {"status": "created"}
```

## Use instead
```python
import logging

import requests
from fastapi import FastAPI

app = FastAPI()
logger = logging.getLogger(__name__)


@app.post("/orders")
def add_order(total: int) -> dict[str, str]:
    try:
        requests.post("https://billing.example/invoices", json={"total": total}, timeout=5)
    except requests.RequestException:
        logger.exception("no invoice for an order of %s", total)
        return {"status": "created, invoice pending"}
    return {"status": "created"}
```

## Evidence needed
The function is reached from a request. The clause catches everything, holds no `raise`, no call at all and no use of
the exception, and what it guards is known to wait for a network or a database, itself or up to three calls below
where nothing else catches the failure. Closing and cleaning up
is left alone, and so are functions that answer a question by trying (`is_alive`, `has_index`), that make what may be
there already (`ensure_table`), or that keep a log, an audit or a metric.

## When not to follow it
What fails is an extra that nobody counts on, and a metric counts it elsewhere.

## References
- [Python: logging in exception handlers](https://docs.python.org/3/howto/logging.html)
- [CWE-390: detection of error condition without action](https://cwe.mitre.org/data/definitions/390.html)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.contexts import is_test
from archwise.engine.handling import catches_all, handled, names_caught, tried
from archwise.engine.program import Code
from archwise.engine.reach import Reach, steps
from archwise.findings import Finding
from archwise.rules import place, reached
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW804",
    name="exception-swallowed",
    claims=("G8.4", "G8.6"),
    since="0.1.0",
    severity="warning",
    status="preview",
    also=("BLE001", "S110", "S112"),
)

_GRAVE = frozenset({"network", "database"})
_FARTHEST = 4
"""The calls of a path to what fails."""
_TIDYING = frozenset(
    {"close", "aclose", "rollback", "disconnect", "release", "shutdown", "unlink", "remove", "cleanup"}
)
_ASKING = ("is_", "has_", "check", "ping", "health", "exists", "can_", "probe", "supports", "status")
"""Functions that answer a question by trying: the failure is the answer."""
_PREPARING = ("ensure", "init", "migrate", "upgrade")
"""Functions that make what may be there already: the failure says that it is."""
_BESIDE = ("log_", "trace_", "audit_", "track_", "metric", "telemetry")
"""Functions that tell of what is done, and are not to stand in its way."""
_LEFT_ALONE = (*_ASKING, *_PREPARING, *_BESIDE)


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every clause on a request's path that lets a failed write or call pass in silence."""
    serving = [root.code for root in analysis.roots if root.serves and not is_test(root.code)]
    for code in analysis.contexts.reached_from(serving):
        if is_test(code) or not code.scope.handlers or f"{code.scope.name.lstrip('_')}_".startswith(_LEFT_ALONE):
            continue
        for handler in code.scope.handlers:
            if _is_silent(analysis, code, handler):
                lost = _lost(analysis, code, handler)
                if lost is not None:
                    below = f"calls `{lost.path.next.code.name}`, which " if lost.path.next is not None else ""
                    yield place.at(
                        RULE,
                        code,
                        lost.path.op,
                        f"`{code.name}` goes on in silence when `{lost.effect.name}` fails",
                        "catch what is expected, log it, and tell the caller what was not done",
                        note=f"{below}may fail; the clause around it catches everything and says nothing",
                        confidence="likely",
                        roots=analysis.contexts.labels(code),
                        after=tuple(reached.hops(lost, "may fail"))[1:],
                    )


def _is_silent(analysis: Analysis, code: Code, handler: ir.Handler) -> bool:
    if not catches_all(analysis.inference, code, handler):
        return False
    for _, op in handled(code, handler):
        if isinstance(op, (ir.Raise, ir.Call)):
            return False
    return not (handler.raised and _is_read(code, handler))


def _is_within(code: Code, inner: ir.Handler, outer: ir.Handler) -> bool:
    return inner.guarded != outer.guarded and code.is_within(inner.guarded, outer.guarded)


def _stops(analysis: Analysis, code: Code, handler: ir.Handler) -> bool:
    """Whether nothing gets past a clause."""
    return catches_all(analysis.inference, code, handler) and not any(
        isinstance(op, ir.Raise) for _, op in handled(code, handler)
    )


def _is_read(code: Code, handler: ir.Handler) -> bool:
    names = {name for name, bound in code.scope.bindings.items() if any(b.value == handler.raised for b in bound)}
    return any(isinstance(op, ir.Name) and op.id in names for op in code.scope.ops[handler.raised :])


def _lost(analysis: Analysis, code: Code, handler: ir.Handler) -> Reach | None:
    """What of the guarded code is known to wait for a network or a database, where it is more than tidying up."""
    guarded = {index for index, _ in tried(code, handler)}
    for inner in code.scope.handlers:
        if _is_within(code, inner, handler) and _stops(analysis, code, inner):
            guarded.difference_update(index for index, _ in tried(code, inner))
    analysis.effects.settle([code])
    for found in analysis.effects.by_place(code):
        for reach in found.reaches.values():
            if reach.path.op in guarded and reach.effect.kind in _GRAVE and _arrives(reach):
                last = reach.effect.name.rpartition(".")[2]
                return None if last in _TIDYING else reach
    return None


def _arrives(reach: Reach) -> bool:
    """Whether what fails is called right here, or for certain a few calls below where nothing catches it."""
    if reach.length == 1:
        return True
    is_near = reach.certain and not reach.open and reach.length <= _FARTHEST
    return is_near and not any(any(names_caught(step.code, step.op)) for step in steps(reach.path.next))
