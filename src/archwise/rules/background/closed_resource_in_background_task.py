"""A background task is given a session, a file or a connection that is closed when it runs.

## What it does
Finds objects among the arguments of `BackgroundTasks.add_task` that are closed before the task starts: those that a
`with` block of the same function closes, and, with FastAPI 0.106 to 0.117, uploaded files and what a dependency yields;
and requests whose body the task is the first to read.

## Why is this bad
The task starts once the endpoint has returned, and by then the file or the temporary folder is gone: it fails with
"I/O operation on closed file" where nobody sees it, for the client has had its answer. A SQLAlchemy session that was
closed opens a new connection without a word, and this one nobody closes.

## Example
```python
import tempfile
from pathlib import Path

from fastapi import BackgroundTasks, FastAPI

app = FastAPI()


def convert(folder: str) -> None:
    Path(folder, "report.pdf").write_text("…")


@app.post("/reports")
def report(tasks: BackgroundTasks) -> None:
    with tempfile.TemporaryDirectory() as folder:
        tasks.add_task(convert, folder)  # AW707
```

## Use instead
Give the task the values or keys it needs, and let it open what it works with.
```python
import tempfile
from pathlib import Path

from fastapi import BackgroundTasks, FastAPI

app = FastAPI()


def convert() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "report.pdf").write_text("…")


@app.post("/reports")
def report(tasks: BackgroundTasks) -> None:
    tasks.add_task(convert)
```

## Evidence needed
What the `with` block or the dependency opens is known to be of no use, or to need another closing, once it is closed.
For dependencies and uploads, every version that the project's requirements or its lock file allow must be one of
FastAPI 0.106 to 0.117: these close both before background tasks run, others after them. A request counts where the
task's own function asks for its body and neither the endpoint, its dependencies nor the framework has read it before.

## When not to follow it
Never as such; the task may be one that looks at nothing but what is kept in memory.

## References
- [FastAPI 0.106: dependencies with `yield` and background tasks](https://fastapi.tiangolo.com/release-notes/#01060)
- [FastAPI 0.118: exit code runs after the response again](https://fastapi.tiangolo.com/release-notes/#01180)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.background import Later
from archwise.engine.names import reaching
from archwise.engine.program import Code
from archwise.engine.projectfiles import admits, excludes_older
from archwise.engine.values import ExternalInstance, FunctionValue, Values
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW707",
    name="closed-resource-in-background-task",
    claims=("G7.2", "G6.4"),
    since="0.1.0",
    severity="error",
    status="preview",
)

_FROM, _UNTIL = (0, 106), (0, 118)
"""The releases of FastAPI that close what was injected before background tasks run."""
_READING = frozenset({"body", "json", "form", "stream"})
_SCALARS = frozenset({"builtins.str", "builtins.int", "builtins.float", "builtins.bool"})
"""Types of parameters that FastAPI takes from the path and the query."""


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every argument of a background task that is closed by the time this runs."""
    for later in analysis.background_tasks:
        for index in later.given:
            op = later.code.scope.ops[index]
            if isinstance(op, ir.Name):
                what = (
                    _left(analysis, later, op, index)
                    or _injected(analysis, later.code, op.id)
                    or _unread(analysis, later, op.id, index)
                )
                if what:
                    yield _finding(later, op.id, what)


def _finding(later: Later, name: str, what: str) -> Finding:
    task = f"`{later.tasks[0].name}`" if later.tasks else "the task"
    return place.at(
        RULE,
        later.code,
        later.op,
        f"{task} is given `{name}`, {what}",
        "give it the values or keys that it needs, and let it open what it works with",
        note=f"leaves {task} for after the response",
    )


def _left(analysis: Analysis, later: Later, op: ir.Name, index: int) -> str:
    """Whether a ``with`` block of the function, left before tasks run, closes what a name stands for."""
    scope = later.code.scope
    reached, complete = reaching(scope, op.id, op.block, index)
    entered = [scope.ops[binding.value] for binding in reached]
    if not complete or not entered:
        return ""
    held = {_held(analysis, analysis.inference.values(later.code, e.value)) for e in entered if isinstance(e, ir.Enter)}
    if len(held) != 1 or not all(isinstance(each, ir.Enter) for each in entered):
        return ""
    name = held.pop()
    return f"which the `with` block of a `{name.rpartition('.')[2]}` closes before it runs" if name else ""


