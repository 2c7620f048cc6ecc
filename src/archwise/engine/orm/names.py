"""What names hold: rows and querysets that a function binds, is given, or puts into containers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.names import reaching
from archwise.engine.orm.domain import NOTHING, Alternatives, Items, Row, Table, union
from archwise.engine.orm.iteration import single
from archwise.engine.orm.translated import translated
from archwise.engine.templates.ops import Variable
from archwise.engine.values import is_known

if TYPE_CHECKING:
    from archwise.engine.orm.evaluator import Evaluator
    from archwise.engine.orm.frames import Frame
    from archwise.engine.program import Code, Module


SOLVED, PARAMETER, OF_MODULE, GIVEN, NOWHERE = 0, -1, -2, -3, -4
"""What else than one operation a value may come from: more of them, a parameter, a name of the module, the caller."""


class _Puts:
    """What is put into one container: by key, by ``update``, and, in loops, by ``append`` and ``add``.

    ``keys`` are those that it is put under, ``grouped`` what is added to a list under a key.
    """

    __slots__ = ("added", "grouped", "keys", "stored", "updates")

    def __init__(self) -> None:
        self.stored: list[tuple[str, int]] = []
        self.updates: list[ir.Call] = []
        self.added: list[int] = []
        self.grouped: list[int] = []
        self.keys: list[int] = []


class Names:
    """Evaluates names."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._puts: dict[Code, dict[str, _Puts]] = {}
        self._declarations: dict[tuple[Code, str], Alternatives] = {}
        self._globals: dict[tuple[Module, str], Alternatives] = {}

    def source(self, code: Code, index: int, is_evaluated: bool) -> int:
        """The operation that an operation has its value from, or what else.

        Most names have it all from one place, and so are in no circle that is to be solved.
        """
        op = code.scope.ops[index]
        if isinstance(op, ir.Name) and index:
            return self._source(code, op.id, index)
        return GIVEN if isinstance(op, Variable) else SOLVED if is_evaluated and index else NOWHERE

    def _source(self, code: Code, name: str, index: int) -> int:
        """The operation that alone binds a name before it is read at another, or what else it has its value from."""
        scope = code.scope
        bindings = scope.bindings.get(name, ()) if name not in scope.globals else ()
        for parameter in scope.parameters:
            if parameter.name == name:
                return PARAMETER if not bindings and parameter.kind != "kwargs" else SOLVED
        if bindings:
            bound = bindings[0]
            is_before = len(bindings) == 1 and bound.order <= index
            is_plain = is_before and not bound.annotation and name not in self._puts_of(code)
            return (bound.value or NOWHERE) if is_plain else SOLVED
        return OF_MODULE if code.parent is None or code.parent.parent is None else SOLVED

    def at_once(self, frame: Frame, index: int, source: int) -> Alternatives:
        """What a name, or a template's variable, has from no operation of its own function."""
        op = frame.code.scope.ops[index]
        if isinstance(op, ir.Name):
            return self.parameter(frame, op.id) if source == PARAMETER else self.of_module(frame.code, op.id)
        return frame.given.get(op.name, NOTHING) if isinstance(op, Variable) else NOTHING

    def read(self, frame: Frame, name: str, block: int, order: int) -> Alternatives:
        """What a name may be where it is read."""
        code = frame.code
        bindings = code.scope.bindings.get(name)
        if bindings and name not in code.scope.globals:
            found, complete = reaching(code.scope, name, block, order)
            found = tuple(each for each in found if each.order <= order and _follows_path(code, each, name)) or found
            values = union(*(self._bound(frame, binding, name) for binding in found))
            return values if complete else union(self.parameter(frame, name), values)
        for parameter in code.scope.parameters:
            if parameter.name == name:
                return self.rest(frame, name) if parameter.kind == "kwargs" else self.parameter(frame, name)
        if code.parent is not None and code.parent.parent is not None:
            outer = frame.outer or self._evaluator.frame(code.parent)
            if outer.code.scope.kind != "class":
                return self.read(outer, name, 0, len(outer.code.scope.ops))
        return self.of_module(code, name)

    def _bound(self, frame: Frame, binding: ir.Binding, name: str) -> Alternatives:
        found = self._evaluator.value(frame, binding.value)
        if not found and binding.annotation:
            return translated(
                self._evaluator, self._evaluator.inference.annotations.values(frame.code, binding.annotation)
            )
        if found and isinstance(found[0], (Items, Table)) and name in self._puts_of(frame.code):
            return self._evaluator.contents(frame, binding.value, name)
        return found

    def filled(self, frame: Frame, index: int, name: str) -> Alternatives:
        """The container that an operation makes, with what its function puts into it under a name."""
        found = self._evaluator.value(frame, index)
        puts = self._puts_of(frame.code)[name]
        first = found[0] if found else None
        if isinstance(first, Table):
            return (self._with_keys(frame, puts, first),)
        return self._with_items(frame, puts, first) if isinstance(first, Items) and not first.items else found

    def _with_keys(self, frame: Frame, puts: _Puts, table: Table) -> Table:
        """A dict with what is put into it: ``name[key] = value``, ``name.update(…)``."""
        named = dict(table.named)
        groups = [table.items]
        for key, index in puts.stored:
            value = self._evaluator.value(frame, index)
            named[key] = union(named.get(key, NOTHING), value)
            groups.append(tuple(map(single, value)))
        for op in puts.updates:
            for argument in op.arguments[:1]:
                for other in self._evaluator.value(frame, argument):
                    named.update(other.named if isinstance(other, Table) else ())
            named.update((key, self._evaluator.value(frame, value)) for key, value in op.keywords)
        if not table.items and len(groups) == 1:
            groups += [found.items for found in self._with_items(frame, puts, table) if isinstance(found, Table)]
        if puts.grouped:
            items = union(*(tuple(map(single, self._evaluator.value(frame, index))) for index in puts.grouped))
            groups.append((Items(items),))
        keys = union(table.keys, *(self.key(frame, index) for index in puts.keys))
        return Table(union(*groups), tuple(named.items()), keys)

    def key(self, frame: Frame, index: int) -> Alternatives:
        """What something is put under in a dict, where it is a row."""
        return tuple(single(each) for each in self._evaluator.value(frame, index) if isinstance(each, Row))

    def _with_items(self, frame: Frame, puts: _Puts, empty: Items | Table) -> Alternatives:
        """A list that starts empty, with what is put into it."""
        items = union(*(tuple(map(single, self._evaluator.value(frame, index))) for index in puts.added))
        return (msgspec.structs.replace(empty, items=items),) if items else (empty,)

    def rest(self, frame: Frame, name: str) -> Alternatives:
        """What a function puts into its ``**kwargs``, whoever gives it more."""
        puts = self._puts_of(frame.code).get(name)
        given = frame.given.get(name, NOTHING)
        table = next((each for each in given if isinstance(each, Table)), Table(NOTHING))
        return (self._with_keys(frame, puts, table),) if puts is not None else given

    def _puts_of(self, code: Code) -> dict[str, _Puts]:
        found = self._puts.get(code)
        if found is None:
            found = self._puts[code] = _puts(code)
        return found

    def of_module(self, code: Code, name: str) -> Alternatives:
        """What a module's name may be."""
        key = code.module, name
        found = self._globals.get(key)
        if found is None:
            values = self._evaluator.inference.names.of_module(code.module, name)
            found = translated(self._evaluator, values)
            if not found and not is_known(values):
                bindings = code.module.code.scope.bindings.get(name, ())
                if len(bindings) == 1:
                    return self._evaluator.value(self._evaluator.frame(code.module.code), bindings[0].value)
            self._globals[key] = found
        return found

    def parameter(self, frame: Frame, name: str) -> Alternatives:
        """What a parameter was given, or else is declared to be."""
        return frame.given[name] if name in frame.given else self._declared(frame.code, name)

    def _declared(self, code: Code, name: str) -> Alternatives:
        """What a parameter is declared to be."""
        key = code, name
        found = self._declarations.get(key)
        if found is None:
            found = NOTHING
            for parameter in code.scope.parameters:
                if parameter.name == name and parameter.kind not in ("args", "kwargs"):
                    inference, parent = self._evaluator.inference, code.parent
                    found = translated(self._evaluator, inference.parameters.of(code, parameter))
                    if not found and parameter.annotation and parent is not None:  # whatever else it may be given
                        found = translated(self._evaluator, inference.annotations.values(parent, parameter.annotation))
                    break
            self._declarations[key] = found
        return found


