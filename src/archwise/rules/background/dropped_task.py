"""A task is started and nothing keeps it, so it may be collected before it is done.

## What it does
Finds calls of `asyncio.create_task`, `asyncio.ensure_future` and a loop's `create_task` whose task nobody keeps: the
call is a statement, its only use is `add_done_callback`, or a helper hands the task out and its caller drops it.

## Why is this bad
The event loop holds only weak references to tasks. One that waits for something that nothing else holds either can be
garbage collected in the middle, without a trace: the mail is not sent, the lock stays taken. And an exception in it is
seen by nobody until the collector comes along, if at all.

## Example
```python
import asyncio
from fastapi import FastAPI

app = FastAPI()


async def send_receipt(number: int) -> None:
    await asyncio.sleep(1)


@app.post("/orders/{number}")
async def pay(number: int) -> None:
    asyncio.create_task(send_receipt(number))  # AW701
```

## Use instead
Keep it in a set until it is done; where something may wait for it, an `asyncio.TaskGroup` is better still.
```python
import asyncio
from fastapi import FastAPI

app = FastAPI()
running: set[asyncio.Task[None]] = set()

async def send_receipt(number: int) -> None:
    await asyncio.sleep(1)

@app.post("/orders/{number}")
async def pay(number: int) -> None:
    task = asyncio.create_task(send_receipt(number))
    running.add(task)
    task.add_done_callback(running.discard)
```

## Evidence needed
All that the callee may be is known to hold its task weakly, and no use of the task keeps it: it is not stored,
returned, awaited, gathered or passed on. A local that lives as long as the function waits counts as kept.

## When not to follow it
The coroutine ends at once, or something else that lives holds what it waits for.

## References
- [asyncio.create_task: save a reference](https://docs.python.org/3/library/asyncio-task.html#asyncio.create_task)
"""

from collections.abc import Iterator

import msgspec

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.contexts import is_test
from archwise.engine.program import Code
from archwise.engine.values import Awaitable, ExternalInstance, FunctionValue, Method
from archwise.findings import Finding, Hop
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW701",
    name="dropped-task",
    claims=("G7.2", "G2.4"),
    since="0.1.0",
    severity="warning",
    also=("RUF006",),
)

_HARMLESS = frozenset({"add_done_callback", "remove_done_callback", "set_name"})
"""What can be done to a task without keeping it."""
_RUNS_LOOP = frozenset({"run_forever", "run_until_complete"})


class _Start(msgspec.Struct, frozen=True):
    """A call that gives a task nobody else keeps: the maker itself, or a helper that hands it out."""

    code: Code
    op: int
    maker: str
    below: tuple[Hop, ...] = ()


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every task that nothing keeps."""
    pending = list(_made(analysis))
    seen = {(start.code, start.op) for start in pending}
    while pending:
        start = pending.pop(0)
        if _is_dropped(analysis, start):
            yield _finding(start)
        elif _is_handed_out(start):
            fresh = [each for each in _callers(analysis, start) if (each.code, each.op) not in seen]
            seen.update((each.code, each.op) for each in fresh)
            pending += fresh


def _made(analysis: Analysis) -> Iterator[_Start]:
    makers = {name.rpartition(".")[2] for name, boundary in analysis.facts.boundaries.items() if boundary.weak}
    for last in sorted(makers):
        for code, index, op in analysis.program.calls(last):
            if not op.arguments or is_test(code):
                continue
            boundary = analysis.inference.boundary(code, op)
            if boundary is None or not boundary.weak:
                continue
            if last != "ensure_future" or not _is_task(analysis, code, op.arguments[0]):
                yield _Start(code, index, last)


def _is_task(analysis: Analysis, code: Code, index: int) -> bool:
    """Whether what is given is a future or task already: somebody else has it, as a thread has what it is to set."""
    op = code.scope.ops[index]
    if isinstance(op, ir.Call):
        boundary = analysis.inference.boundary(code, op)
        return boundary is not None and boundary.passes in ("thread", "process")
    return any(
        isinstance(value, Awaitable) or (isinstance(value, ExternalInstance) and value.name.startswith("asyncio."))
        for value in analysis.inference.values(code, index)
    )


def _is_dropped(analysis: Analysis, start: _Start) -> bool:
    code, index = start.code, start.op
    scope = code.scope
    if index in scope.discarded:
        return True
    if any(_is_harmless(code, each, index) for each in scope.discarded):
        return True
    if scope.kind == "lambda" and scope.results == (index,):
        return _is_callback(analysis, code)
    name = _local(code, index)
    return name is not None and _ends_at_once(code, index) and not _uses(code, name)


def _is_handed_out(start: _Start) -> bool:
    """Whether a plain function returns the task, and does no more with it."""
    code, index = start.code, start.op
    scope = code.scope
    if scope.kind != "function" or scope.is_async or scope.is_generator or len(scope.results) != 1:
        return False
    if scope.results == (index,):
        return True
    name = _local(code, index)
    if name is None:
        return False
    return _uses(code, name) == list(scope.results)


def _callers(analysis: Analysis, start: _Start) -> Iterator[_Start]:
    helper = start.code
    if "opaque" in analysis.inference.decorators.kinds(helper):
        return
    hop = place.hop(start.code, start.op, f"makes the task with `{start.maker}`")
    for code, index, op in analysis.program.calls(helper.scope.name):
        if is_test(code):
            continue
        values = analysis.inference.values(code, op.function)
        if values and all(isinstance(value, (FunctionValue, Method)) and value.code is helper for value in values):
            yield _Start(code, index, helper.scope.name, (hop, *start.below))


def _is_harmless(code: Code, index: int, task: int) -> bool:
    """Whether an operation is a call that a task's method answers without keeping the task."""
    op = code.scope.ops[index]
    method = code.scope.ops[op.function] if isinstance(op, ir.Call) else None
    return isinstance(method, ir.Attribute) and method.value == task and method.name in _HARMLESS


