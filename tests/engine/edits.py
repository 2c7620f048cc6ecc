"""Edits at random, as people and formatters make them."""

import ast
from random import Random


def with_lines_moved(text: str, random: Random) -> str:
    """The same code with comments and empty lines put before some of its statements."""
    lines = text.splitlines(keepends=True)
    begins = {_first_line(node) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt)}
    for line in sorted(begins - {1}, reverse=True):
        if random.random() < 0.3:
            lines[line - 1 : line - 1] = random.choice((["# what follows\n"], ["\n"], ["\n", "# why\n", "\n"]))
    return "".join([*lines, random.choice(("", "\n# the end\n"))])


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min(node.lineno, *(decorator.lineno for decorator in decorators)) if decorators else node.lineno


def edited(text: str, other: str, random: Random) -> str:
    """Another state of a file: code that blocks at its end, a statement less, or the text of another file."""
    kind = random.randrange(4)
    if kind == 0:
        return text + "\n\nimport time as clock\n\n\nasync def edited():\n    clock.sleep(2)\n"
    if kind == 1:
        return text + f"\n\ndef added_{random.randrange(100)}(value):\n    return f(value)\n"
    if kind == 2 and ast.parse(text).body:
        tree = ast.parse(text)
        tree.body.remove(random.choice(tree.body))
        return ast.unparse(tree) + "\n"
    return other
