"""The conditions written around an operation, as far as they still hold where it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.needs import Need, at
from archwise.engine.steady import Steady
from archwise.engine.truth import types_of
from archwise.engine.values import FunctionValue, Method, Self

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.answers import Answers
    from archwise.engine.inference import Inference
    from archwise.engine.known import Known
    from archwise.engine.program import Code
    from archwise.engine.values import Value, Values


class Enclosing:
    """Finds them, on whatever name."""

    def __init__(self, inference: Inference, known: Known, answers: Answers) -> None:
        self._inference = inference
        self._known = known
        self._answers = answers
        self.steady = Steady(inference.program)

    def of(self, code: Code, index: int, *, entering: bool = False) -> Iterator[Need]:
        """The conditions around an operation that still hold where it runs.

        ``entering`` asks for those that must hold on entry, even of a name that has been given something else since.
        """
        blocks = code.scope.blocks
        block = code.block_of(index)
        while block > 0:
            for test in blocks[block].tests:
                if test.kind in ir.FLOWING:
                    continue
                need = self.need(code, test)
                if self._holds(code, need, block, index, entering):
                    yield at(need, code, _renamed(code, test.path))
                    yield from self._asked_before(code, need, index)
            block = blocks[block].parent

    def _asked_before(self, code: Code, need: Need, index: int) -> Iterator[Need]:
        """What a function said of a value where what it gave is tested by name: ``known = is_known(host)``."""
        ops = code.scope.ops
        bindings = code.scope.bindings.get(need.path, ()) if need.kind in ("true", "false") else ()
        asked = ops[bindings[0].value] if len(bindings) == 1 else None
        if not isinstance(asked, ir.Call) or len(asked.arguments) != 1 or len(asked.given) != 1:
            return
        path = ir.path(ops, asked.arguments[0])
        if path:
            test = ir.Test(path, "holds" if need.kind == "true" else "not-holds", asked.function)
            if self._holds(code, self.need(code, test), asked.block, index, False):
                yield self.need(code, test)

    def need(self, code: Code, test: ir.Test) -> Need:
        """The condition that a branch tests."""
        return Need(code, test.path, test.kind, self._operand(code, test))

    def _operand(self, code: Code, test: ir.Test) -> Values:
        if not test.operand:
            return ()
        if test.kind in ("is", "is-not"):
            return types_of(self._inference.values(code, test.operand))
        if test.kind in ir.ASKED:
            return tuple(_of_own_object(value) for value in self._inference.values(code, test.operand))
        op = code.scope.ops[test.operand]
        parts = op.items if isinstance(op, ir.Display) else (test.operand,)
        return tuple(value for part in parts for value in self._known.of(code, part))

    def _holds(self, code: Code, need: Need, block: int, index: int, entering: bool) -> bool:
        """Whether nothing is put under the tested path between the test, or the function's entry, and an operation.

        What cannot meet the test may be: where the test holds, that was not done.
        """
        root, _, rest = need.path.partition(".")
        name = rest.rpartition(".")[2]
        if entering and not rest:
            return True
        for binding in code.scope.bindings.get(root, ()):
            if binding.order <= index and code.is_within(binding.block, block):
                return False
        if entering:
            return all(self._puts_otherwise(code, need, at) for at in self.steady.changes(code, name, index))
        return not rest or self.steady.since_block(code, name, block, index)

    def _puts_otherwise(self, code: Code, need: Need, index: int) -> bool:
        """Whether an operation puts under the path of a need what cannot meet it."""
        op = code.scope.ops[index]
        if not isinstance(op, ir.Operation) or f"{ir.path(code.scope.ops, op.value)}.{op.method[:-1]}" != need.path:
            return False
        return all(self._answers.of(need, value) is False for value in self._known.of(code, op.operand))


def _of_own_object(value: Value) -> Value:
    """A method of the object that its function runs on, as it is for each of the object's methods."""
    return FunctionValue(value.code) if isinstance(value, Method) and isinstance(value.receiver, Self) else value


def _renamed(code: Code, path: str) -> str:
    """A path, begun with the name whose value its first name has for good: ``client = cast(Client, given)``."""
    root, dot, rest = path.partition(".")
    bindings = code.scope.bindings.get(root, ())
    ops = code.scope.ops
    op = ops[bindings[0].value] if len(bindings) == 1 else None
    if isinstance(op, ir.Call) and len(op.arguments) == 2 and ir.identifier(ops[op.function]) == "cast":
        op = ops[op.arguments[1]]
    is_given = any(parameter.name == root for parameter in code.scope.parameters)
    return op.id + dot + rest if isinstance(op, ir.Name) and not is_given else path
