"""Functions that a framework finds by itself: methods of classes derived from its own, functions of a certain name."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.known_as import ancestry
from archwise.engine.root import Root
from archwise.engine.values import functions_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code
    from archwise.knowledge.schema import Handler


class Conventions:
    """Finds what frameworks find by themselves."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        facts = inference.facts
        self._bases = [(facts.canonical(base), handler) for handler in facts.handlers for base in handler.bases]

    def derived(self) -> Iterator[Root]:
        """Methods of classes that derive from a framework's."""
        if not self._bases:
            return
        classes = self._inference.classes
        for code in self._inference.program.codes():
            if code.scope.kind != "class" or not code.scope.bases:
                continue
            bases = {name for base in classes.external_bases(code) for name in ancestry(self._inference.facts, base)}
            for base, handler in self._bases:
                if base in bases:
                    yield from self.methods(code, handler, base)

    def defined(self) -> Iterator[Root]:
        """Functions of modules that a framework looks up by name when it loads them: ``setup(bot)``."""
        wanted = {form: handler for handler in self._inference.facts.handlers for form in handler.defines}
        names = {form.partition("(")[0] for form in wanted}
        for code in self._inference.program.codes() if wanted else ():
            scope = code.scope
            if scope.name in names and scope.kind == "function" and code.parent is code.module.code:
                handler = wanted.get(f"{scope.name}({', '.join(each.name for each in scope.parameters)})")
                if handler is not None:
                    yield Root(code, handler.role, handler.sync, f"{handler.role} {code.name}", handler)

    def methods(self, cls: Code, handler: Handler, base: str) -> Iterator[Root]:
        """The methods of a class that the framework calls by their names, those of its bases among them."""
        for entry in self._inference.classes.order(cls):
            if not isinstance(entry, str):
                yield from self.functions(entry, handler, base, cls)

    def functions(self, code: Code, handler: Handler, base: str, place: Code | None = None) -> Iterator[Root]:
        """The functions of a class or module that the framework calls by their names."""
        for name in code.scope.bindings:
            if any(fnmatch.fnmatchcase(name, pattern) for pattern in handler.methods):
                for target in functions_of(self._inference.names.read(code, name, 0, len(code.scope.ops))):
                    if target.scope.is_async or place is None or not self._replaces(place):
                        label = f"{handler.role} {target.name}"
                        yield Root(target, handler.role, handler.sync, label, handler, base, place)

    def _replaces(self, cls: Code) -> bool:
        """Whether objects of a class put something made of their own methods in the place of whichever is called.

        ``setattr(self, name, wrapped(getattr(self, name)))``: what then runs, and where, is not seen.
        """
        order = self._inference.classes.order(cls)
        for teller, _, call in self._inference.program.calls("setattr"):
            if teller.owner in order and len(call.arguments) == 3:
                holder, name, _ = call.arguments
                is_named = isinstance(teller.scope.ops[name], ir.Constant)
                if not is_named and self._inference.classes.is_receiver(teller, holder) and _calls(teller, "getattr"):
                    return True
        return False


def _calls(code: Code, name: str) -> bool:
    return any(ir.identifier(code.scope.ops[call.function]) == name for _, call in code.operations(ir.Call))
