"""What happens at each operation of a function: code that runs, effects on the calling thread, callables handed on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.actions import Actions
from archwise.engine.arguments import Arguments
from archwise.engine.awaiting import Awaiting, Used, entered, streamed
from archwise.engine.call_events import CallEvents
from archwise.engine.constants import Constants
from archwise.engine.descriptors import bound
from archwise.engine.event import Alternatives, Event, Site
from archwise.engine.forks import in_child
from archwise.engine.values import Accessor, Instance, Self, Symbolic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code

_FORMATS = ("__format__", "__str__")
_ACTIVE = frozenset({ir.Call, ir.Attribute, ir.Element, ir.Enter, ir.Operation, ir.Await, ir.Item})


class Events:
    """Finds the events of functions."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self.constants = Constants(inference)
        self.actions = Actions(inference)
        self.calls = CallEvents(inference, self.actions)
        self.awaited = Awaiting(inference).of
        self._sites: dict[Code, tuple[Site, ...]] = {}

    def sites(self, code: Code) -> tuple[Site, ...]:
        """The operations of a function at which something happens, in source order."""
        found = self._sites.get(code)
        if found is None:
            found = self._sites[code] = tuple(self._find(code))
        return found

    def _find(self, code: Code) -> Iterator[Site]:
        used = Used(self.awaited(code), frozenset(streamed(code)), entered(code))
        idle = {number for number, block in enumerate(code.scope.blocks) if block.kind == "lazy"}
        idle |= self.constants.ruled_out(code) | in_child(self._inference, code)
        for index, op in enumerate(code.scope.ops):
            if type(op) not in _ACTIVE or (idle and getattr(op, "block", 0) in idle):
                continue
            if type(op) is ir.Call:
                alternatives = self.calls.of(code, index, op, used)
            elif type(op) is ir.Attribute:
                alternatives = self._read(code, op)
            else:
                alternatives = self._protocol(code, op)
            if any(alternatives):
                yield Site(index, alternatives, self._has_overrides(code, op, len(alternatives)))

    def _has_overrides(self, code: Code, op: ir.AnyOp, alternatives: int) -> bool:
        if not isinstance(op, ir.Call) or alternatives < 2:
            return False
        return self._inference.classes.are_overrides(self._inference.values(code, op.function))

    def _read(self, code: Code, op: ir.Attribute) -> Alternatives:
        if not self.actions.does_work(op.name):
            return ()
        return tuple(
            tuple(self.actions.property_read(value, op.name)) for value in self._inference.values(code, op.value)
        )

    def _protocol(self, code: Code, op: ir.AnyOp) -> Alternatives:
        if isinstance(op, ir.Element):
            values = self._inference.values(code, op.value)
            return tuple(tuple(self.actions.iterate(value, op.is_async)) for value in values)
        if isinstance(op, ir.Enter):
            values = self._inference.values(code, op.value)
            return self.calls.as_made(
                code, op.value, tuple(tuple(self.actions.enter(value, op.is_async)) for value in values)
            )
        if isinstance(op, ir.Operation):
            if op.method.endswith("="):
                return self._written(code, op)
            if op.method in ir.COMPARISONS:
                return self._compared(code, op)
            names: tuple[str, ...] = (op.method,)
            if op.method == "__format__":
                names = _FORMATS
            elif op.method == "__bool__":
                names = ("__bool__", "__len__")
            values = self._inference.values(code, op.value)
            return tuple(tuple(self.actions.method(value, names)) for value in values)
        if isinstance(op, ir.Await):
            return tuple(tuple(self.actions.wait_for(value)) for value in self._inference.values(code, op.value))
        if isinstance(op, ir.Item):
            values = self._inference.values(code, op.value)
            return tuple(tuple(self.actions.method(value, ("__getitem__",))) for value in values)
        return ()

    def _compared(self, code: Code, op: ir.Operation) -> Alternatives:
        """The events of comparing objects; a parameter is compared in too many places to ask its callers for it."""
        if not self.actions.does_work(op.method):
            return ()
        values = self._inference.values(code, op.value)
        return tuple(
            () if isinstance(value, Symbolic) else tuple(self.actions.method(value, (op.method,))) for value in values
        )

    def _written(self, code: Code, op: ir.Operation) -> Alternatives:
        """The events of ``value.name = …`` where the name is a property with a setter."""
        name = op.method[:-1]
        if not self.actions.does_work(name):
            return ()
        place = op.block, op.line, op.column, op.end_line
        given = Arguments.of(self._inference, code, ir.Call(op.value, (op.operand,), (), (), *place))
        alternatives = []
        for value in self._inference.values(code, op.value):
            found: list[Event] = []
            if isinstance(value, (Instance, Self)):
                for accessor in self._inference.classes.raw(value, name):
                    if isinstance(accessor, Accessor) and accessor.setter is not None:
                        for setter in bound(accessor.setter, value):
                            found.extend(self.actions.perform(setter, given))
            alternatives.append(tuple(found))
        return tuple(alternatives)
