"""Edits that bring names in at the top of a module."""

import ast
from collections.abc import Iterator

from archwise.findings import Edit
from archwise.fixes.source import Source, insertion


def import_module(source: Source, name: str) -> tuple[Edit, ...] | None:
    """What makes ``import name`` hold for the whole module; None where the name means something else there."""
    if name in source.modules:
        return ()
    if source.uses(name):
        return None
    return (insertion(_before_imports(source), f"import {name}{source.newline}"),)


def import_beside(source: Source, module: str, known: str, wanted: str) -> tuple[str, tuple[Edit, ...]] | None:
    """The name ``wanted`` goes by, and what adds it to the ``from module import known`` of the module.

    None where there is no such import at the top, or the name means something else.
    """
    beside = None
    for node in source.tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == module and not node.level:
            for alias in node.names:
                if alias.name == wanted:
                    return alias.asname or wanted, ()
                if alias.name == known:
                    beside = alias
    if beside is None or source.uses(wanted):
        return None
    return wanted, (insertion(source.start(beside), f"{wanted}, "),)


def after_imports(source: Source) -> tuple[int, int]:
    """The line below the last import at the head of a module."""
    last = max((node.end_lineno or node.lineno for node in _head(source)), default=0)
    return last + 1, 1


def _before_imports(source: Source) -> tuple[int, int]:
    for node in _head(source):
        if isinstance(node, ast.Import | ast.ImportFrom) and getattr(node, "module", "") != "__future__":
            return node.lineno, 1
    return after_imports(source)


def _head(source: Source) -> Iterator[ast.stmt]:
    """The docstring and the imports that a module begins with."""
    for index, node in enumerate(source.tree.body):
        docstring = index == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not (docstring or isinstance(node, ast.Import | ast.ImportFrom)) or not source.is_alone(node):
            return
        yield node
