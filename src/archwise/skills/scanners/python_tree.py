"""Small questions to a Python syntax tree that the scanner of Python asks again and again."""

import ast
from collections.abc import Iterator


def texts(node: ast.AST) -> list[str]:
    """Every text that stands in a piece of a program, none of them empty."""
    return [literal(part) for part in ast.walk(node) if isinstance(part, ast.Constant) and literal(part)]


def name_of(node: ast.AST) -> str:
    """The name that an expression is; empty where it is none."""
    return node.id if isinstance(node, ast.Name) else ""


def folded(node: ast.expr) -> str | None:
    """The text that literals make which are added up; None where anything else is among them."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = folded(node.left), folded(node.right)
        return left + right if left is not None and right is not None else None
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def joined(node: ast.expr) -> list[str]:
    """The texts of a path that is put together with ``/``, in order; what is no text is left out."""
    if isinstance(node, ast.BinOp):
        return [*joined(node.left), *joined(node.right)]
    return [literal(node)] if literal(node) else []


def is_built(node: ast.Call) -> bool:
    """Whether a call's first argument is put together from pieces."""
    return bool(node.args) and isinstance(node.args[0], (ast.JoinedStr, ast.BinOp))


def imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Each name that a module binds by importing, and what it stands for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0],) * 2
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def literal(node: ast.AST) -> str:
    """The text that an expression is; empty where it is none."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
