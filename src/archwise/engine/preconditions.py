"""What parameters must be for an operation to run: the conditions around it, in terms of its function's callers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.answers import Answers
from archwise.engine.enclosing import Enclosing
from archwise.engine.frequency import is_repeated
from archwise.engine.known import Known
from archwise.engine.needs import ENTRY, MOST, Need, Needs, at
from archwise.engine.truth import meets
from archwise.engine.values import UNKNOWN, Literal, Values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code


class Preconditions:
    """Traces conditions back to parameters."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self.known = Known(inference)
        self.answers = Answers(inference)
        self.enclosing = Enclosing(inference, self.known, self.answers)

    def of(self, code: Code, index: int) -> Needs:
        """What parameters must be for an operation to run."""
        found: dict[Need, None] = {}
        for need in self.enclosing.of(code, index, entering=True):
            owned = self.owned(code, need, index)
            if owned is not None:
                found[owned] = None
        for need in self._behind(code, index):
            found[need] = None
        return tuple(found)[:MOST]

    def owned(self, code: Code, need: Need, index: int = 0) -> Need | None:
        """An operation's need in terms of the function, this one or one around it, whose parameter it speaks of."""
        root = need.path.partition(".")[0]
        here: Code | None = code
        while here is not None and here.scope.kind in ("function", "lambda"):
            bindings = here.scope.bindings.get(root, ())
            if here is code and index and not is_repeated(code, index):
                bindings = tuple(each for each in bindings if each.order <= index)
            if any(parameter.name == root for parameter in here.scope.parameters):
                return self._of_parameter(here, need, bindings)
            if bindings:
                return None
            here = here.parent
        return None

    def _of_parameter(self, code: Code, need: Need, bindings: tuple[ir.Binding, ...]) -> Need | None:
        """A need of a parameter; None where the function puts in its place what may meet that as well."""
        root, dot, _ = need.path.partition(".")
        unless = list(need.unless)
        for binding in bindings:
            if not dot and need.kind in ("true", "false") and _is_truth_of(code, binding.value, root):
                continue
            if all(meets(need, value, self._inference.classes) is False for value in self._bound(code, binding)):
                continue
            guard = self._guard(code, binding)
            if guard is None or dot or guard.path != root:
                return None
            unless.append(guard)
        return Need(code, need.path, need.kind, need.operand, tuple(dict.fromkeys(unless)))

    def _guard(self, code: Code, binding: ir.Binding) -> Need | None:
        """The innermost condition under which a name is bound."""
        for test in code.conditions(binding.block):
            if test.kind not in ir.FLOWING:
                return self.enclosing.need(code, test)
        return None

    def _behind(self, code: Code, index: int) -> Iterator[Need]:
        """What parameters must be where a condition asks for something the function has made of them."""
        for test in code.conditions(code.block_of(index)):
            made = self.made_under(code, test.path, index) if test.kind not in ir.FLOWING else 0
            if made:
                yield from self.needs_of(code, self.enclosing.need(code, test), made)
            if test.kind == "among":
                yield from self._of_entries(code, self.enclosing.need(code, test), index)

    def _of_entries(self, code: Code, need: Need, index: int) -> Iterator[Need]:
        """What must hold for some entry of a parameter, where a condition asks for what was picked from it."""
        bindings = code.scope.bindings.get(need.path, ())
        tables = {self._picked_from(code, need, each.value) for each in bindings if each.order <= index}
        table = tables.pop() if len(tables) == 1 else ""
        owned = self.owned(code, at(need, code, f"{table}.{ENTRY}")) if table else None
        if owned is not None:
            yield owned

    def _picked_from(self, code: Code, need: Need, index: int) -> str:
        """The table an operation picks an entry from, or else what cannot meet the need: ``table.get(name)``."""
        ops = code.scope.ops
        op = ops[index]
        if isinstance(op, ir.Item):
            return ir.path(ops, op.value)
        function = ops[op.function] if isinstance(op, ir.Call) else None
        if not isinstance(op, ir.Call) or not isinstance(function, ir.Attribute) or function.name != "get":
            return ""
        otherwise = self.known.of(code, op.arguments[1]) if len(op.arguments) > 1 else (Literal("none", "None"),)
        return ir.path(ops, function.value) if all(self.answers.of(need, v) is False for v in otherwise) else ""

    def made_under(self, code: Code, path: str, index: int) -> int:
        """The one operation whose value is under a path: a local name, an attribute that this function set last."""
        root, _, name = path.partition(".")
        if not name:
            bindings = code.scope.bindings.get(root, ())
            is_own = any(parameter.name == root for parameter in code.scope.parameters)
            return bindings[0].value if len(bindings) == 1 and bindings[0].order <= index and not is_own else 0
        stores = [
            (at, op.operand)
            for at, op in code.operations(ir.Operation)
            if op.method == f"{name}=" and ir.path(code.scope.ops, op.value) == root
        ]
        if not stores or "." in name or stores[-1][0] > index:
            return 0
        at, value = stores[-1]
        if not code.is_within(code.block_of(index), code.block_of(at)):
            return 0
        return value if self.enclosing.steady.between(code, name, at, index) else 0

    def needs_of(self, code: Code, need: Need, made: int) -> Iterator[Need]:
        """What must hold for a value that was made in the function to meet a condition."""
        if need.kind in ("true", "false"):
            made = _within_bool(code, made)
        op = code.scope.ops[made]
        options = op.options if isinstance(op, ir.Either) else (made,)
        open_ = [
            each for each in options if any(self.answers.of(need, v) is not False for v in self.known.of(code, each))
        ]
        if len(open_) != 1:
            return
        if open_[0] != made:
            yield from (owned for around in self.enclosing.of(code, open_[0]) if (owned := self.owned(code, around)))
        path = ir.path(code.scope.ops, open_[0])
        owned = self.owned(code, at(need, code, path)) if path else None
        if owned is not None:
            yield owned

    def _bound(self, code: Code, binding: ir.Binding) -> Values:
        return self.known.of(code, binding.value) if binding.value else (UNKNOWN,)


def _within_bool(code: Code, index: int) -> int:
    """What ``bool(…)`` is called with, which is true where that is; the operation itself where it is another."""
    ops = code.scope.ops
    op = ops[index]
    is_bool = isinstance(op, ir.Call) and len(op.arguments) == 1 and ir.identifier(ops[op.function]) == "bool"
    return op.arguments[0] if isinstance(op, ir.Call) and is_bool else index


def _is_truth_of(code: Code, index: int, name: str) -> bool:
    """Whether a value is ``bool(name)``."""
    given = _within_bool(code, index)
    return given != index and ir.path(code.scope.ops, given) == name
