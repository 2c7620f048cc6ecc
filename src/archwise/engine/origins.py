"""Where a value was made: the call behind a name, however it was imported, kept or handed out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.values import FunctionValue, Instance, Method, ModuleValue, Self

if TYPE_CHECKING:
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code, Module

Origin = tuple["Code", int]
"""A scope and the operation in it."""

_FARTHEST = 12


class Origins:
    """Follows names to the operation that made what they stand for."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference

    def of(self, code: Code, index: int) -> Origin | None:
        """The operation that made what ``index`` reads; None where there may be several, or none is seen."""
        place: Origin | None = (code, index)
        for _ in range(_FARTHEST):
            if place is None:
                return None
            code, index = place
            op = code.scope.ops[index]
            if isinstance(op, ir.Name):
                place = self._named(code, op.id, index)
            elif isinstance(op, ir.Import):
                place = self._imported(code.module, op)
            elif isinstance(op, ir.Attribute):
                place = self._attribute(code, op)
            elif isinstance(op, ir.Await):
                place = code, op.value
            elif isinstance(op, ir.Call):
                made = self._returned(code, op)
                if made is None:
                    return place
                place = made
            else:
                return place
        return None

    def _named(self, code: Code, name: str, order: int) -> Origin | None:
        here: Code | None = code
        while here is not None:
            bindings = here.scope.bindings.get(name, ())
            if bindings and (here is code or here.scope.kind != "class"):
                earlier = [b for b in bindings if here is not code or b.order <= order] or list(bindings)
                return here, earlier[-1].value
            if any(parameter.name == name for parameter in here.scope.parameters):
                return None
            here = here.parent
        return None

    def _of_module(self, module: Module, name: str) -> Origin | None:
        bindings = module.code.scope.bindings.get(name, ())
        return (module.code, bindings[-1].value) if bindings else None

    def _imported(self, importer: Module, op: ir.Import) -> Origin | None:
        full = importer.program.absolute(importer, op.level, op.module)
        module = importer.program.modules.get(full) if full is not None else None
        return self._of_module(module, op.name) if module is not None and op.name else None

    def _attribute(self, code: Code, op: ir.Attribute) -> Origin | None:
        for value in self._inference.values(code, op.value):
            if isinstance(value, ModuleValue):
                return self._of_module(value.module, op.name)
            if isinstance(value, (Instance, Self)):
                return self._kept(value.code if isinstance(value, Instance) else value.cls, op.name)
        if op.name == "router":  # an application's own
            return self.of(code, op.value)
        return None

    def _kept(self, cls: Code, name: str) -> Origin | None:
        """What the methods of a class, or its body, give an attribute."""
        classes = self._inference.classes
        for entry in classes.order(cls):
            if isinstance(entry, str):
                continue
            for method in classes.methods(entry):
                for store in method.scope.stores:
                    if store.name == name and not store.item and classes.is_receiver(method, store.target):
                        return method, store.value
            bindings = entry.scope.bindings.get(name, ())
            if bindings:
                return entry, bindings[-1].value
        return None

    def _returned(self, code: Code, op: ir.Call) -> Origin | None:
        """What the function of the program that is called gives back."""
        for value in self._inference.values(code, op.function):
            if isinstance(value, (FunctionValue, Method)) and value.code.scope.results:
                return value.code, value.code.scope.results[-1]
        return None
