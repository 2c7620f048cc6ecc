"""Which conditions must hold for an operation to run, and which calls rule them out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.frequency import is_repeated
from archwise.engine.known import FULL, OPEN, Known
from archwise.engine.making import AFTER, Made, Making, Place
from archwise.engine.needs import MOST, Need, Needs, Written, at
from archwise.engine.optional import is_picked, refuses_none
from archwise.engine.steady import Steady
from archwise.engine.truth import contradict, meets, types_of
from archwise.engine.values import UNKNOWN, FunctionValue, Literal, MappingOf, Method, Symbolic, Value, Values, union

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

_MAKERS = frozenset({"__init__", "__new__", "__post_init__"})
_OF_NO_TYPE = frozenset({UNKNOWN, Literal("object", FULL), Literal("object", OPEN)})
"""What is written says nothing of its type."""


class Conditions:
    """Answers which conditions stand between a function's entry and an operation."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self.known = Known(inference)
        self._making = Making(inference)
        self._steady = Steady(inference.program)

    def needs(self, code: Code, index: int) -> Needs:
        """What parameters must be for an operation to run."""
        found: dict[Need, None] = {}
        for need in self._around(code, index, entering=True):
            owned = self._owned(code, need, index)
            if owned is not None:
                found[owned] = None
        for need in self._behind(code, index):
            found[need] = None
        return tuple(found)[:MOST]

    def through(self, needs: Needs, caller: Code, index: int, called: Code, written: Written | None) -> Needs | None:
        """The needs of a called function in terms of its caller; None where this call rules one of them out."""
        if not needs:
            return ()
        around = tuple(self._around(caller, index))
        kept: dict[Need, None] = {}
        for need in needs:
            moved: tuple[Need, ...] | None = ()
            if need.code is called:
                moved = self._moved(need, called, written) if written is not None else ()
            elif need.code is caller or need.code.encloses(caller):
                moved = (need,)
            if moved is None or any(self._is_ruled_out(each, around) for each in moved):
                return None
            for each in moved:
                owned = self._owned(caller, each, index) if each.code is caller else each if each is need else None
                if owned is not None:
                    kept[owned] = None
        return tuple(kept)

    def selected(self, code: Code, index: int, called: Code) -> Needs:
        """What a parameter must be for a table to give the function that is called: ``TABLE[name]()``."""
        op = code.scope.ops[index]
        item = code.scope.ops[op.function] if isinstance(op, ir.Call) else None
        name = ir.path(code.scope.ops, item.key) if isinstance(item, ir.Item) else ""
        if not isinstance(item, ir.Item) or all(parameter.name != name for parameter in code.scope.parameters):
            return ()
        tables = self._inference.values(code, item.value)
        held = [entry for table in tables if isinstance(table, MappingOf) for entry in table.named]
        keys = [key for key, values in held if any(_is_function(value, called) for value in values)]
        return (Need(code, name, "among", tuple(Literal("str", key) for key in keys)),) if keys else ()

    def excludes(self, code: Code, index: int, called: Value) -> bool:
        """Whether a method is not what a call calls, since conditions around that rule its object out."""
        ops = code.scope.ops
        op = ops[index]
        function = ops[op.function] if isinstance(op, ir.Call) else None
        if not isinstance(function, ir.Attribute) or not isinstance(called, Method):
            return False
        path = ir.path(ops, function.value)
        return bool(path) and any(
            need.path == path and self._answer(need, called.receiver) is False for need in self._around(code, index)
        )

    def leaves_open(self, needs: Needs, index: int, called: Code, written: Written | None) -> bool:
        """Whether an operation of a called function runs for one type, or under a condition on what its call gives by
        ``*`` or ``**``, and the call does not tell.
        """
        return self._is_for_some_type(called, index) or (
            written is not None
            and any(
                self._is_unseen(need, called, written)
                or (need.kind == "is" and self._is_of_open_type(need, called, written))
                for need in needs
                if need.code is called
            )
        )

    def _is_unseen(self, need: Need, called: Code, written: Written) -> bool:
        root = need.path.partition(".")[0]
        given = called.scope.parameters[written.bound :] if written.call.starred else ()
        return any(each.name == root for each in given) and self.given(called, root, written) is None

    def _is_for_some_type(self, code: Code, index: int) -> bool:
        """Whether a branch around an operation asks for the type of what is no parameter as it was given."""
        block = code.block_of(index)
        return any(
            test.kind == "is" and self._owned(code, Need(code, test.path, test.kind)) is None
            for each in code.around(block)
            if each.kind == "if"
            for test in each.tests
        )

    def _is_of_open_type(self, need: Need, called: Code, written: Written) -> bool:
        given = self.given(called, need.path, written)
        if given is None:
            return True
        own = [value for value in self.known.of(*given) if isinstance(value, Symbolic)]
        if own and not written.code.scope.is_async:
            return False
        if own and not any(value.path for value in own):
            values = union(*map(self._declared, own)) or (UNKNOWN,)
        else:
            values = self._inference.values(*given)
        return not all(self._answer(need, value) for value in values)

    def _is_ruled_out(self, need: Need, around: Needs) -> bool:
        """Whether the conditions around a call contradict a need, and whatever would change what it speaks of."""
        classes = self._inference.classes
        return all(any(contradict(test, each, classes) for test in around) for each in (need, *need.unless))

    def _moved(self, need: Need, called: Code, written: Written) -> tuple[Need, ...] | None:
        """A need in terms of what a call gives: None where that rules it out, nothing where it is met or unknown."""
        root, dot, rest = need.path.partition(".")
        if called.scope.name in AFTER:
            given, dot, rest = self._field(called, root, rest, written)
        else:
            given = self.given(called, root, written)
        if given is None:
            return ()
        code, index = given
        path = ir.path(code.scope.ops, index)
        moved = (at(need, code, path + dot + rest),) if path else ()
        if dot:
            return None if self._is_made_otherwise(need, code, index, rest) else moved
        values = self.known.of(code, (self._made(code, path, index) if "." in path else 0) or index)
        if need.kind in ("is", "is-not") and not _OF_NO_TYPE.isdisjoint(values):
            values = self._inference.values(code, index)
        answers = {value: self._answer(need, value) for value in values}
        if all(answer is False for answer in answers.values()):
            return None
        if need.kind in ("none", "false") and all(value == UNKNOWN for value in values) and is_picked(code, index):
            return None
        open_ = [value for value, answer in answers.items() if answer is not False]
        if len(open_) == 1 and isinstance(open_[0], Symbolic):
            path = ".".join((open_[0].name, *(step[1:] for step in open_[0].path)))
            moved = (at(need, code, path),)
        return moved

    def _is_made_otherwise(self, need: Need, code: Code, index: int, name: str) -> bool:
        """Whether the object that an operation gives was made so that what it keeps for good cannot meet a need."""
        calls = self._making.of(code, index) if not need.unless else ()
        return bool(calls) and all(self._keeps_otherwise(need, made, name) for made in calls)

    def _keeps_otherwise(self, need: Need, made: Made, name: str) -> bool:
        kept = self._making.kept(made.cls, name)
        if kept is None:
            return False
        constructor, value = kept
        if all(self._answer(need, each) is False for each in self.known.lasting(constructor, value)):
            return True
        written = Written(made.code, made.call, True)
        asked = self._needs_of(constructor, at(need, constructor, need.path), value)
        return any(self._moved(each, constructor, written) is None for each in asked if each.code is constructor)

    def _answer(self, need: Need, value: Value) -> bool | None:
        found = meets(need, value, self._inference.classes)
        if need.kind in ("none", "not-none") and isinstance(value, Symbolic) and self._refuses_none(value):
            found = need.kind == "not-none"
        if found is None and need.kind in ("is", "is-not") and isinstance(value, Symbolic):
            declared = self._declared(value)
            answers = {meets(need, each, self._inference.classes) for each in declared}
            found = False if answers == {False} else None
        if found is False and any(meets(each, value, self._inference.classes) is not False for each in need.unless):
            return None
        return found

    def _declared(self, symbol: Symbolic) -> Values:
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

    def given(self, called: Code, name: str, written: Written) -> tuple[Code, int] | None:
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

    def _field(self, called: Code, root: str, path: str, written: Written) -> tuple[Place | None, str, str]:
        """What a call gives a field of the object that it makes, and what is asked of that."""
        name, dot, rest = path.partition(".")
        is_own = root == called.scope.parameters[0].name
        return self._making.field(written.code, written.call, name) if is_own and name else None, dot, rest

    def _receiver(self, called: Code, written: Written) -> tuple[Code, int] | None:
        function = written.code.scope.ops[written.call.function]
        if called.scope.name in _MAKERS or not isinstance(function, ir.Attribute) or function.name != called.scope.name:
            return None
        return written.code, function.value

    # -- the conditions written around an operation

    def _around(self, code: Code, index: int, *, entering: bool = False) -> Iterator[Need]:
        """The conditions around an operation that still hold where it runs, on whatever name.

        ``entering`` asks for those that must hold on entry, even of a name that has been given something else since.
        """
        blocks = code.scope.blocks
        block = code.block_of(index)
        while block > 0:
            for test in blocks[block].tests:
                if test.kind in ir.FLOWING:
                    continue
                need = Need(code, test.path, test.kind, self._operand(code, test))
                if self._holds(code, need, block, index, entering):
                    yield at(need, code, _renamed(code, test.path))
            block = blocks[block].parent

    def _operand(self, code: Code, test: ir.Test) -> Values:
        if not test.operand:
            return ()
        if test.kind in ("is", "is-not"):
            return types_of(self._inference.values(code, test.operand))
        op = code.scope.ops[test.operand]
        parts = op.items if isinstance(op, ir.Display) else (test.operand,)
        return tuple(value for part in parts for value in self.known.of(code, part))

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
            return all(self._puts_otherwise(code, need, at) for at in self._steady.changes(code, name, index))
        return not rest or self._steady.since_block(code, name, block, index)

    def _puts_otherwise(self, code: Code, need: Need, index: int) -> bool:
        """Whether an operation puts under the path of a need what cannot meet it."""
        op = code.scope.ops[index]
        if not isinstance(op, ir.Operation) or f"{ir.path(code.scope.ops, op.value)}.{op.method[:-1]}" != need.path:
            return False
        return all(self._answer(need, value) is False for value in self.known.of(code, op.operand))

    def _owned(self, code: Code, need: Need, index: int = 0) -> Need | None:
        """An operation's need in terms of the function, this one or one around it, whose parameter it speaks of."""
        root, dot, _ = need.path.partition(".")
        here: Code | None = code
        while here is not None and here.scope.kind in ("function", "lambda"):
            bindings = here.scope.bindings.get(root, ())
            if here is code and index and not is_repeated(code, index):
                bindings = tuple(each for each in bindings if each.order <= index)
            if any(parameter.name == root for parameter in here.scope.parameters):
                unless = list(need.unless)
                for binding in bindings:
                    if not dot and need.kind in ("true", "false") and _is_truth_of(here, binding.value, root):
                        continue
                    if all(
                        meets(need, value, self._inference.classes) is False for value in self._bound(here, binding)
                    ):
                        continue
                    guard = self._guard(here, binding)
                    if guard is None or dot or guard.path != root:
                        return None
                    unless.append(guard)
                return Need(here, need.path, need.kind, need.operand, tuple(dict.fromkeys(unless)))
            if bindings:
                return None
            here = here.parent
        return None

    def _guard(self, code: Code, binding: ir.Binding) -> Need | None:
        """The innermost condition under which a name is bound."""
        for test in code.conditions(binding.block):
            if test.kind not in ir.FLOWING:
                return Need(code, test.path, test.kind, self._operand(code, test))
        return None

    def _behind(self, code: Code, index: int) -> Iterator[Need]:
        """What parameters must be where a condition asks for something the function has made of them."""
        for test in code.conditions(code.block_of(index)):
            made = self._made(code, test.path, index) if test.kind not in ir.FLOWING else 0
            if made:
                yield from self._needs_of(code, Need(code, test.path, test.kind, self._operand(code, test)), made)

    def _made(self, code: Code, path: str, index: int) -> int:
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
        return value if self._steady.between(code, name, at, index) else 0

    def _needs_of(self, code: Code, need: Need, made: int) -> Iterator[Need]:
        """What must hold for a value that was made in the function to meet a condition."""
        if need.kind in ("true", "false"):
            made = _within_bool(code, made)
        op = code.scope.ops[made]
        options = op.options if isinstance(op, ir.Either) else (made,)
        open_ = [each for each in options if any(self._answer(need, v) is not False for v in self.known.of(code, each))]
        if len(open_) != 1:
            return
        if open_[0] != made:
            yield from (owned for around in self._around(code, open_[0]) if (owned := self._owned(code, around)))
        path = ir.path(code.scope.ops, open_[0])
        owned = self._owned(code, at(need, code, path)) if path else None
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


def _is_function(value: Value, code: Code) -> bool:
    return isinstance(value, (FunctionValue, Method)) and value.code is code
