"""What a program looks up by name as it runs: ``getattr(obj, name)``, ``import_module(name)``, ``type(obj)``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.values import (
    UNKNOWN_VALUES,
    ClassValue,
    External,
    ExternalInstance,
    Instance,
    Literal,
    Self,
    Values,
    union,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from archwise.engine.arguments import Arguments
    from archwise.engine.inference import Inference

_SHORTEST_PATTERN = 3
"""Characters of a name that must be written out to tell which methods it picks from."""


def _imported(inference: Inference, arguments: Arguments) -> Values:
    name = arguments.at(0)
    if len(name) != 1 or not isinstance(name[0], Literal) or arguments.written is None:
        return UNKNOWN_VALUES
    return inference.names.module_called(arguments.written[0].module, name[0].text)


def _named(inference: Inference, arguments: Arguments) -> Values:
    if arguments.written is None:
        return UNKNOWN_VALUES
    return inference.names.named(arguments.written[0].module, arguments.at(0)) or UNKNOWN_VALUES


def _type(inference: Inference, arguments: Arguments) -> Values:
    found: list[ClassValue | External] = []
    for value in arguments.at(0):
        if isinstance(value, Instance):
            found.append(ClassValue(value.code))
        elif isinstance(value, Self):
            found.append(ClassValue(value.cls))
        elif isinstance(value, ExternalInstance):
            found.append(External(value.name))
    return tuple(found) or UNKNOWN_VALUES


def _getattr(inference: Inference, arguments: Arguments) -> Values:
    name = arguments.at(1)
    if len(name) != 1 or not isinstance(name[0], Literal) or _is_put_together(arguments):
        return _named_like(inference, arguments)
    found = [inference.attribute(value, name[0].text) for value in arguments.at(0)]
    return union(*found, arguments.at(2)) or UNKNOWN_VALUES


def _is_put_together(arguments: Arguments) -> bool:
    if arguments.written is None:
        return False
    code, op = arguments.written
    return isinstance(code.scope.ops[op.arguments[1]], (ir.Formatted, ir.Operation))


def _ends(ops: tuple[ir.AnyOp, ...], index: int) -> tuple[str, str]:
    """What a text that is put together begins and ends with, as far as that is written out."""
    op = ops[index]
    parts: tuple[int, ...] = ()
    if isinstance(op, ir.Formatted):
        parts = op.parts
    elif isinstance(op, ir.Operation) and op.method == "__add__":
        parts = op.value, op.operand
    if len(parts) < 2:
        return "", ""
    first, last = ops[parts[0]], ops[parts[-1]]
    return (first.text if isinstance(first, ir.Constant) else ""), (last.text if isinstance(last, ir.Constant) else "")


def _named_like(inference: Inference, arguments: Arguments) -> Values:
    """The methods that a name put together picks from: ``getattr(self, f"handle_{kind}")``."""
    if arguments.written is None:
        return UNKNOWN_VALUES
    code, op = arguments.written
    before, after = _ends(code.scope.ops, op.arguments[1]) if len(op.arguments) > 1 else ("", "")
    if len(before) + len(after) < _SHORTEST_PATTERN:
        return UNKNOWN_VALUES
    found = [
        inference.attribute(value, name)
        for value in arguments.at(0)
        for name in inference.classes.methods_named(value, before, after)
    ]
    return union(*found, UNKNOWN_VALUES)


REFLECTIVE: dict[str, Callable[[Inference, Arguments], Values]] = {
    "importlib.import_module": _imported,
    **dict.fromkeys(
        (
            "django.utils.module_loading.import_string",
            "werkzeug.utils.import_string",
            "tornado.util.import_object",
            "traitlets.import_item",
            "traitlets.utils.importstring.import_item",
            "pydoc.locate",
        ),
        _named,
    ),
    "builtins.type": _type,
    "builtins.getattr": _getattr,
}
