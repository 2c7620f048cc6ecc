"""Calls that write to a log: at which level, of what, with or without the exception's trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.values import External, ExternalInstance, ExternalMethod, FunctionValue, Instance, Method, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

LEVELS = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log", "trace"})
_ASYNC = frozenset(f"a{level}" for level in LEVELS)
_LIBRARIES = ("logging.", "loguru.", "structlog.")
_NAMES = frozenset({"logger", "log", "logging", "_logger", "_log", "LOGGER", "LOG", "verbose_logger"})


class Written(msgspec.Struct, frozen=True, gc=False):
    """One call that writes to a log; ``content`` are its message and what is put into it."""

    code: Code
    op: int
    level: str
    content: tuple[int, ...]
    traced: bool


def written(inference: Inference, code: Code) -> Iterator[Written]:
    """The calls of a function that write to a log, in source order."""
    for index, op in enumerate(code.scope.ops):
        if not isinstance(op, ir.Call):
            continue
        function = code.scope.ops[op.function]
        if not isinstance(function, ir.Attribute) or function.name not in LEVELS | _ASYNC:
            continue
        if _is_logger(inference, code, op.function, function):
            level = function.name.removeprefix("a") if function.name in _ASYNC else function.name
            keywords = dict(op.keywords)
            first = 1 if level == "log" else 0
            extra = tuple(value for name, value in op.keywords if name not in ("exc_info", "stack_info", "stacklevel"))
            traced = level == "exception" or "exc_info" in keywords or "stack_info" in keywords
            yield Written(code, index, level, (*op.arguments[first:], *extra), traced)


def _is_logger(inference: Inference, code: Code, function: int, op: ir.Attribute) -> bool:
    """Whether an attribute is the method of a logger: a known library's, or of something that is called one."""
    for value in inference.values(code, function):
        if isinstance(value, External):
            return value.name.startswith(_LIBRARIES)
        if isinstance(value, ExternalMethod):
            return value.receiver.name.startswith(_LIBRARIES)
        if isinstance(value, (FunctionValue, Method, ExternalInstance, Instance, Self)):
            return False
    return ir.identifier(code.scope.ops[op.value]) in _NAMES
