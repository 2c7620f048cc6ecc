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
The awaited call is known to do I/O, and not one of a database's session or connection; the loop neither breaks nor
returns early on its result; no name that it sets is read by a later turn's call.

## When not to follow it
Order matters, the other side limits its callers, the calls share one database session or connection (which serve one
query at a time), or the sequence is short. One query for all items beats both forms.

## References
- [asyncio.TaskGroup](https://docs.python.org/3/library/asyncio-task.html#task-groups)
- [asyncio.Semaphore](https://docs.python.org/3/library/asyncio-sync.html#semaphore)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.program import Code
from archwise.engine.values import External, ExternalInstance, ExternalMethod, FunctionValue, Method
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW208",
    name="sequential-awaits-in-loop",
    claims=("G2.1", "G6.1"),
    since="0.1.0",
    severity="info",
    status="preview",
    advice=True,
)


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every loop whose rounds await one call each, where no round needs the one before."""
    for code in analysis.on_loop:
        for _, op in code.operations(ir.Await):
            if _is_independent(code, op) and _does_work(analysis, code, op.value):
                yield place.at(
                    RULE,
                    code,
                    op.value,
                    f"`{code.name}` awaits one call after another in a loop",
                    "start them together: `asyncio.TaskGroup`, or `asyncio.gather` with a limit",
                    note="is awaited before the next round begins",
                    severity="info",
                    confidence="likely",
                )


def _is_independent(code: Code, op: ir.Await) -> bool:
    """Whether the awaited call takes the loop's element and nothing that an earlier round made."""
    scope = code.scope
    call = scope.ops[op.value]
    if not isinstance(call, ir.Call) or scope.blocks[op.block].kind != "loop" or call.block != op.block:
        return False
    own = {name for name, bindings in scope.bindings.items() if any(b.block == op.block for b in bindings)}
    elements = {
        name
        for name, bindings in scope.bindings.items()
        if any(b.block == op.block and _is_element(scope, b.value) for b in bindings)
    }
    read = _names(scope, op.value)
    awaits = sum(isinstance(other, ir.Await) and other.block == op.block for other in scope.ops)
    return bool(read & elements) and not (read & (own - elements)) and awaits == 1


def _does_work(analysis: Analysis, code: Code, index: int) -> bool:
    """Whether the call is one of the program's or of a package other than the loop's own."""
    call = code.scope.ops[index]
    function = code.scope.ops[call.function] if isinstance(call, ir.Call) else None
    if isinstance(function, ir.Attribute) and _takes_turns(analysis, code, function.value):
        return False
    called = analysis.inference.values(code, call.function) if isinstance(call, ir.Call) else ()
    for value in called:
        if isinstance(value, (FunctionValue, Method)):
            return True
        name = (
            value.receiver.name
            if isinstance(value, ExternalMethod)
            else value.name
            if isinstance(value, External)
            else ""
        )
        if name and not name.startswith(("asyncio.", "anyio.", "trio.")):
            return True
    return False


def _takes_turns(analysis: Analysis, code: Code, index: int) -> bool:
    """Whether an object serves one query at a time: a session, or a connection, of a database."""
    for value in analysis.inference.values(code, index):
        name = value.name.rpartition(".")[2] if isinstance(value, ExternalInstance) else ""
        if analysis.stands_for(value) == "session" or name.endswith(("Connection", "Cursor", "Transaction")):
            return True
    return False


def _is_element(scope: ir.Scope, index: int) -> bool:
    op = scope.ops[index]
    return isinstance(op, ir.Element) or (isinstance(op, ir.Unpack) and _is_element(scope, op.value))


def _names(scope: ir.Scope, index: int) -> set[str]:
    """The names read in a call and its arguments."""
    found: set[str] = set()
    pending = [index]
    while pending:
        op = scope.ops[pending.pop()]
        if isinstance(op, ir.Name):
            found.add(op.id)
        elif isinstance(op, ir.Call):
            pending += [op.function, *op.given]
        elif isinstance(op, (ir.Attribute, ir.Item)):
            pending.append(op.value)
        elif isinstance(op, ir.Formatted):
            pending += op.parts
        elif isinstance(op, ir.Operation):
            pending += (op.value, op.operand)
        elif isinstance(op, ir.Display):
            pending += op.items
        elif isinstance(op, ir.Mapping):
            pending += (*op.keys, *op.values)
    return found
