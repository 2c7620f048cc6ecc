"""Values as type expressions of a knowledge file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine.values import (
    Awaitable,
    ExternalInstance,
    Instance,
    ItemsOf,
    MappingOf,
    Self,
    Value,
    Values,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.derive.naming import Naming
    from archwise.engine.analysis import Analysis
    from archwise.engine.program import Code

_MOST_ALTERNATIVES = 2


class Types:
    """Says what values are, by names that can be imported."""

    def __init__(self, analysis: Analysis, naming: Naming) -> None:
        self._analysis = analysis
        self._naming = naming

    def given(self, code: Code, called: Value) -> str:
        """What calling a function gives; for a coroutine function, what awaiting it does."""
        if code.scope.is_generator or "opaque" in self._analysis.inference.decorators.kinds(code):
            return ""
        found = self._analysis.inference.calls.plain_result((called,))
        if is_coroutine_function(code):
            found = tuple(each for value in found if isinstance(value, Awaitable) for each in value.result)
        return self.text(found)

    def bases(self, cls: Code) -> Iterator[str]:
        """The classes, nearest first, whose members a class has too: the library's and those that facts speak of."""
        for base in self._analysis.inference.classes.order(cls)[1:]:
            name = base if isinstance(base, str) else next(iter(self._naming.of(base)), "")
            if name and (not isinstance(base, str) or self._analysis.facts.class_(base) is not None):
                yield name

    def text(self, values: Values) -> str:
        """The type expression; empty where too many say something, or none does."""
        texts = list(dict.fromkeys(filter(None, map(self._one, values))))
        return " | ".join(texts) if len(texts) <= _MOST_ALTERNATIVES else ""

    def _one(self, value: Value) -> str:
        if isinstance(value, Self):
            return "self"
        if isinstance(value, Instance):
            return next(iter(self._naming.of(value.code)), "")
        if isinstance(value, ExternalInstance):
            known = self._analysis.facts.class_(value.name) is not None and not value.name.startswith("builtins.")
            return value.name if known else ""
        if isinstance(value, ItemsOf):
            return _around("list[{}]", self.text(value.items))
        if isinstance(value, MappingOf):
            return _around("dict[str, {}]", self.text(value.items))
        if isinstance(value, Awaitable):
            return _around("Awaitable[{}]", self.text(value.result))
        return ""


def is_coroutine_function(code: Code) -> bool:
    """Whether calling a function only makes a coroutine, whatever decorators would make of it."""
    return code.scope.is_async and not code.scope.is_generator and not code.scope.decorators


def _around(form: str, inner: str) -> str:
    return form.format(inner) if inner else ""
