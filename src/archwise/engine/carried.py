"""What frameworks carry for a program from its start to its requests: ``app.state.pool``, ``request.app["pool"]``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.values import NOTHING, Literal, Symbolic, Values, union

if TYPE_CHECKING:
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

_HOLDERS = frozenset({"state", "ctx"})
"""Attributes of applications and requests under which frameworks carry a program's objects: Starlette's, Sanic's."""


class Carried:
    """Finds what was put where an attribute or a key is read."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._kept_state: dict[str, list[tuple[Code, int]]] | None = None
        self._yielded: Values | None = None

    def attribute(self, code: Code, op: ir.Attribute) -> Values:
        """What is read from where a framework carries it: ``….state.name``, ``….lifespan_context``."""
        return self._lifespan() if op.name == "lifespan_context" else self._state(code, op)

    def _lifespan(self) -> Values:
        """What the lifespans yield that servers are given: MCP's hand it to each request so."""
        if self._yielded is None:
            self._yielded = NOTHING
            given = [
                self._inference.values(code, value)
                for module in self._inference.program.modules.values()
                for name in sorted(module.summary.called)
                for code, index in module.calls(name)
                for keyword, value in _keywords(code, index)
                if keyword == "lifespan"
            ]
            made = self._inference.calls.plain_result(union(*given)) if any(given) else NOTHING
            self._yielded = union(*(self._inference.protocols.entered(value) for value in made))
        return self._yielded

    def _state(self, code: Code, op: ir.Attribute) -> Values:
        """What was kept under ``….state.name`` anywhere: there frameworks carry an application's objects."""
        if ir.identifier(code.scope.ops[op.value]) not in _HOLDERS:
            return NOTHING
        if self._kept_state is None:
            self._kept_state = {}
            for other in self._inference.program.codes():
                for store in other.scope.stores:
                    target = other.scope.ops[store.target]
                    if not store.item and isinstance(target, ir.Attribute) and target.name in _HOLDERS:
                        self._kept_state.setdefault(store.name, []).append((other, store.value))
                if other.scope.yields and "manager" in self._inference.decorators.kinds(other):
                    for key, value in self._inference.containers.yielded(other):
                        self._kept_state.setdefault(key, []).append((other, value))
        return union(*(self._inference.values(other, value) for other, value in self._kept_state.get(op.name, ())))

    def under_key(self, code: Code, op: ir.Item, key: Values, found: Values) -> Values:
        """What an object that callers give carries under a key, ``request.app["pool"]``, with what the program says."""
        holder = code.scope.ops[op.value]
        if len(found) != 1 or not isinstance(found[0], Symbolic) or not isinstance(holder, ir.Attribute):
            return found
        name = key[0].text if len(key) == 1 and isinstance(key[0], Literal) and key[0].kind == "str" else ""
        return union(found, self._inference.containers.under_key(code, op.value, name)) if name else found


def _keywords(code: Code, index: int) -> tuple[tuple[str, int], ...]:
    op = code.scope.ops[index]
    return op.keywords if isinstance(op, ir.Call) else ()
