"""Which operations can lead to a query for each row, judged by names alone: only those are looked at closely.

What is left out leads to no read, whatever its operands are; what is not may still lead to none. Without it, most of
the time would go into functions that have nothing to do with rows.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from archwise.engine.orm.signs import ALWAYS, GIVEN, NEVER, REPEATED, Sign, Signs

if TYPE_CHECKING:
    from archwise.engine.orm.models import Models
    from archwise.engine.orm.spread import Key
    from archwise.engine.program import Code, Program


class Telling:
    """The operations of a program's functions that may lead to a query for each row."""

    def __init__(self, program: Program, models: Models, has_templates: bool) -> None:
        self._program = program
        self._signs = Signs(program, models, has_templates)
        self._operations: dict[Code, tuple[tuple[int, int], ...]] = {}

    def operations(self, code: Code) -> tuple[tuple[int, int], ...]:
        """The operations of a function that may, in order, each with where: see `signs`."""
        found = self._operations.get(code)
        if found is None:
            placed = ((sign.index, self._where(sign)) for sign in self._signs.of(code))
            found = self._operations[code] = tuple(each for each in placed if each[1] != NEVER)
        return found

    @property
    def serializers(self) -> frozenset[str]:
        """The names of the program's serializers."""
        return self._signs.serializers

    @property
    def schemas(self) -> frozenset[str]:
        """The names of the program's Pydantic models that hold others."""
        return self._signs.schemas

    def _where(self, sign: Sign) -> int:
        if sign.where == ALWAYS or not self._looping.isdisjoint(sign.runs):
            return ALWAYS
        if sign.where == REPEATED or not self._telling.isdisjoint(sign.runs):
            return REPEATED if sign.repeated else GIVEN
        return GIVEN if self._signs.has_managers and sign.runs else sign.where

    @functools.cached_property
    def _telling(self) -> frozenset[Key]:
        """How functions are reached that may send a query, whatever they are given."""
        return self._signs.spread.names(
            code for code in self._functions if any(sign.where <= REPEATED for sign in self._signs.of(code))
        )

    @functools.cached_property
    def _looping(self) -> frozenset[Key]:
        """How those are reached that may send one for each row of a loop of their own."""
        return self._signs.spread.names(code for code in self._functions if any(map(self._loops, self._signs.of(code))))

    def _loops(self, sign: Sign) -> bool:
        in_loop = sign.where == REPEATED or not self._telling.isdisjoint(sign.runs)
        return sign.where == ALWAYS or (sign.repeated and in_loop)

    @functools.cached_property
    def _functions(self) -> tuple[Code, ...]:
        return tuple(
            code
            for code in self._program.codes()
            if code.scope.kind in ("function", "lambda") and not code.module.is_test
        )
