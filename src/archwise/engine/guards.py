"""What a condition says about names in the branch it guards."""

import ast
from typing import Protocol

from archwise.engine.ir import Condition, Test

OPPOSITE: dict[Condition, Condition] = {
    "is": "is-not",
    "is-not": "is",
    "none": "not-none",
    "not-none": "none",
    "true": "false",
    "false": "true",
    "among": "not-among",
    "not-among": "among",
    "starts": "not-starts",
    "not-starts": "starts",
    "holds": "not-holds",
    "not-holds": "holds",
    "coroutine": "not-coroutine",
    "not-coroutine": "coroutine",
    "async-generator": "not-async-generator",
    "not-async-generator": "async-generator",
}
_MISSING = ("none", "false")
CALLED = "()"
"""Ends the path of what a function gives that is called without arguments: ``if is_ready():``."""
_BROWSER = (("sys.platform", "emscripten"), ("sys.modules", "pyodide"))
_FLOW_TESTS: dict[str, Condition] = {
    **dict.fromkeys(("iscoroutinefunction", "isawaitable", "iscoroutine", "is_async_callable"), "coroutine"),
    "isasyncgenfunction": "async-generator",
}


class ExpressionReader(Protocol):
    """Whoever turns a syntax node into an operation."""

    def expression(self, node: ast.expr) -> int:
        """The operation's index."""
        ...


def tests_of(node: ast.expr, holds: bool, reader: ExpressionReader) -> tuple[tuple[Test, ...], str]:
    """What is known where ``node`` is true (``holds``) or false: the tests, and the path that is known to be missing.

    The path is one that holds nothing yet (``self._client``, ``_model``), so that a block which
    fills it runs a first time only.
    """
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return tests_of(node.operand, not holds, reader)
    if isinstance(node, ast.BoolOp):
        parts = [tests_of(value, holds, reader) for value in node.values]
        if isinstance(node.op, ast.And) != holds:
            guards = {guard for _, guard in parts}
            return _either(node.values, holds), guards.pop() if len(guards) == 1 else ""
        return tuple(test for tests, _ in parts for test in tests), next((guard for _, guard in parts if guard), "")
    found = _test(node, reader)
    if found is None:
        return (), _lacking(node, holds)
    path, kind, operand = found
    if not holds:
        kind = OPPOSITE[kind]
    return (Test(path, kind, operand),), path if kind in _MISSING and not path.endswith(CALLED) else ""


def tests_of_case(subject: ast.expr, pattern: ast.pattern, reader: ExpressionReader) -> tuple[Test, ...]:
    """What is known in a ``case`` of what is matched: that it is one of the values written there, or ``None``."""
    path = text_of(subject)
    if isinstance(pattern, ast.MatchAs) and pattern.pattern is not None:
        return tests_of_case(subject, pattern.pattern, reader)
    if path and isinstance(pattern, ast.MatchSingleton) and pattern.value is None:
        return (Test(path, "none", 0),)
    parts = pattern.patterns if isinstance(pattern, ast.MatchOr) else [pattern]
    values = [part.value for part in parts if isinstance(part, ast.MatchValue) and _is_fixed(part.value)]
    if not path or len(values) != len(parts):
        return ()
    wanted = values[0] if len(values) == 1 else ast.copy_location(ast.Tuple(values, ast.Load()), values[0])
    return (Test(path, "among", reader.expression(wanted)),)


def _either(alternatives: list[ast.expr], hold: bool) -> tuple[Test, ...]:
    """What any of several conditions says: ``name is None or name == ""`` that the name is false."""
    paths = {_missing(each, hold) for each in alternatives}
    path = paths.pop()
    return (Test(path, "false", 0),) if path and not paths else ()


def _missing(node: ast.expr, holds: bool) -> str:
    """The path that a condition says to be none, false or empty."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return _missing(node.operand, not holds)
    if not isinstance(node, ast.Compare):
        return "" if holds else text_of(node)
    right, wanted = node.comparators[0], (ast.Is, ast.Eq) if holds else (ast.IsNot, ast.NotEq)
    empty = isinstance(right, ast.Constant) and not right.value
    return text_of(node.left) if empty and len(node.ops) == 1 and isinstance(node.ops[0], wanted) else ""


def _lacking(node: ast.expr, holds: bool) -> str:
    """The entry that a mapping is known to lack: ``"socket" not in self.state``."""
    if not (isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.left, ast.Constant)):
        return ""
    if not isinstance(node.ops[0], ast.NotIn if holds else ast.In) or not isinstance(node.left.value, str):
        return ""
    return entry(text_of(node.comparators[0]), node.left.value)


def entry(path: str, key: str) -> str:
    """An entry of an object's own mapping; no other is known to last."""
    return f"{path}[{key}]" if path.startswith("self.") else ""


def rounds_of(node: ast.expr) -> tuple[Test, ...]:
    """What is known inside a loop over ``node``: it holds something."""
    if isinstance(node, ast.Call) and text_of(node.func) == "range" and len(node.args) == 1:
        node = node.args[0]
    path = text_of(node)
    return (Test(path, "true", 0),) if path else ()


def is_without_rounds(node: ast.expr) -> bool:
    """Whether a loop over ``node`` is written so that its body never runs: ``()``, ``range(0)``."""
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return not node.elts
    if isinstance(node, ast.Dict):
        return not node.keys
    if isinstance(node, ast.Call) and text_of(node.func) == "range" and len(node.args) == 1:
        return is_never(node.args[0])
    return False


