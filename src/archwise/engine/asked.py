"""What a module gives when it is asked for a name that it does not have (PEP 562): often, what it imports only then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.values import NOTHING, FunctionValue, ModuleValue, Values, union

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code, Module

_OWN_NAMES = frozenset({"__name__", "__package__"})
_LONGEST = 6
"""Names and tables that lead to one another."""


def made_when_asked(inference: Inference, module: Module, name: str) -> Values:
    """What the ``__getattr__`` of a module returns for this very name."""
    made: list[Values] = []
    for binding in module.code.scope.bindings.get("__getattr__", ()):
        for value in inference.values(module.code, binding.value):
            if isinstance(value, FunctionValue) and value.code.scope.parameters:
                asked = _Asked(inference, value.code, name)
                made += [asked.given(op) for _, op in value.code.operations(ir.Return)]
    return union(*made)


class _Asked:
    """A module's ``__getattr__``, called with one name."""

    def __init__(self, inference: Inference, code: Code, name: str) -> None:
        self._inference = inference
        self._code = code
        self._name = name
        self._parameter = code.scope.parameters[0].name

    def given(self, op: ir.Return) -> Values:
        """What a ``return`` gives: something of a module it imports, or what is returned under the name alone."""
        code, value = self._followed(self._code, op.value)
        call = code.scope.ops[value]
        if isinstance(call, ir.Call):
            called = ir.identifier(code.scope.ops[call.function])
            if called == "getattr" and len(call.arguments) > 1:
                name = self._text(code, call.arguments[1])
                return union(*(self._inference.attribute(held, name) for held in self._module(code, call.arguments[0])))
            if called == "import_module":
                return self._module(code, value)
        return self._inference.values(self._code, op.value) if self._name in self._among(op.block) else NOTHING

    def _module(self, code: Code, index: int) -> Values:
        """The module that is imported by a name, or that a name stands for."""
        code, index = self._followed(code, index)
        call = code.scope.ops[index]
        if isinstance(call, ir.Call) and ir.identifier(code.scope.ops[call.function]) == "import_module":
            path = self._text(code, call.arguments[0]) if call.arguments else ""
            dotted = path.lstrip(".")
            full = code.module.program.absolute(code.module, len(path) - len(dotted), dotted) if dotted else None
            source = code.module.program.modules.get(full) if full is not None else None
            return (ModuleValue(source),) if source is not None and source is not code.module else NOTHING
        return tuple(value for value in self._inference.values(code, index) if isinstance(value, ModuleValue))

    def _text(self, code: Code, index: int) -> str:
        """A text as it is for this name, without what stands for the package itself; empty where it is unknown."""
        code, index = self._followed(code, index)
        op = code.scope.ops[index]
        if isinstance(op, ir.Constant):
            return op.text if op.kind == "str" else ""
        if isinstance(op, ir.Name) and op.id == self._parameter and code is self._code:
            return self._name
        parts = op.parts if isinstance(op, ir.Formatted) else ()
        if isinstance(op, ir.Operation) and op.method == "__add__":
            parts = op.value, op.operand
        return "".join("" if self._is_own(code, part) else self._text(code, part) for part in parts)

    def _is_own(self, code: Code, index: int) -> bool:
        return ir.path(code.scope.ops, index) in _OWN_NAMES

    def _followed(self, code: Code, index: int) -> tuple[Code, int]:
        """What a name is bound to, an entry of a table under the name that is asked for, an element taken apart."""
        for _ in range(_LONGEST):
            found = self._next(code, index)
            if found is None:
                break
            code, index = found
        return code, index

    def _next(self, code: Code, index: int) -> tuple[Code, int] | None:
        op = code.scope.ops[index]
        if isinstance(op, ir.Name):
            holder = code if op.id in code.scope.bindings else code.module.code
            bindings = holder.scope.bindings.get(op.id, ())
            return (holder, bindings[0].value) if len(bindings) == 1 else None
        if isinstance(op, ir.Item):
            return self._entry(code, op.value, op.key)
        if isinstance(op, ir.Call):
            function = code.scope.ops[op.function]
            if isinstance(function, ir.Attribute) and function.name == "get" and op.arguments:
                return self._entry(code, function.value, op.arguments[0])
        if isinstance(op, ir.Unpack) and op.position >= 0:
            code, held = self._followed(code, op.value)
            display = code.scope.ops[held]
            if isinstance(display, ir.Display) and op.position < len(display.items):
                return code, display.items[op.position]
        return None

    def _entry(self, code: Code, table: int, key: int) -> tuple[Code, int] | None:
        holder, held = self._followed(code, table)
        mapping, name = holder.scope.ops[held], self._text(code, key)
        if isinstance(mapping, ir.Mapping) and name:
            for entry, value in zip(mapping.keys, mapping.values, strict=True):
                written = holder.scope.ops[entry]
                if isinstance(written, ir.Constant) and written.text == name:
                    return holder, value
        position = code.scope.ops[key]
        if isinstance(mapping, ir.Display) and isinstance(position, ir.Constant) and position.text.isdigit():
            return (holder, mapping.items[int(position.text)]) if int(position.text) < len(mapping.items) else None
        return None

    def _among(self, block: int) -> Iterator[str]:
        """The texts that the name is found equal to, or among, where a block runs."""
        ops = self._code.scope.ops
        for test in self._code.conditions(block):
            if test.kind == "among" and test.path == self._parameter:
                operand = ops[test.operand]
                for item in operand.items if isinstance(operand, ir.Display) else (test.operand,):
                    constant = ops[item]
                    if isinstance(constant, ir.Constant):
                        yield constant.text
