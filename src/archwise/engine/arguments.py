"""The arguments of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.steps import extended
from archwise.engine.values import NOTHING, UNKNOWN_VALUES, MappingOf, Partial, Symbolic, TupleOf, Values, union

if TYPE_CHECKING:
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code


class Arguments:
    """The arguments of a call, evaluated when they are first asked for."""

    __slots__ = ("_given", "_keywords", "_positional", "starred")

    def __init__(
        self,
        positional: tuple[Values, ...] = (),
        keywords: tuple[tuple[str, Values], ...] = (),
        starred: bool = False,
        given: tuple[Inference, Code, ir.Call] | None = None,
    ) -> None:
        self.starred = starred
        self._given = given
        self._positional: tuple[Values, ...] | None = positional if given is None else None
        self._keywords: tuple[tuple[str, Values], ...] | None = keywords if given is None else None

    @classmethod
    def of(cls, inference: Inference, code: Code, op: ir.Call) -> Arguments:
        """Those of a call that stands in the program."""
        return cls((), (), bool(op.starred), (inference, code, op))

    @property
    def written(self) -> tuple[Code, ir.Call] | None:
        """Where the call stands in the program, if it does."""
        return self._given[1:] if self._given is not None else None

    @property
    def positional(self) -> tuple[Values, ...]:
        """The arguments given by position."""
        if self._positional is None and self._given is not None:
            inference, code, op = self._given
            found = [inference.values(code, argument) for argument in op.arguments]
            for index in op.starred:
                found += self._written_out(inference, code, index)
            self._positional = tuple(found)
        return self._positional or ()

    def _written_out(self, inference: Inference, code: Code, index: int) -> tuple[Values, ...]:
        """What ``*value`` gives where that is a tuple written out, or one of several as long, less empty ones."""
        op = code.scope.ops[index]
        given = inference.values(code, op.value) if isinstance(op, ir.Element) else NOTHING
        written = [value.items for value in given if isinstance(value, TupleOf) and value.items]
        if len({len(items) for items in written}) != 1:
            return ()
        unclear = any(not isinstance(value, TupleOf) for value in given)
        return tuple(union(*some, UNKNOWN_VALUES if unclear else ()) for some in zip(*written, strict=True))

    @property
    def spread(self) -> Values:
        """What any of the arguments given as ``*value`` may be."""
        if self._given is None:
            return NOTHING
        inference, code, op = self._given
        elements = [index for index in op.starred if isinstance(code.scope.ops[index], ir.Element)]
        return union(*(inference.values(code, index) for index in elements))

    @property
    def keywords(self) -> tuple[tuple[str, Values], ...]:
        """The arguments given by name."""
        if self._keywords is None and self._given is not None:
            inference, code, op = self._given
            found = [(name, inference.values(code, value)) for name, value in op.keywords]
            for index in op.starred:
                for value in inference.values(code, index):
                    found += value.named if isinstance(value, MappingOf) else ()
            self._keywords = tuple(found)
        return self._keywords or ()

    @property
    def handed_on(self) -> Values:
        """The ``**kwargs`` of the calling function, where it hands them on."""
        if self._given is None:
            return NOTHING
        inference, code, op = self._given
        return union(*(inference.parameters.keywords(code, index) for index in op.starred))

    def of_parameter(self, position: int, parameter: ir.Parameter) -> Values:
        """What a parameter is given; nothing where it is not seen."""
        if self._given is None:
            if 0 <= position < len(self.positional) and parameter.kind == "positional":
                return self.positional[position]
            return next((values for name, values in self.keywords if name == parameter.name), NOTHING)
        inference, code, op = self._given
        if 0 <= position < len(op.arguments) and parameter.kind == "positional":
            return inference.values(code, op.arguments[position])
        for name, value in op.keywords:
            if name == parameter.name:
                return inference.values(code, value)
        return self._unpacked(position, parameter) if op.starred else NOTHING

    def _unpacked(self, position: int, parameter: ir.Parameter) -> Values:
        """What a parameter is given by ``*value`` or ``**value``."""
        if 0 <= position < len(self.positional) and parameter.kind == "positional":
            return self.positional[position]
        found = next((values for name, values in self.keywords if name == parameter.name), NOTHING)
        return found or self._handed_on(position, parameter)

    def _handed_on(self, position: int, parameter: ir.Parameter) -> Values:
        """What a parameter is given where the calling function hands on its own ``*args`` and ``**kwargs``."""
        if self._given is None:
            return NOTHING
        inference, code, op = self._given
        found = [inference.parameters.keyword(code, index, parameter.name) for index in op.starred]
        given = code.scope.ops[op.starred[0]]
        if isinstance(given, ir.Element) and parameter.kind == "positional" and position >= len(op.arguments):
            for value in inference.values(code, given.value):
                if isinstance(value, Symbolic) and value.name == "*" and not value.path:
                    found.append(extended(value, f"[{position - len(op.arguments)}]"))
        return union(*found)

    def at(self, position: int | str, keyword: str | None = None) -> Values:
        """The argument at a position or under a keyword, all of them at ``*``; nothing where it is not given."""
        if position == "*":
            return union(*self.positional)
        if isinstance(position, int) and position < len(self.positional):
            return self.positional[position]
        wanted = position if isinstance(position, str) else keyword
        return next((values for name, values in self.keywords if name == wanted), NOTHING)


def merged(value: Partial, arguments: Arguments) -> Arguments:
    """A partial's arguments and those of its call."""
    keywords = {**dict(value.keywords), **dict(arguments.keywords)}
    return Arguments((*value.arguments, *arguments.positional), tuple(keywords.items()), arguments.starred)
