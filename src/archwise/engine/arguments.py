"""The arguments of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine.values import NOTHING, Partial, Values, union

if TYPE_CHECKING:
    from archwise.engine import ir
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
        return cls((), (), op.starred, (inference, code, op))

    @property
    def written(self) -> tuple[Code, ir.Call] | None:
        """Where the call stands in the program, if it does."""
        return self._given[1:] if self._given is not None else None

    @property
    def positional(self) -> tuple[Values, ...]:
        """The arguments given by position."""
        if self._positional is None and self._given is not None:
            inference, code, op = self._given
            self._positional = tuple([inference.values(code, argument) for argument in op.arguments])
        return self._positional or ()

    @property
    def keywords(self) -> tuple[tuple[str, Values], ...]:
        """The arguments given by name."""
        if self._keywords is None and self._given is not None:
            inference, code, op = self._given
            self._keywords = tuple([(name, inference.values(code, value)) for name, value in op.keywords])
        return self._keywords or ()

    def of_parameter(self, position: int, parameter: ir.Parameter) -> Values:
        """What a parameter is given; nothing where it is not seen."""
        if self._given is None:
            if 0 <= position < len(self.positional) and parameter.kind == "positional":
                return self.positional[position]
            return next((values for name, values in self.keywords if name == parameter.name), NOTHING)
        inference, code, op = self._given
        if 0 <= position < len(op.arguments) and parameter.kind == "positional":
            return inference.values(code, op.arguments[position])
        return next((inference.values(code, value) for name, value in op.keywords if name == parameter.name), NOTHING)

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
