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
call is a statement of its own. If one possible callee is an ordinary function, nothing is reported. Nor is it in plain
functions of a package that replaces its coroutine functions by plain ones as it is imported (`setattr`).

## When not to follow it
A decorator that the checker could not read schedules the coroutine itself, or the test is about that very warning.

## References
- [Developing with asyncio: detect never-awaited coroutines](https://docs.python.org/3/library/asyncio-dev.html#detect-never-awaited-coroutines)
- [asyncio.TaskGroup](https://docs.python.org/3/library/asyncio-task.html#task-groups)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.program import Code
from archwise.engine.values import Awaitable, External, ExternalMethod, FunctionValue, Instance, Method, Value
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW205",
    name="coroutine-never-awaited",
    claims=("G2.4", "G11.6"),
    since="0.1.0",
    severity="error",
    also=("UNUSED-COROUTINE",),
)


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every call of an async function whose coroutine is thrown away or taken for a truth value."""
    names = {code.scope.name for code in analysis.program.codes() if code.scope.is_async} | analysis.facts.coroutines
    replaced = {code.module.name.partition(".")[0] for code in analysis.program.codes() if _replaces(code)}
    for code in analysis.program.codes():
        if not code.scope.is_async and code.module.name.partition(".")[0] in replaced:
            continue
        for index, how in _unused(code, names):
            called = _coroutine(analysis, code, index)
            if called is not None and not analysis.events.constants.rule_out(code, index):
                yield place.at(
                    RULE,
                    code,
                    index,
                    f"`{called}` is a coroutine function: calling it without `await` {how}",
                    "await the call" if code.scope.is_async else "make the caller async and await the call",
                    note=f"makes a coroutine of `{called}` that never runs",
                    cause=f"{called}\0{how}",
                )


def _replaces(code: Code) -> bool:
    """Whether a function puts plain functions in the place of whatever coroutine functions a class or module has."""
    for teller, index in code.module.calls("setattr") if code is code.module.code else ():
        call = teller.scope.ops[index]
        if isinstance(call, ir.Call) and len(call.arguments) == 3:
            named = teller.scope.ops[call.arguments[1]]
            if not isinstance(named, ir.Constant) and any(code.module.calls("iscoroutinefunction")):
                return True
    return False


def _unused(code: Code, names: set[str]) -> Iterator[tuple[int, str]]:
    """Calls by such a name whose result nothing takes."""
    ops = code.scope.ops
    for index in code.scope.discarded:
        op = ops[index]
        if not isinstance(op, ir.Call) or _is_seen_plain(code, op):
            continue
        if code.scope.is_async or _name(code, op) in names:
            yield index, "does nothing"
    for _, op in code.operations(ir.Operation):
        if op.method == "__bool__":
            tested = ops[op.value]
            if isinstance(tested, ir.Call) and _name(code, tested) in names:
                yield op.value, "is always true"


def _is_seen_plain(code: Code, op: ir.Call) -> bool:
    """Whether something is called where it was found to be no coroutine function."""
    path = ir.path(code.scope.ops, op.function)
    return any(test.kind == "not-coroutine" and test.path == path for test in code.conditions(op.block))


def _name(code: Code, op: ir.Call) -> str:
    return ir.identifier(code.scope.ops[op.function])


def _coroutine(analysis: Analysis, code: Code, index: int) -> str | None:
    """The name of the async function that the call surely makes a coroutine of."""
    op = code.scope.ops[index]
    if not isinstance(op, ir.Call):
        return None
    called = analysis.inference.values(code, op.function)
    made = analysis.inference.values(code, index)
    if not called or not all(isinstance(v, Awaitable) for v in made) or _is_of_some(analysis, code, op):
        return None
    names = [_coroutine_function(analysis, value) for value in called]
    return names[0] if all(names) else None


def _is_of_some(analysis: Analysis, code: Code, op: ir.Call) -> bool:
    """Whether only classes derived from that of an object have the method: which one it is, is asked for before."""
    function = code.scope.ops[op.function]
    receivers = analysis.inference.values(code, function.value) if isinstance(function, ir.Attribute) else ()
    name, defining = ir.identifier(function), analysis.inference.classes.defining
    lacks = any(isinstance(value, Instance) and defining(value.code, name) is None for value in receivers)
    return lacks and all(isinstance(value, Method) for value in analysis.inference.values(code, op.function))


def _coroutine_function(analysis: Analysis, value: Value) -> str:
    """The name of an async function, empty where the value is none, or something decorates it that may run it."""
    if isinstance(value, (FunctionValue, Method)):
        scope = value.code.scope
        opaque = "opaque" in analysis.inference.decorators.kinds(value.code)
        return value.code.name if scope.is_async and not scope.is_generator and not opaque else ""
    if isinstance(value, External):
        function = analysis.facts.functions.get(analysis.facts.canonical(value.name))
        return value.name if function is not None and function[0].coroutine else ""
    if isinstance(value, ExternalMethod):
        fact = analysis.facts.method(value.receiver.name, value.name)
        return f"{value.receiver.name}.{value.name}" if fact is not None and fact.coroutine else ""
    return ""
