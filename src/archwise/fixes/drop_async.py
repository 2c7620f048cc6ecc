"""AW203: make an endpoint that awaits nothing a plain function."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from archwise.findings import Fix
from archwise.fixes.source import Source, replacement

if TYPE_CHECKING:
    from archwise.engine.analysis import Analysis
    from archwise.findings import Finding

_ASYNC = re.compile(r"async[ \t]+(?=def\b)")
_NEEDS_LOOP = frozenset({"asyncio", "anyio", "trio", "get_running_loop", "create_task", "ensure_future"})


def is_open_to(analysis: Analysis, finding: Finding) -> bool:
    """Whether only the framework calls the function, and on the loop: then nobody awaits it."""
    name = finding.symbol.rpartition(".")[2]
    return name not in analysis.identifiers and finding.symbol not in analysis.threaded


def fix(source: Source, finding: Finding) -> Fix | None:
    """Take ``async`` away, where nothing in the function needs the loop."""
    node = source.function_at(finding.line, finding.column)
    if node is None or len(node.decorator_list) != 1:
        return None
    if any(_needs_loop(each) for each in ast.walk(node)):
        return None
    start = source.start(node)
    written = _ASYNC.match(source.text, source.offset(start))
    if written is None:
        return None
    end = (start[0], start[1] + len(written[0]))
    return Fix("drop `async`", safe=True, content=source.digest, edits=(replacement(start, end, ""),))


def _needs_loop(node: ast.AST) -> bool:
    """Whether something works only on the loop's thread, or where nothing else runs meanwhile."""
    if isinstance(node, ast.Global | ast.Nonlocal):
        return True
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return name in _NEEDS_LOOP
