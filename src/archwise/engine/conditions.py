"""Which conditions must hold for an operation to run, and which calls rule them out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.known import Known
from archwise.engine.truth import contradict, meets, types_of
from archwise.engine.values import UNKNOWN, Symbolic, Values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

_MOST = 6
_MAKERS = frozenset({"__init__", "__new__", "__post_init__"})
_FLOWING = frozenset({"coroutine", "not-coroutine"})
_END = 1 << 60


class Need(msgspec.Struct, frozen=True):
    """A condition on what a parameter of ``code`` is given: ``path`` begins with its name."""

    code: Code
    path: str
    kind: ir.Condition
    operand: Values = ()


class Written(msgspec.Struct, frozen=True, gc=False):
    """A call as it stands in the program; ``bound`` where its function has been given its first parameter already."""

    code: Code
    call: ir.Call
    bound: bool


Needs = tuple[Need, ...]


class Conditions:
    """Answers which conditions stand between a function's entry and an operation."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self.known = Known(inference)
        self._steady: dict[tuple[Code, str], int] = {}
        self._writers: dict[str, set[str]] | None = None

    def needs(self, code: Code, index: int) -> Needs:
        """What parameters must be for an operation to run."""
        found = []
        for need in self._around(code, index):
            owner = self._owner(code, need)
            if owner is not None:
                found.append(need if owner is code else msgspec.structs.replace(need, code=owner))
        return tuple(dict.fromkeys(found))[:_MOST]

    def through(self, needs: Needs, caller: Code, index: int, called: Code, written: Written | None) -> Needs | None:
        """The needs of a called function in terms of its caller; None where this call rules one of them out."""
        if not needs:
            return ()
        around = tuple(self._around(caller, index))
        kept: list[Need] = []
        for need in needs:
            if need.code is called:
                moved = self._moved(need, called, written) if written is not None else ()
            elif need.code is caller or need.code.encloses(caller):
                moved = (need,)
            else:
                moved = ()
            if moved is None or any(
                contradict(test, each, self._inference.classes) for test in around for each in moved
            ):
                return None
            for each in moved:
                owner = self._owner(each.code, each)
                if owner is not None and each.code is caller:
                    kept.append(msgspec.structs.replace(each, code=owner))
                elif each is need:
                    kept.append(need)
        return tuple(dict.fromkeys(kept))

    def _moved(self, need: Need, called: Code, written: Written) -> tuple[Need, ...] | None:
        """A need in terms of what a call gives: None where that rules it out, nothing where it is met or unknown."""
        root, dot, rest = need.path.partition(".")
        given = self._given(called, root, written)
        if given is None:
            return ()
        code, index = given
        path = self.known.path(code, index)
        moved = [msgspec.structs.replace(need, code=code, path=path + dot + rest)] if path else []
        if dot:
            return tuple(moved)
        values = self.known.of(code, index)
        if need.kind in ("is", "is-not") and UNKNOWN in values:
            values = self._inference.values(code, index)
        answers = {value: meets(need, value, self._inference.classes) for value in values}
        if all(answer is False for answer in answers.values()):
            return None
        open_ = [value for value, answer in answers.items() if answer is not False]
        if len(open_) == 1 and isinstance(open_[0], Symbolic):
            path = ".".join((open_[0].name, *(step[1:] for step in open_[0].path)))
            moved = [msgspec.structs.replace(need, code=code, path=path)]
        return tuple(moved)

    def _given(self, called: Code, name: str, written: Written) -> tuple[Code, int] | None:
        """The operation that a call gives a parameter: an argument, the receiver, the default."""
        call, parameters = written.call, called.scope.parameters
        position = next((at for at, parameter in enumerate(parameters) if parameter.name == name), None)
        if position is None or parameters[position].kind in ("args", "kwargs"):
            return None
        if written.bound and position == 0:
            return self._receiver(called, written)
        keyword = next((value for given, value in call.keywords if given == name), None)
        if keyword is not None:
            return written.code, keyword
        position -= written.bound
        if position < len(call.arguments) and parameters[position + written.bound].kind == "positional":
            return written.code, call.arguments[position]
        default = parameters[position + written.bound].default
        if call.starred or not default or called.parent is None:
            return None
        return called.parent, default

    def _receiver(self, called: Code, written: Written) -> tuple[Code, int] | None:
        function = written.code.scope.ops[written.call.function]
        if called.scope.name in _MAKERS or not isinstance(function, ir.Attribute) or function.name != called.scope.name:
            return None
        return written.code, function.value

    # -- the conditions written around an operation

    def _around(self, code: Code, index: int) -> Iterator[Need]:
        """The conditions around an operation that still hold where it runs, on whatever name."""
        blocks = code.scope.blocks
        block: int = getattr(code.scope.ops[index], "block", 0)
        while block > 0:
            for test in blocks[block].tests:
                if test.kind not in _FLOWING and self._holds(code, test, block, index):
                    yield Need(code, test.path, test.kind, self._operand(code, test))
            block = blocks[block].parent

    def _operand(self, code: Code, test: ir.Test) -> Values:
        if not test.operand:
            return ()
        if test.kind in ("is", "is-not"):
            return types_of(self._inference.values(code, test.operand))
        op = code.scope.ops[test.operand]
        parts = op.items if isinstance(op, ir.Display) else (test.operand,)
        return tuple(value for part in parts for value in self.known.of(code, part))

    def _holds(self, code: Code, test: ir.Test, block: int, index: int) -> bool:
        """Whether nothing is put under the tested path between the test and an operation."""
        root, _, rest = test.path.partition(".")
        for binding in code.scope.bindings.get(root, ()):
            if binding.order <= index and _is_within(code, binding.block, block):
                return False
        return not rest or index < self._steady_until(code, rest.rpartition(".")[2])

    def _steady_until(self, code: Code, name: str) -> int:
        """The first operation of a function that may change an attribute of this name: a store, a call, an await."""
        key = code, name
        found = self._steady.get(key)
        if found is None:
            writers = self._writers_of(name)
            found = _END
            for index, op in enumerate(code.scope.ops):
                if (
                    isinstance(op, ir.Await)
                    or (isinstance(op, ir.Operation) and op.method == f"{name}=")
                    or (isinstance(op, ir.Call) and ir.identifier(code.scope.ops[op.function]) in writers)
                ):
                    found = index
                    break
            self._steady[key] = found
        return found

    def _writers_of(self, name: str) -> set[str]:
        """The names of the functions that set an attribute of this name."""
        if self._writers is None:
            self._writers = {}
            for code in self._inference.program.codes():
                for store in code.scope.stores:
                    if not store.item and code.scope.name != "__init__":
                        self._writers.setdefault(store.name, set()).add(code.scope.name)
        return self._writers.get(name, set())

    def _owner(self, code: Code, need: Need) -> Code | None:
        """The function, this one or one around it, whose parameter a need speaks of, if it stays what was given."""
        root = need.path.partition(".")[0]
        here: Code | None = code
        while here is not None and here.scope.kind in ("function", "lambda"):
            bindings = here.scope.bindings.get(root, ())
            if any(parameter.name == root for parameter in here.scope.parameters):
                rebound = (value for each in bindings for value in self._bound(here, each))
                return here if all(meets(need, value, self._inference.classes) is False for value in rebound) else None
            if bindings:
                return None
            here = here.parent
        return None

    def _bound(self, code: Code, binding: ir.Binding) -> Values:
        return self.known.of(code, binding.value) if binding.value else (UNKNOWN,)


def _is_within(code: Code, block: int, outer: int) -> bool:
    while block > outer:
        block = code.scope.blocks[block].parent
    return block == outer


def merged(first: Needs, second: Needs) -> Needs:
    """What must hold for either of two ways: the conditions they share, and of two choices both."""
    found = [need for need in first if need in second]
    for need in first:
        for other in second:
            if (
                need != other
                and need.kind == other.kind == "among"
                and (need.code, need.path) == (other.code, other.path)
            ):
                found.append(msgspec.structs.replace(need, operand=tuple(dict.fromkeys(need.operand + other.operand))))
    return tuple(found)


def together(first: Needs, second: Needs) -> Needs:
    """What must hold for both."""
    return tuple(dict.fromkeys(first + second))[:_MOST] if second else first
