"""Whether a value meets a condition: by what it is, or by what the parameter that it comes from is declared to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.optional import refuses_none
from archwise.engine.truth import meets
from archwise.engine.values import Symbolic, Value, Values

if TYPE_CHECKING:
    from archwise.engine.inference import Inference
    from archwise.engine.needs import Need


class Answers:
    """Answers conditions."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference

    def of(self, need: Need, value: Value) -> bool | None:
        """Whether a condition holds of a value; None where that cannot be said."""
        found = meets(need, value, self._inference.classes)
        if need.kind in ("none", "not-none") and isinstance(value, Symbolic) and self._refuses_none(value):
            found = need.kind == "not-none"
        if found is None and need.kind in ("is", "is-not") and isinstance(value, Symbolic):
            declared = self.declared(value)
            answers = {meets(need, each, self._inference.classes) for each in declared}
            found = False if answers == {False} else None
        if found is False and any(meets(each, value, self._inference.classes) is not False for each in need.unless):
            return None
        return found

    def declared(self, symbol: Symbolic) -> Values:
        """What a parameter is declared to be given, and what that is declared to hold."""
        parameter = next((each for each in symbol.code.scope.parameters if each.name == symbol.name), None)
        found = self._inference.parameters.annotated(symbol.code, parameter) if parameter is not None else ()
        return self._inference.steps.follow(found, symbol.path) if symbol.path else found

    def _refuses_none(self, symbol: Symbolic) -> bool:
        """Whether a parameter is declared, and is by default, anything but ``None``."""
        scope, parent = symbol.code.scope, symbol.code.parent
        parameter = next((each for each in scope.parameters if each.name == symbol.name), None)
        if symbol.path or parameter is None or parent is None or not parameter.annotation:
            return False
        default = parent.scope.ops[parameter.default] if parameter.default else None
        return not ir.is_none(default) and refuses_none(self._inference, parent, parameter.annotation)
