"""The methods and properties of the program's classes, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.orm.written import property_of
from archwise.engine.values import FunctionValue

if TYPE_CHECKING:
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code


class Methods:
    """Looks methods up, each once."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._found: dict[tuple[Code, str, Code | None], tuple[Code, frozenset[str]] | None] = {}

    def named(self, cls: Code, name: str, after: Code | None = None) -> tuple[Code, frozenset[str]] | None:
        """The function that a class's instances have by a name, and how it is decorated; ``after`` for ``super()``."""
        key = cls, name, after
        if key not in self._found:
            self._found[key] = self._find_method(cls, name, after)
        return self._found[key]

    def _find_method(self, cls: Code, name: str, after: Code | None) -> tuple[Code, frozenset[str]] | None:
        order = self._inference.classes.order(cls)
        if after is not None:
            order = order[order.index(after) + 1 :] if after in order else ()
        for entry in order:
            if isinstance(entry, str) or name not in entry.scope.bindings:
                continue
            defined = [entry.scope.ops[binding.value] for binding in entry.scope.bindings[name]]
            op = defined[-1]
            if isinstance(op, ir.Define):
                codes = [entry.module.codes[each.scope] for each in defined if isinstance(each, ir.Define)]
                getters = [each for each in codes if "property" in self._inference.decorators.kinds(each)]
                code = getters[-1] if getters else codes[-1]
                return (code, self._inference.decorators.kinds(code)) if code.scope.kind == "function" else None
            made = property_of(entry, op)
            for value in self._inference.values(entry, made) if made else ():
                if isinstance(value, FunctionValue):
                    return value.code, frozenset({"property"})
            for value in self._inference.names.read(entry, name, 0, len(entry.scope.ops)):
                if isinstance(value, FunctionValue):
                    return value.code, frozenset()
            return None
        return None
