"""Which calls rule out what a called function does under conditions, and what others must give for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.known import FULL, OPEN
from archwise.engine.making import AFTER, Made, Making, Place
from archwise.engine.needs import ENTRY, Need, Needs, Written, at
from archwise.engine.optional import is_picked
from archwise.engine.truth import contradict
from archwise.engine.values import UNKNOWN, FunctionValue, Literal, MappingOf, Method, Symbolic, Value, Values, union

if TYPE_CHECKING:
    from archwise.engine.inference import Inference
    from archwise.engine.preconditions import Preconditions
    from archwise.engine.program import Code

_OF_NO_TYPE = frozenset({UNKNOWN, Literal("object", FULL), Literal("object", OPEN)})
"""What is written says nothing of its type."""


class Conditions:
    """Takes the conditions of a called function to its callers."""

    def __init__(self, inference: Inference, preconditions: Preconditions) -> None:
        self._inference = inference
        self._preconditions = preconditions
        self._answers = preconditions.answers
        self._enclosing = preconditions.enclosing
        self._known = preconditions.known
        self._making = Making(inference)

    def through(self, needs: Needs, caller: Code, index: int, called: Code, written: Written | None) -> Needs | None:
        """The needs of a called function in terms of its caller; None where this call rules one of them out."""
        if not needs:
            return ()
        around = tuple(self._enclosing.of(caller, index))
        kept: dict[Need, None] = {}
        for need in needs:
            moved = self._moved(need, caller, called, written)
            if moved is None or any(self._is_ruled_out(each, around) for each in moved):
                return None
            for each in moved:
                if each.code is caller:
                    owned = self._preconditions.owned(caller, each, index)
                else:
                    owned = need if each is need else None
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
            (need.path == path and self._answers.of(need, called.receiver) is False)
            or (need.kind == "none" and self._has_method(called.receiver, need.path.removeprefix(f"{path}.")))
            for need in self._enclosing.of(code, index)
        )

    def _has_method(self, receiver: Value, name: str) -> bool:
        """Whether an object has a method: it is not what lacks it, ``if hasattr(writer, "flush"): … return``."""
        return any(isinstance(value, FunctionValue) for value in self._inference.classes.raw(receiver, name))

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
                if need.code is called and need.kind not in ir.ASKED
            )
        )

    def _is_unseen(self, need: Need, called: Code, written: Written) -> bool:
        root = need.path.partition(".")[0]
        given = called.scope.parameters[written.bound :] if written.call.starred else ()
        return any(each.name == root for each in given) and written.given(called, root) is None

    def _is_for_some_type(self, code: Code, index: int) -> bool:
        """Whether a branch around an operation asks for the type of what is no parameter as it was given."""
        block = code.block_of(index)
        return any(
            test.kind == "is" and self._preconditions.owned(code, Need(code, test.path, test.kind)) is None
            for each in code.around(block)
            if each.kind == "if"
            for test in each.tests
        )

    def _is_of_open_type(self, need: Need, called: Code, written: Written) -> bool:
        given = written.given(called, need.path)
        if given is None:
            return True
        own = [value for value in self._known.of(*given) if isinstance(value, Symbolic)]
        if own and not written.code.scope.is_async:
            return False
        if own and not any(value.path for value in own):
            values = union(*map(self._answers.declared, own)) or (UNKNOWN,)
        else:
            values = self._inference.values(*given)
        return not all(self._answers.of(need, value) for value in values)

    def _is_ruled_out(self, need: Need, around: Needs) -> bool:
        """Whether the conditions around a call contradict a need, and whatever would change what it speaks of."""
        classes = self._inference.classes
        return all(any(contradict(test, each, classes) for test in around) for each in (need, *need.unless))

    def _moved(self, need: Need, caller: Code, called: Code, written: Written | None) -> tuple[Need, ...] | None:
        """A need in terms of a caller: None where the call rules it out, nothing where that is met or unknown."""
        if need.code is not called:
            return (need,) if need.code is caller or need.code.encloses(caller) else ()
        return self._of_given(need, called, written) if written is not None else ()

    def _of_given(self, need: Need, called: Code, written: Written) -> tuple[Need, ...] | None:
        """A need in terms of what a call gives: None where that rules it out, nothing where it is met or unknown."""
        root, dot, rest = need.path.partition(".")
        if called.scope.name in AFTER:
            given, dot, rest = self._field(called, root, rest, written)
        else:
            given = written.given(called, root)
        if given is None:
            return ()
        code, index = given
        path = ir.path(code.scope.ops, index)
        moved = (at(need, code, path + dot + rest),) if path else ()
        if dot:
            without = self._has_no_such_entry if rest == ENTRY else self._is_made_otherwise
            if without(need, code, index, rest) or (
                path and self._is_set_otherwise(need, code, index, path + dot + rest)
            ):
                return None
            return moved
        values = self._told_by(need, code, index, path)
        left = [value for value in values if self._answers.of(need, value) is not False]
        if not left:
            return None
        if need.kind in ("none", "false") and all(value == UNKNOWN for value in values) and is_picked(code, index):
            return None
        if len(left) == 1 and isinstance(left[0], Symbolic):
            return (at(need, code, ".".join((left[0].name, *(step[1:] for step in left[0].path)))),)
        return moved

    def _told_by(self, need: Need, code: Code, index: int, path: str) -> Values:
        """What an operation is surely known to be; of a type that this says nothing of, what it is inferred to be."""
        made = self._preconditions.made_under(code, path, index) if "." in path else 0
        values = self._known.of(code, made or index)
        if need.kind in ("is", "is-not") and not _OF_NO_TYPE.isdisjoint(values):
            return self._inference.values(code, index)
        return values

    def _is_set_otherwise(self, need: Need, code: Code, index: int, path: str) -> bool:
        """Whether the function has put under a path what cannot meet a need, and nothing since."""
        put = self._preconditions.made_under(code, path, index)
        return bool(put) and all(self._answers.of(need, value) is False for value in self._known.lasting(code, put))

    def _has_no_such_entry(self, need: Need, code: Code, index: int, _: str) -> bool:
        """Whether an operation gives a table that is written out where it stands, no entry of which meets a need."""
        ops = code.scope.ops
        op = ops[index]
        if isinstance(op, ir.Name):
            bindings = code.scope.bindings.get(op.id, ())
            is_changed = any(store.item and ir.path(ops, store.target) == op.id for store in code.scope.stores)
            is_asked = any(ir.path(ops, each.value) == op.id for _, each in code.operations(ir.Attribute))
            op = ops[bindings[0].value] if len(bindings) == 1 and not is_changed and not is_asked else op
        entries = op.values if isinstance(op, ir.Mapping) else op.items if isinstance(op, ir.Display) else ()
        found = (value for entry in entries for value in (self._known.of(code, entry) if entry else (UNKNOWN,)))
        return bool(entries) and all(self._answers.of(need, value) is False for value in found)

    def _is_made_otherwise(self, need: Need, code: Code, index: int, name: str) -> bool:
        """Whether the object that an operation gives was made so that what it keeps for good cannot meet a need."""
        calls = self._making.of(code, index) if not need.unless else ()
        return bool(calls) and all(self._keeps_otherwise(need, made, name) for made in calls)

    def _keeps_otherwise(self, need: Need, made: Made, name: str) -> bool:
        kept = self._making.kept(made.cls, name)
        if kept is None:
            filled = self._making.filled(made, name)
            given = self._known.lasting(*filled) if filled is not None else (UNKNOWN,)
            return all(self._answers.of(need, each) is False for each in given)
        constructor, value = kept
        if all(self._answers.of(need, each) is False for each in self._known.lasting(constructor, value)):
            return True
        written = Written(made.code, made.call, True)
        asked = self._preconditions.needs_of(constructor, at(need, constructor, need.path), value)
        for function, call in ((constructor, written), *made.handed_on):
            moved = [self._of_given(each, function, call) for each in asked if each.code is function]
            if None in moved:
                return True
            asked = iter([each for needs in moved if needs is not None for each in needs])
        return False

    def _field(self, called: Code, root: str, path: str, written: Written) -> tuple[Place | None, str, str]:
        """What a call gives a field of the object that it makes, and what is asked of that."""
        name, dot, rest = path.partition(".")
        is_own = root == called.scope.parameters[0].name
        return self._making.field(written.code, written.call, name) if is_own and name else None, dot, rest


def _is_function(value: Value, code: Code) -> bool:
    return isinstance(value, (FunctionValue, Method)) and value.code is code
