"""What is done to a parameter, step by step: noted as long as it is open, taken once somebody says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine.values import UNKNOWN_VALUES, Literal, Symbolic, Value, Values, union

if TYPE_CHECKING:
    from archwise.engine.inference import Inference

_LONGEST = 10
"""Steps from a parameter, as in ``request.app.state.db``; recursive code would lengthen it for ever."""
_DEEPEST = 8
"""Paths that are followed while following a path, one within the other."""
_MOST = 2_000
"""Paths that are followed in all while following one."""


def extended(symbol: Symbolic, step: str) -> Values:
    """What a parameter will be after one more step."""
    if len(symbol.path) >= _LONGEST:
        return UNKNOWN_VALUES
    return (Symbolic(symbol.code, symbol.name, (*symbol.path, step)),)


class Steps:
    """Takes steps."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._following = self._followed = 0

    def follow(self, values: Values, path: tuple[str, ...]) -> Values:
        """What the steps of a path make of values."""
        self._followed = self._followed + 1 if self._following else 0
        if self._following >= _DEEPEST or self._followed > _MOST:
            return UNKNOWN_VALUES
        self._following += 1
        for step in path:
            values = union(*(self._step(value, step) for value in values))
        self._following -= 1
        return values or UNKNOWN_VALUES

    def _step(self, value: Value, step: str) -> Values:
        if step == "()":
            return self._inference.calls.plain_result((value,))
        if step == "await":
            return self._inference.protocols.awaited((value,))
        if step == "[]":
            return self._inference.protocols.element(value)
        if step == "with":
            return self._inference.protocols.entered(value)
        if step == "[?]":
            return self._inference.protocols.item(value, UNKNOWN_VALUES)
        if step.startswith("["):
            return self._inference.protocols.item(value, (Literal("str", step[1:-1]),))
        return self._inference.attribute(value, step[1:])
