"""AW201 and AW202: hand a call to a thread. Not safe to do unseen: what is called may not bear another thread."""

import ast

from archwise.findings import Finding, Fix
from archwise.fixes.imports import import_module
from archwise.fixes.source import Source, called, insertion, replacement

_AWAITABLE_PLACES = (ast.Expr, ast.Assign, ast.AnnAssign, ast.Return, ast.keyword)
"""Where an ``await`` needs no parentheses."""
_OF_ONE_THREAD = "sqlite3."
"""Whose connections may only be used in the thread that made them, unless they are told otherwise."""
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def fix(source: Source, finding: Finding) -> Fix | None:
    """``f(x)`` becomes ``await asyncio.to_thread(f, x)``; ``time.sleep`` becomes ``await asyncio.sleep``."""
    if len(finding.trace) != 1:
        return None
    name = finding.trace[0].note.partition(" ")[0]
    if name.startswith(_OF_ONE_THREAD) or finding.trace[0].note.endswith(" awaited"):
        return None
    blocking = name.rpartition(".")[2]
    call = source.call_at(finding.line, finding.column, lambda call: called(call) == blocking)
    function = source.function(call) if call is not None else None
    if call is None or not isinstance(function, ast.AsyncFunctionDef) or _should_be_plain(function):
        return None
    parent = source.parent(call)
    if isinstance(parent, ast.withitem | ast.For | ast.Await | ast.comprehension) or _is_in_comprehension(source, call):
        return None
    imported = import_module(source, "asyncio")
    if imported is None:
        return None
    wrapped = not isinstance(parent, _AWAITABLE_PLACES)
    opening, closing = ("(await ", ")") if wrapped else ("await ", "")
    start, end = source.start(call.func), source.end(call.func)
    if source.between(start, end) == "time.sleep":
        edits = [replacement(start, end, f"{opening}asyncio.sleep")]
        said = "await `asyncio.sleep`"
    else:
        after = source.text[source.offset(end) :]
        if not after.startswith("("):
            return None
        ends_line = after[1:].lstrip(" \t")[:1] in ("\r", "\n", "#")
        comma = ("," if ends_line else ", ") if call.args or call.keywords else ""
        edits = [
            insertion(start, f"{opening}asyncio.to_thread("),
            replacement(end, (end[0], end[1] + 1), comma),
        ]
        said = "hand the call to a thread"
    if closing:
        edits.append(insertion(source.end(call), closing))
    return Fix(said, safe=False, content=source.digest, edits=(*imported, *edits))


def _should_be_plain(function: ast.AsyncFunctionDef) -> bool:
    """Whether a framework calls a function that awaits nothing: dropping its ``async`` is the better answer."""
    awaits = any(isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith) for node in ast.walk(function))
    return bool(function.decorator_list) and not awaits


def _is_in_comprehension(source: Source, node: ast.AST) -> bool:
    above = source.parent(node)
    while above is not None and not isinstance(above, ast.stmt):
        if isinstance(above, _COMPREHENSIONS):
            return True
        above = source.parent(above)
    return False