def text_of(node: ast.expr) -> str:
    """A dotted path as text, empty where the expression is not one."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = text_of(node.value)
        return f"{base}.{node.attr}" if base else ""
    return ""


def is_never(node: ast.expr) -> bool:
    """Whether a condition is written so that it never holds: ``False``, ``False and …``; or only in a browser."""
    return _written(node) is False


def is_always(node: ast.expr) -> bool:
    """Whether a condition is written so that it always holds: ``True``, ``1``, ``True or …``."""
    return _written(node) is True


def _written(node: ast.expr) -> bool | None:
    """What a condition comes to by its text alone; None where that says nothing."""
    if isinstance(node, ast.Constant):
        return bool(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        inner = _written(node.operand)
        return None if inner is None else not inner
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return _in_browser(node)
    if isinstance(node, ast.BoolOp):
        parts = [_written(value) for value in node.values]
        settles = isinstance(node.op, ast.Or)
        if settles in parts:
            return settles
        return None if None in parts else not settles
    return None


def _in_browser(node: ast.Compare) -> bool | None:
    """False where a condition asks for Python inside a browser, whose files are in memory; True where for any other."""
    asked, wanted = node.left, node.comparators[0]
    if text_of(wanted) == "sys.modules":
        asked, wanted = wanted, asked
    if not isinstance(wanted, ast.Constant) or (text_of(asked), wanted.value) not in _BROWSER:
        return None
    return isinstance(node.ops[0], (ast.NotEq, ast.NotIn))


def is_main(node: ast.expr) -> bool:
    """Whether a condition is ``__name__ == "__main__"``."""
    if not (isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq)):
        return False
    sides = node.left, node.comparators[0]
    names = {side.id for side in sides if isinstance(side, ast.Name)}
    texts = {side.value for side in sides if isinstance(side, ast.Constant)}
    return names == {"__name__"} and texts == {"__main__"}


def is_lifespan(node: ast.expr) -> bool:
    """Whether a condition asks if an ASGI server starts or stops: ``message["type"] == "lifespan.startup"``."""
    if not (isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq)):
        return False
    asked, wanted = node.left, node.comparators[0]
    return (
        isinstance(asked, ast.Subscript)
        and isinstance(asked.slice, ast.Constant)
        and asked.slice.value == "type"
        and isinstance(wanted, ast.Constant)
        and str(wanted.value).startswith("lifespan")
    )


def is_exit(body: list[ast.stmt]) -> bool:
    """Whether control leaves the enclosing block at the end of these statements."""
    return isinstance(body[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break))


def _test(node: ast.expr, reader: ExpressionReader) -> tuple[str, Condition, int] | None:
    if isinstance(node, (ast.Name, ast.Attribute)):
        path = text_of(node)
        return (path, "true", 0) if path else None
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return _comparison(node, reader)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.args and not node.keywords:
        return node.func.id + CALLED, "true", 0
    if isinstance(node, ast.Call) and node.args and not node.keywords:
        if isinstance(node.func, ast.Attribute) and node.func.attr == "startswith":
            return _prefix(text_of(node.func.value), node.args[0], reader)
        name = text_of(node.func).rpartition(".")[2]
        path = text_of(node.args[0])
        if path and name == "hasattr" and len(node.args) == 2 and isinstance(node.args[1], ast.Constant):
            return f"{path}.{node.args[1].value!s}", "not-none", 0
        if path and name == "isinstance" and len(node.args) == 2:
            return path, "is", reader.expression(node.args[1])
        if path and name in _FLOW_TESTS:
            return path, _FLOW_TESTS[name], 0
        if path and len(node.args) == 1 and text_of(node.func).count(".") <= 2 and name:
            return path, "holds", reader.expression(node.func)
    return None


def _comparison(node: ast.Compare, reader: ExpressionReader) -> tuple[str, Condition, int] | None:
    path, operator, right = text_of(node.left), node.ops[0], node.comparators[0]
    if not path:
        return None
    same = isinstance(operator, (ast.Is, ast.Eq, ast.In))
    if isinstance(operator, (ast.In, ast.NotIn)):
        if not isinstance(right, (ast.Tuple, ast.List, ast.Set)) or not all(map(_is_fixed, right.elts)):
            return None
    elif not isinstance(operator, (ast.Is, ast.IsNot, ast.Eq, ast.NotEq)) or not _is_fixed(right):
        return None
    if isinstance(right, ast.Constant) and right.value is None:
        return path, "none" if same else "not-none", 0
    return path, "among" if same else "not-among", reader.expression(right)


def _prefix(path: str, prefix: ast.expr, reader: ExpressionReader) -> tuple[str, Condition, int] | None:
    parts = prefix.elts if isinstance(prefix, ast.Tuple) else [prefix]
    if not path or not all(isinstance(part, ast.Constant) for part in parts):
        return None
    return path, "starts", reader.expression(prefix)


def _is_fixed(node: ast.expr) -> bool:
    """Whether an expression is a literal, or reads like the member of an enumeration: ``Mode.FAST``."""
    if isinstance(node, ast.Attribute):
        return node.attr.isupper() and isinstance(node.value, (ast.Name, ast.Attribute))
    return isinstance(node, ast.Constant)