def _injected(analysis: Analysis, code: Code, name: str) -> str:
    """Whether the framework closes what fills a parameter before background tasks run."""
    parameter = next((each for each in code.scope.parameters if each.name == name), None)
    if parameter is None or name in code.scope.bindings or not _closes_early(analysis):
        return ""
    for value in analysis.dependencies(code, parameter):
        if isinstance(value, FunctionValue) and value.code.scope.is_generator:
            yielded = (analysis.inference.values(value.code, each) for each in value.code.scope.yields)
            if any(_held(analysis, each) for each in yielded):
                return f"which the dependency `{value.code.name}` closes before it runs"
    held = _held(analysis, analysis.inference.parameters.annotated(code, parameter)) if parameter.annotation else ""
    return "an upload, which the framework closes before it runs" if held.endswith(".UploadFile") else ""


def _unread(analysis: Analysis, later: Later, name: str, index: int) -> str:
    """Whether a task reads the body of a request that nobody has read before the response."""
    code = later.code
    parameter = next((each for each in code.scope.parameters if each.name == name), None)
    if parameter is None or not parameter.annotation or name in code.scope.bindings:
        return ""
    values = analysis.inference.parameters.annotated(code, parameter)
    if {analysis.stands_for(value) for value in values} != {"request"} or _reads_body(code, name):
        return ""
    if not any(_reads_body(task, _received_as(later, task, index)) for task in later.tasks):
        return ""
    others = (each for each in code.scope.parameters if each is not parameter)
    return (
        ""
        if any(_may_read(analysis, code, each) for each in others)
        else "whose body is gone once the response is sent"
    )


def _received_as(later: Later, task: Code, index: int) -> str:
    """The parameter by which a task gets an argument."""
    op = later.code.scope.ops[later.op]
    if not isinstance(op, ir.Call):
        return ""
    if index not in op.arguments:
        return next((name for name, value in op.keywords if value == index), "")
    names = [
        each.name for each in task.scope.parameters if each.kind == "positional" and each.name not in ("self", "cls")
    ]
    position = op.arguments.index(index) - 1
    return names[position] if position < len(names) else ""


def _reads_body(code: Code, name: str) -> bool:
    """Whether a function asks a request for its body."""
    ops = code.scope.ops
    return any(
        isinstance(op, ir.Attribute)
        and op.name in _READING
        and isinstance(base := ops[op.value], ir.Name)
        and base.id == name
        for op in ops
    )


def _may_read(analysis: Analysis, code: Code, parameter: ir.Parameter) -> bool:
    """Whether the framework, or a dependency, may read the body to fill a parameter; it is kept for the task then."""
    injected = analysis.dependencies(code, parameter)
    if injected:
        return not all(
            isinstance(value, FunctionValue)
            and not any(getattr(op, "name", "") in _READING for op in value.code.scope.ops)
            for value in injected
        )
    values = analysis.inference.parameters.annotated(code, parameter) if parameter.annotation else ()
    return not all(
        isinstance(value, ExternalInstance) and (value.name in _SCALARS or value.name.endswith(".BackgroundTasks"))
        for value in values
    )


def _closes_early(analysis: Analysis) -> bool:
    """Whether the project runs on a release of FastAPI that does."""
    specifiers = analysis.beside.requirements("fastapi")
    return any(not admits(each, _UNTIL) for each in specifiers) and any(excludes_older(e, _FROM) for e in specifiers)


def _held(analysis: Analysis, values: Values) -> str:
    """The class of an object that is of no use once it is closed, where it can be nothing else."""
    names = {value.name if isinstance(value, ExternalInstance) else "" for value in values}
    name = names.pop() if len(names) == 1 else ""
    return name if name and analysis.facts.closes(name) else ""
