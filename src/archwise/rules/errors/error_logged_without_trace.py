"""An exception is caught and logged by its text alone, so nobody can tell where it came from.

## What it does
Finds broad handlers that log the exception they caught with `logger.error(…)` or `logger.critical(…)`, without
`exc_info`, and neither raise nor log its trace.

## Why is this bad
`KeyError: 'id'` in a log says what, but not where. A broad clause catches what nobody expected, and that is just what
takes the trace to be found.

## Example
```python
import logging

logger = logging.getLogger(__name__)


def sync() -> None:
    try:
        push()
    except Exception as error:
        logger.error("sync failed: %s", error)  # AW808
```

## Use instead
```python
import logging

logger = logging.getLogger(__name__)


def sync() -> None:
    try:
        push()
    except Exception:
        logger.exception("sync failed")
```

## Evidence needed
The clause catches every exception, the call is of a logger, at a level that says something broke, and is given the
exception; nothing else in the clause raises or logs the trace. A warning is left alone: most tell how the program goes
on without what failed.

## When not to follow it
The exception is an expected one, only caught too broadly: then catch it by its name.

## References
- [Python: Logger.exception](https://docs.python.org/3/library/logging.html#logging.Logger.exception)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.handling import catches_all, handled
from archwise.engine.layers import is_application
from archwise.engine.logs import LEVELS, Written, written
from archwise.engine.program import Code
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW808",
    name="error-logged-without-trace",
    claims=("G8.4",),
    since="0.1.0",
    severity="info",
    advice=True,
    also=("TRY400",),
)

_LOUD = frozenset({"error", "critical", "fatal"})
"""Levels that say something broke; a warning mostly says how the program goes on without it."""


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every log call that gives only the text of an exception nobody expected."""
    for module in analysis.program.by_name:
        if LEVELS.isdisjoint(module.summary.called) or not is_application(module):
            continue
        for code in module.codes:
            if any(handler.raised for handler in code.scope.handlers):
                calls = {call.op: call for call in written(analysis.inference, code)}
                for handler in code.scope.handlers:
                    yield from _untraced(analysis, code, handler, calls)


def _untraced(analysis: Analysis, code: Code, handler: ir.Handler, calls: dict[int, Written]) -> Iterator[Finding]:
    if not handler.raised or not calls or not catches_all(analysis.inference, code, handler):
        return
    inside = dict(handled(code, handler))
    logged = [calls[index] for index in inside if index in calls]
    if any(isinstance(op, ir.Raise) for op in inside.values()) or any(call.traced for call in logged):
        return
    if any(ir.identifier(op) in ("format_exc", "print_exc", "capture_exception") for op in inside.values()):
        return
    names = {name for name, bound in code.scope.bindings.items() if any(b.value == handler.raised for b in bound)}
    for call in logged:
        if call.level in _LOUD and any(isinstance(op, ir.Name) and op.id in names for op in _of(code, call)):
            yield place.at(
                RULE,
                code,
                call.op,
                f"`{code.name}` logs an exception of any kind without its trace",
                "use `logger.exception(…)`, or pass `exc_info=True`",
                note="logs only the text",
            )
            return


def _of(code: Code, call: Written) -> Iterator[ir.AnyOp]:
    """The operations that a log call's message is made of."""
    op = code.scope.ops[call.op]
    first = op.function if isinstance(op, ir.Call) else call.op
    yield from code.scope.ops[first : call.op]