def _local(code: Code, index: int) -> str | None:
    """The local variable that is bound to an operation, where only that is."""
    if code.scope.kind not in ("function", "lambda"):
        return None
    for name, bindings in code.scope.bindings.items():
        if any(binding.value == index for binding in bindings):
            return name if len(bindings) == 1 and name not in code.scope.globals else None
    return None


def _uses(code: Code, name: str) -> list[int]:
    """The reads of a local that may keep its value, in this function and in those inside it."""
    ops = code.scope.ops
    harmless = {
        op.value
        for index, op in enumerate(ops)
        if isinstance(op, ir.Attribute) and op.name in _HARMLESS and _is_only_called(code, index)
    }
    found = [
        index for index, op in enumerate(ops) if isinstance(op, ir.Name) and op.id == name and index not in harmless
    ]
    for other in code.module.codes:
        if code.encloses(other):
            found += [0 for op in other.scope.ops if isinstance(op, ir.Name) and op.id == name]
    return found


def _is_only_called(code: Code, attribute: int) -> bool:
    return any(
        isinstance(op, ir.Call) and op.function == attribute and index in code.scope.discarded
        for index, op in enumerate(code.scope.ops)
    )


def _ends_at_once(code: Code, index: int) -> bool:
    """Whether a function is over without waiting once it has made the task: till then its frame keeps it."""
    if code.scope.is_generator:
        return False
    blocks = code.scope.blocks
    block = code.block_of(index)
    while block > 0 and blocks[block].kind != "loop":
        block = blocks[block].parent
    later = code.scope.ops if block > 0 else code.scope.ops[index + 1 :]
    return not any(ir.suspends(op) or (isinstance(op, ir.Attribute) and op.name in _RUNS_LOOP) for op in later)


def _is_callback(analysis: Analysis, code: Code) -> bool:
    """Whether a lambda is what a loop calls later: what it gives is thrown away."""
    parent = code.parent
    if parent is None:
        return False
    for op in parent.scope.ops:
        if isinstance(op, ir.Call):
            given = [parent.scope.ops[each] for each in op.given]
            if any(isinstance(each, ir.Define) and each.scope == code.index for each in given):
                boundary = analysis.inference.boundary(parent, op)
                return boundary is not None and boundary.passes == "loop"
    return False


def _finding(start: _Start) -> Finding:
    op = start.code.scope.ops[start.op]
    what = _coroutine(start.code, op) if isinstance(op, ir.Call) else ""
    return place.at(
        RULE,
        start.code,
        start.op,
        f"nothing keeps the task that `{start.maker}` makes{what}: it may be collected before it is done",
        "keep it in a set and let a done callback discard it, or use an `asyncio.TaskGroup`",
        note="drops the task",
        after=start.below,
        cause=start.below[-1].path + start.below[-1].symbol if start.below else start.code.module.path,
    )


def _coroutine(code: Code, op: ir.Call) -> str:
    """`` of `name` ``: the coroutine that a call is given, by its function's name."""
    for index in op.arguments:
        given = code.scope.ops[index]
        if isinstance(given, ir.Call):
            name = ir.identifier(code.scope.ops[given.function])
            return f" of `{name}`" if name else ""
    return ""
