"""AW701: keep a task in a set of the module until it is done."""

import ast
import itertools

from archwise.findings import Edit, Finding, Fix
from archwise.fixes.imports import after_imports
from archwise.fixes.source import Source, called, insertion

_SET = "background_tasks"
_KEEPS_NOTHING = frozenset({"add_done_callback", "remove_done_callback", "set_name"})


def fix(source: Source, finding: Finding) -> Fix | None:
    """Bind the task, where it is a statement, and keep it."""
    call = source.call_at(finding.line, finding.column, lambda call: isinstance(source.parent(call), ast.stmt))
    statement = source.parent(call) if call is not None else None
    if (
        call is None
        or called(call) in _KEEPS_NOTHING
        or not isinstance(statement, ast.Expr | ast.Assign)
        or not source.is_alone(statement)
    ):
        return None
    if source.function(statement) is None or isinstance(source.function(statement), ast.Lambda):
        return None
    edits: tuple[Edit, ...] = ()
    if isinstance(statement, ast.Assign):
        if len(statement.targets) != 1 or not isinstance(statement.targets[0], ast.Name):
            return None
        name = statement.targets[0].id
    else:
        name = _free(source, "task")
        edits = (insertion(source.start(statement), f"{name} = "),)
    line = statement.end_lineno or statement.lineno
    indent = source.lines[statement.lineno - 1][: source.start(statement)[1] - 1]
    kept, holder = _holder(source)
    lines = (f"{indent}{kept}.add({name})", f"{indent}{name}.add_done_callback({kept}.discard)")
    below = _below(source, line, lines)
    return Fix("keep the task until it is done", safe=True, content=source.digest, edits=(*holder, *edits, below))


def _below(source: Source, line: int, added: tuple[str, ...]) -> Edit:
    """New lines below one."""
    newline = source.newline
    text = source.lines[line - 1]
    if text.endswith(("\r", "\n")):
        return insertion((line + 1, 1), "".join(f"{each}{newline}" for each in added))
    return insertion((line, len(text) + 1), "".join(f"{newline}{each}" for each in added))


def _holder(source: Source) -> tuple[str, tuple[Edit, ...]]:
    """The module's set of tasks, and what makes it."""
    if _SET in source.collections:
        return _SET, ()
    name = _free(source, _SET)
    newline = source.newline
    annotation = ": set[asyncio.Task[object]]" if "asyncio" in source.modules else ""
    return name, (insertion(after_imports(source), f"{newline}{name}{annotation} = set(){newline}"),)


def _free(source: Source, wanted: str) -> str:
    """The name, or one like it that the file does not use."""
    names = itertools.chain((wanted,), (f"{wanted}_{number}" for number in itertools.count(2)))
    return next(name for name in names if not source.uses(name))
