"""What frameworks are told to make objects of the program's classes with: middleware, Tornado's handlers."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.values import ClassValue, Literal, MappingOf, Symbolic, Values, is_known, under

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code


class Handed:
    """Finds what stands beside a class where a framework is given it."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference

    def given(self, cls: Code, name: str, position: int) -> Iterator[Values]:
        """What a constructor's parameter is given behind the class: ``add_middleware(Cached, cache=Redis())``."""
        for code, op in self._given_classes.get(cls, ()):
            value = dict(op.keywords).get(name)
            if value is None and position < len(op.arguments):
                value = op.arguments[position]
            if value is not None:
                yield _closed(self._inference.values(code, value))

    def beside(self, cls: Code, name: str) -> Iterator[Values]:
        """What Tornado gives a parameter of ``initialize``: ``(r"/", Handler, {"store": store})``."""
        for handler in (cls, *self._inference.classes.descendants(cls)):
            for code, index in self._followed_classes.get(handler, ()):
                for value in self._inference.values(code, index):
                    if isinstance(value, MappingOf):
                        found = _closed(under(value, (Literal("str", name),)))
                        if is_known(found):
                            yield found

    @functools.cached_property
    def _given_classes(self) -> dict[Code, list[tuple[Code, ir.Call]]]:
        """The calls that hand a class to ``partial`` or a framework, to make objects of it with what stands behind."""
        handlers = (handler for handler in self._inference.facts.handlers if handler.methods and handler.argument == 0)
        found: dict[Code, list[tuple[Code, ir.Call]]] = {}
        names = {name.rpartition(".")[2] for handler in handlers for name in handler.calls}
        for code, _, op in self._inference.program.calls(*sorted({"partial", *names})):
            if op.arguments and len(op.given) > 1:
                for cls in self._classes(code, op.arguments[0]):
                    found.setdefault(cls, []).append((code, op))
        return found

    @functools.cached_property
    def _followed_classes(self) -> dict[Code, list[tuple[Code, int]]]:
        """The classes that stand before something else in a tuple or as a call's second argument, and what that is."""
        found: dict[Code, list[tuple[Code, int]]] = {}
        for code in self._inference.program.codes():
            for index, after in _pairs(code.scope.ops):
                for cls in self._classes(code, index):
                    found.setdefault(cls, []).append((code, after))
        return found

    def _classes(self, code: Code, index: int) -> Iterator[Code]:
        if isinstance(code.scope.ops[index], (ir.Name, ir.Attribute)):
            for value in self._inference.values(code, index):
                if isinstance(value, ClassValue):
                    yield value.code


def _pairs(ops: tuple[ir.AnyOp, ...]) -> Iterator[tuple[int, int]]:
    """The second and third entry of each tuple of three or four, and of each call with as many arguments."""
    for op in ops:
        if isinstance(op, ir.Display) and op.kind == "tuple" and len(op.items) in (3, 4):
            yield op.items[1], op.items[2]
        elif isinstance(op, ir.Call) and len(op.arguments) in (2, 3, 4):
            third = op.arguments[2] if len(op.arguments) > 2 else dict(op.keywords).get("kwargs")
            if third is not None:
                yield op.arguments[1], third


def _closed(values: Values) -> Values:
    return tuple(value for value in values if not isinstance(value, Symbolic))
