"""What names hold: rows and querysets that a function binds, is given, or puts into containers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.names import chain_of, reaching
from archwise.engine.orm.domain import NOTHING, Alternatives, Items, Table, single, union
from archwise.engine.values import is_known

if TYPE_CHECKING:
    from archwise.engine.orm.evaluator import Evaluator, Frame
    from archwise.engine.program import Code


class Names:
    """Evaluates names."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._added: dict[Code, dict[str, list[int]]] = {}

    def read(self, frame: Frame, name: str, block: int, order: int) -> Alternatives:
        """What a name may be where it is read."""
        code = frame.code
        bindings = code.scope.bindings.get(name)
        if bindings and name not in code.scope.globals:
            found, complete = reaching(code.scope, bindings, block, order)
            values = union(*(self._bound(frame, binding, name) for binding in found))
            return values if complete else union(self.parameter(frame, name), values)
        if any(parameter.name == name for parameter in code.scope.parameters):
            return self.parameter(frame, name)
        if code.parent is not None and code.parent.parent is not None:
            outer = frame.outer or self._evaluator.frame(code.parent)
            if outer.code.scope.kind != "class":
                return self.read(outer, name, 0, len(outer.code.scope.ops))
        return self.of_module(code, name)

    def _bound(self, frame: Frame, binding: ir.Binding, name: str) -> Alternatives:
        found = self._evaluator.value(frame, binding.value)
        if not found and binding.annotation:
            return self._evaluator.of_values(
                self._evaluator.inference.annotations.values(frame.code, binding.annotation)
            )
        if found and isinstance(found[0], Items) and not found[0].items:
            return self._filled(frame, name, found[0])
        if found and isinstance(found[0], Table):
            return (self._written(frame, name, found[0]),)
        return found

    def _written(self, frame: Frame, name: str, table: Table) -> Table:
        """A dict with what the function puts into it: ``name[key] = value``, ``name.update(…)``."""
        scope = frame.code.scope
        named = dict(table.named)
        groups = [table.items]
        for store in scope.stores:
            if store.item and _is_name(scope, store.target, name):
                value = self._evaluator.value(frame, store.value)
                named[store.name] = union(named.get(store.name, NOTHING), value)
                groups.append(tuple(map(single, value)))
        for _, op in frame.code.operations(ir.Call):
            function = scope.ops[op.function]
            if (
                isinstance(function, ir.Attribute)
                and function.name == "update"
                and _is_name(scope, function.value, name)
            ):
                given = [*op.keywords]
                for argument in op.arguments[:1]:
                    for other in self._evaluator.value(frame, argument):
                        named.update(other.named if isinstance(other, Table) else ())
                named.update((key, self._evaluator.value(frame, value)) for key, value in given)
        if not table.items and len(groups) == 1:
            groups += [found.items for found in self._filled(frame, name, table) if isinstance(found, Table)]
        return Table(union(*groups), tuple(named.items()))

    def _filled(self, frame: Frame, name: str, empty: Items | Table) -> Alternatives:
        """A list that starts empty, with what is put into it."""
        added = self._added.get(frame.code)
        if added is None:
            added = self._added[frame.code] = _added(frame.code)
        items = union(*(tuple(map(single, self._evaluator.value(frame, index))) for index in added.get(name, ())))
        return (msgspec.structs.replace(empty, items=items),) if items else (empty,)

    def of_module(self, code: Code, name: str) -> Alternatives:
        """What a module's name may be."""
        values = self._evaluator.inference.names.of_module(code.module, name)
        found = self._evaluator.of_values(values)
        if not found and not is_known(values):
            bindings = code.module.code.scope.bindings.get(name, ())
            if len(bindings) == 1:
                return self._evaluator.value(self._evaluator.frame(code.module.code), bindings[0].value)
        return found

    def parameter(self, frame: Frame, name: str) -> Alternatives:
        """What a parameter was given, or else is declared to be."""
        if name in frame.given:
            return frame.given[name]
        for parameter in frame.code.scope.parameters:
            if parameter.name == name:
                if parameter.kind in ("args", "kwargs"):
                    return NOTHING
                return self._evaluator.of_values(self._evaluator.inference.parameters.of(frame.code, parameter))
        return NOTHING


def _is_name(scope: ir.Scope, index: int, name: str) -> bool:
    op = scope.ops[index]
    return isinstance(op, ir.Name) and op.id == name


def _added(code: Code) -> dict[str, list[int]]:
    """What the loops of a function put into containers, by the container's name."""
    scope = code.scope
    found: dict[str, list[int]] = {}
    for op in scope.ops:
        if isinstance(op, ir.Call) and op.arguments:
            function = scope.ops[op.function]
            if isinstance(function, ir.Attribute) and function.name in ("append", "add"):
                holder = scope.ops[function.value]
                if isinstance(holder, ir.Name) and _repeats(code, op.block):
                    found.setdefault(holder.id, []).append(op.arguments[0])
    return found


def is_repeated(code: Code, index: int) -> bool:
    """Whether an operation may run more than once in one call of its function."""
    return _repeats(code, getattr(code.scope.ops[index], "block", 0))


def _repeats(code: Code, block: int) -> bool:
    return any(code.scope.blocks[each].kind in ("loop", "lazy", "search") for each in chain_of(code.scope, block))
