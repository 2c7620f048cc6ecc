"""Code on a running event loop starts or drives another one.

## What it does
Finds `asyncio.run`, `loop.run_until_complete`, `asyncio.Runner.run`, `anyio.run`, `async_to_sync` and their like
where a running event loop reaches them, in the same function or many calls below.

## Why is this bad
asyncio does not nest: most of these calls raise `RuntimeError` on a thread whose loop is running, and only on the
path that gets there, so that a helper which worked in a script fails in the server. Those that do not raise hold the
thread until the inner work is done, which is a blocking call with extra steps, and connections made by one loop
cannot be used by the other.

## Example
```python
import asyncio
from fastapi import FastAPI

app = FastAPI()

async def load_total(number: int) -> int:
    await asyncio.sleep(0.01)
    return 42 * number

def total(number: int) -> int:
    return asyncio.run(load_total(number))

@app.get("/orders/{number}/total")
async def read_total(number: int) -> int:
    return total(number)  # AW204
```

## Use instead
Await all the way down. A synchronous wrapper is for synchronous callers only.
```python
import asyncio
from fastapi import FastAPI

app = FastAPI()

async def load_total(number: int) -> int:
    await asyncio.sleep(0.01)
    return 42 * number

@app.get("/orders/{number}/total")
async def read_total(number: int) -> int:
    return await load_total(number)
```

## Evidence needed
The call resolves to a function known to start or drive a loop, and every step to it is made by the loop's own thread.
A call in another thread or process, or under a test for a running loop, is not reported. Behind other calls the
finding is likely, for helpers that start a loop often know a way around a running one (half of 22 that were read in
real code did); so it is where an `except Exception` around the call swallows whatever it raises. What is done only if
something is asynchronous (`if async_receivers`) is information, and so is what stands in a module that imports one
which lets loops nest (`nest_asyncio`).

## When not to follow it
A library patches asyncio so that loops nest (as notebooks do), and the code never runs anywhere else.

## References
- [asyncio.run](https://docs.python.org/3/library/asyncio-runner.html#asyncio.run)
- [asgiref: async_to_sync](https://docs.djangoproject.com/en/stable/topics/async/#async-to-sync)
"""

from collections.abc import Iterator

import msgspec

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.contexts import is_test
from archwise.engine.handling import catches_all, handled, names_caught, names_handled
from archwise.engine.program import Code, Module
from archwise.engine.reach import Step, steps
from archwise.findings import Finding, Severity
from archwise.rules import doubt, reached
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW204",
    name="nested-event-loop",
    claims=("G2.4", "G11.6"),
    since="0.1.0",
    severity="error",
)

KINDS: dict[str, tuple[Severity, str]] = {"nested-loop": ("error", "starts an event loop")}
_REFUSAL = "RuntimeError"
"""What starting a loop within another raises, and asking for one where there is none."""
_GUARDS = frozenset(
    {"get_running_loop", "is_running", "current_async_library", "sniffio", "_get_running_loop", "nest_asyncio"}
)


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every call on the event loop that starts another one, unless the code is ready to find one running.

    A test that does so fails each time it runs; if it does not, it has put something else in the place of a step.
    """
    every = reached.found(analysis, RULE, KINDS, "fails where one is running")
    certain = [(finding, reach) for finding, reach in every if reach.certain and not reach.open]
    asking = {code.scope.name for code in analysis.program.codes() if _asks(code)} if certain else set()
    nesting = _nesting(analysis) if certain else frozenset()
    for finding, reach in certain:
        if not any(_is_ready(step, asking) for step in steps(reach.path)):
            in_doubt = finding.confidence == "likely" and doubt.reason(analysis, reach)
            calm = (
                in_doubt
                or reach.once
                or is_test(reach.path.code)
                or any(_is_for_async(step) or step.code.module in nesting for step in steps(reach.path))
            )
            is_doubtful = reach.length > 1 or _is_swallowed(analysis, reach.sink)
            confidence = "likely" if is_doubtful else finding.confidence
            yield msgspec.structs.replace(finding, severity="info" if calm else RULE.severity, confidence=confidence)


def _nesting(analysis: Analysis) -> frozenset[Module]:
    """The modules that patch asyncio so that loops nest, and those that import them before they run themselves."""
    program, graph = analysis.program, analysis.imports.graph
    found = {code.module for code in program.codes() if not is_test(code) and "nest_asyncio" in _identifiers(code)}
    importers: dict[Module, list[Module]] = {}
    for importer, targets in graph.items() if found else ():
        for target in targets:
            importers.setdefault(target, []).append(importer)
    pending = list(found)
    while pending:
        fresh = [each for each in importers.get(pending.pop(), ()) if each not in found]
        found.update(fresh)
        pending += fresh
    return frozenset(found)


def _is_ready(step: Step, asking: set[str]) -> bool:
    """Whether a function on the way looks for a running loop, catches what one makes raise, or has a thread at hand."""
    code = step.code
    return (
        _asks(code)
        or any(_called(code, op.value) in asking for _, op in code.operations(ir.Operation) if op.method == "__bool__")
        or _REFUSAL in names_caught(code, step.op)
        or _REFUSAL in names_handled(code, step.op)
        or (step.next is not None and _hands_on(code, step.next.code.scope.name))
    )


def _is_swallowed(analysis: Analysis, step: Step) -> bool:
    """Whether whoever starts the loop goes on when that fails: perhaps as intended, perhaps the work is lost."""
    code = step.code
    block = code.block_of(step.op)
    return any(
        code.is_within(block, handler.guarded)
        and catches_all(analysis.inference, code, handler)
        and not any(isinstance(op, ir.Raise) for _, op in handled(code, handler))
        for handler in code.scope.handlers
    )


def _is_for_async(step: Step) -> bool:
    """Whether a step is taken only where something is asynchronous (``if async_receivers``)."""
    return any(
        test.kind in ("coroutine", "async-generator")
        or (test.kind == "true" and "async" in test.path.rpartition(".")[2].lower())
        for test in step.code.conditions(step.code.block_of(step.op))
    )


def _asks(code: Code) -> bool:
    return not _GUARDS.isdisjoint(_identifiers(code))


def _identifiers(code: Code) -> set[str]:
    return {ir.identifier(op) for op in code.scope.ops if isinstance(op, (ir.Name, ir.Attribute))}


def _called(code: Code, index: int) -> str:
    op = code.scope.ops[index]
    return ir.identifier(code.scope.ops[op.function]) if isinstance(op, ir.Call) else ""


def _hands_on(code: Code, name: str) -> bool:
    """Whether a function gives another one to something that may run it elsewhere: ``executor.submit(run)``."""
    return any(
        ir.identifier(code.scope.ops[given]) == name for _, op in code.operations(ir.Call) for given in op.arguments
    )