def _puts(code: Code) -> dict[str, _Puts]:
    """What a function puts into containers, by the container's name."""
    scope = code.scope
    found: dict[str, _Puts] = {}
    for store in scope.stores:
        holder = scope.ops[store.target]
        if store.item and isinstance(holder, ir.Name):
            found.setdefault(holder.id, _Puts()).stored.append((store.name, store.value))
    for index, each in code.operations(ir.Operation):
        holder = scope.ops[each.value]
        if each.method == "__setitem__" and isinstance(holder, ir.Name) and each.value < index - 1:
            found.setdefault(holder.id, _Puts()).keys.append(index - 1)  # the key comes last before it is put
    for _, op in code.operations(ir.Call):
        function = scope.ops[op.function]
        if not isinstance(function, ir.Attribute):
            continue
        holder, key = _grouped(code, function.value)
        if not isinstance(holder, ir.Name):
            continue
        if function.name == "update" and not key:
            found.setdefault(holder.id, _Puts()).updates.append(op)
        elif function.name in ("append", "add") and op.arguments and repeats(code, op.block):
            puts = found.setdefault(holder.id, _Puts())
            (puts.grouped if key else puts.added).append(op.arguments[0])
            puts.keys += [key] if key else []
    return found


def _grouped(code: Code, index: int) -> tuple[ir.AnyOp, int]:
    """The dict and the key of a list in it, ``groups[key]`` or ``groups.setdefault(key, [])``; else the thing."""
    op = code.scope.ops[index]
    if isinstance(op, ir.Item):
        return code.scope.ops[op.value], op.key
    function = code.scope.ops[op.function] if isinstance(op, ir.Call) else None
    if (
        isinstance(op, ir.Call)
        and isinstance(function, ir.Attribute)
        and function.name == "setdefault"
        and op.arguments
    ):
        return code.scope.ops[function.value], op.arguments[0]
    return op, 0


def is_repeated(code: Code, index: int) -> bool:
    """Whether an operation may run more than once in one call of its function."""
    return repeats(code, code.block_of(index))


def repeats(code: Code, block: int) -> bool:
    """Whether a block may run more than once in one call of its function."""
    return any(each.kind in ("loop", "lazy", "search") for each in code.around(block))


def _follows_path(code: Code, binding: ir.Binding, name: str) -> bool:
    """Whether a name is bound to an attribute of itself: a loop follows a path of one step at least, from a row on."""
    ops = code.scope.ops
    op = ops[binding.value]
    if not isinstance(op, ir.Call) or ir.identifier(ops[op.function]) != "getattr" or not op.arguments:
        return False
    return ir.path(ops, op.arguments[0]) == name
