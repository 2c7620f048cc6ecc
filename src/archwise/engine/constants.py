"""What modules bind once and for all, and the blocks that never run because of it: ``if _IS_SYNC:``, ``if DEBUG:``."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.needs import Need
from archwise.engine.truth import meets
from archwise.engine.values import Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code, Module

_SETTLED = frozenset({"true", "false", "none", "not-none", "among", "not-among"})
_NONE: frozenset[int] = frozenset()


class Constants:
    """Finds the blocks of functions that a constant of their module rules out."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._constants: dict[Module, dict[str, Literal]] = {}

    def rule_out(self, code: Code, index: int) -> bool:
        """Whether an operation never runs."""
        return code.block_of(index) in self.ruled_out(code)

    def ruled_out(self, code: Code) -> frozenset[int]:
        """The numbers of the blocks that never run, those inside them among them."""
        constants = self._of(code.module)
        if not constants:
            return _NONE
        found: set[int] = set()
        for number, block in enumerate(code.scope.blocks):
            if block.parent in found or any(self._is_ruled_out(code, test, constants) for test in block.tests):
                found.add(number)
        return frozenset(found)

    def _is_ruled_out(self, code: Code, test: ir.Test, constants: dict[str, Literal]) -> bool:
        value = constants.get(test.path)
        if value is None or test.kind not in _SETTLED or code.hides(test.path) or test.path in self._set:
            return False
        operand: tuple[Literal, ...] = ()
        if test.operand:
            op = code.scope.ops[test.operand]
            parts = op.items if isinstance(op, ir.Display) else (test.operand,)
            ops = [code.scope.ops[part] for part in parts]
            if not all(isinstance(each, ir.Constant) for each in ops):
                return False
            operand = tuple(Literal(each.kind, each.text) for each in ops if isinstance(each, ir.Constant))
        return meets(Need(code, test.path, test.kind, operand), value, self._inference.classes) is False

    def _of(self, module: Module) -> dict[str, Literal]:
        found = self._constants.get(module)
        if found is None:
            found = self._constants[module] = dict(_constants(module))
        return found

    @functools.cached_property
    def _set(self) -> frozenset[str]:
        """The names of all attributes that some code sets: a module's may be among them."""
        codes = self._inference.program.codes()
        return frozenset(store.name for code in codes for store in code.scope.stores if not store.item)


def _constants(module: Module) -> Iterator[tuple[str, Literal]]:
    """What a module binds to a literal once and for all."""
    scope = module.code.scope
    for name in scope.bindings:
        binding = module.bound_once(name)
        op = scope.ops[binding.value] if binding is not None else None
        if isinstance(op, ir.Constant):
            yield name, Literal(op.kind, op.text)
