"""What is put into containers that start empty: ``clients[name] = …``, ``clients.append(…)``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.values import ItemsOf, MappingOf, Values, is_known, union

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

_FILLERS = {"append": 0, "add": 0, "appendleft": 0, "setdefault": 1, "insert": 1, "put_nowait": 0}
IsContainer = "Callable[[Code, int], bool]"


class Containers:
    """Fills containers with what the code around them puts in."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference

    def filled(self, code: Code, binding: ir.Binding, found: Values) -> Values:
        """The value of a module's or function's name, with what is put into it."""
        if not _empty(found):
            return found
        name = next((n for n, bindings in code.scope.bindings.items() if binding in bindings), "")
        around = code.module.codes if code.parent is None else [code]

        def is_container(other: Code, index: int) -> bool:
            op = other.scope.ops[index]
            return isinstance(op, ir.Name) and op.id == name and (other is code or name not in other.scope.bindings)

        return self._with_items(around, is_container, found)

    def of_attribute(self, cls: Code, name: str, found: Values) -> Values:
        """The value of an instance's attribute, with what the class's methods put into it."""
        if not _empty(found):
            return found
        classes = self._inference.classes

        def is_container(code: Code, index: int) -> bool:
            op = code.scope.ops[index]
            return isinstance(op, ir.Attribute) and op.name == name and classes.is_receiver(code, op.value)

        return self._with_items(classes.methods(cls), is_container, found)

    def _with_items(self, codes: Iterable[Code], is_container: Callable[[Code, int], bool], found: Values) -> Values:
        items: list[Values] = []
        for code in codes:
            for store in code.scope.stores:
                if store.item and is_container(code, store.target):
                    items.append(self._inference.values(code, store.value))
            for op in code.scope.ops:
                if isinstance(op, ir.Call):
                    function = code.scope.ops[op.function]
                    if isinstance(function, ir.Attribute) and function.name in _FILLERS:
                        position = _FILLERS[function.name]
                        if position < len(op.arguments) and is_container(code, function.value):
                            items.append(self._inference.values(code, op.arguments[position]))
        merged = union(*items)
        if not is_known(merged):
            return found
        return union(*(((type(v)(merged),) if v in _empty(found) else (v,)) for v in found))


def _empty(values: Values) -> list[ItemsOf | MappingOf]:
    return [v for v in values if isinstance(v, (ItemsOf, MappingOf)) and not is_known(v.items)]
