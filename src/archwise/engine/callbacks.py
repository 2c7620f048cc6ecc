"""What a program's loops and futures call back: then there is something to read, or the work is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.values import FunctionValue, Method

if TYPE_CHECKING:
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

_DONE = {"add_done_callback": 0}
_READY = {"add_reader": 1, "add_writer": 1}
"""The methods that take a callback, and at which position."""
_OF_READINESS = frozenset({"network", "input"})


class Callbacks:
    """Finds the functions of a program that are given to be called back."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._found: dict[str, frozenset[Code]] = {}

    def is_over(self, code: Code, index: int) -> bool:
        """Whether a call asks a future what it came to in a function that is called back with it when it is done."""
        op = code.scope.ops[index]
        asked = code.scope.ops[op.function] if isinstance(op, ir.Call) else None
        own = code.scope.parameters[: 1 + (code.owner is not None)]
        path = ir.path(code.scope.ops, asked.value) if isinstance(asked, ir.Attribute) else ""
        is_given = any(parameter.name == path for parameter in own) and path not in code.scope.bindings
        return is_given and any(code in self._given(name, at) for name, at in _DONE.items())

    def is_ready(self, code: Code, kind: str) -> bool:
        """Whether a function waits for what the loop has just told it to be there."""
        return kind in _OF_READINESS and any(code in self._given(name, at) for name, at in _READY.items())

    def _given(self, name: str, position: int) -> frozenset[Code]:
        """The functions that are given to all methods of a name."""
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = frozenset(
                value.code
                for code, _, call in self._inference.program.calls(name)
                if position < len(call.arguments)
                for value in self._inference.values(code, call.arguments[position])
                if isinstance(value, (FunctionValue, Method))
            )
        return found
