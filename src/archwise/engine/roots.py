"""Where control enters a program: the functions frameworks call, and how."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from archwise.engine.conventions import Conventions
from archwise.engine.own_loops import OwnLoops
from archwise.engine.registrations import Registrations
from archwise.engine.root import Root
from archwise.engine.values import External, functions_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine import ir
    from archwise.engine.fallback import Fallback
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code
    from archwise.engine.projectfiles import ProjectFiles


class Roots:
    """Finds roots."""

    def __init__(self, inference: Inference, fallback: Fallback, beside: ProjectFiles) -> None:
        self._inference = inference
        self._conventions = Conventions(inference)
        self._told = Registrations(inference, fallback, beside, self._conventions)
        self.own_loops = OwnLoops(inference, fallback)

    def find(self) -> tuple[Root, ...]:
        """All roots, each function once, in the order of the program."""
        found: dict[Code, Root] = {}
        for root in self.registrations:
            found.setdefault(root.code, root)
        return tuple(found.values())

    @functools.cached_property
    def registrations(self) -> tuple[Root, ...]:
        """All roots, a function as often as a framework is told of it."""
        return (
            *self._told.decorated(),
            *self._told.handed(),
            *self._conventions.derived(),
            *self._conventions.defined(),
            *self._dependencies(),
            *self.own_loops.roots(),
        )

    def _dependencies(self) -> Iterator[Root]:
        facts = self._inference.facts
        injectors = {
            name.rpartition(".")[2] for name, (function, _) in facts.functions.items() if function.returns == "arg0()"
        }
        for code, index, op in self._inference.program.calls(*sorted(injectors)):
            if op.arguments and self._is_injector(code, op):
                for target in functions_of(self._inference.values(code, op.arguments[0])):
                    label = f"dependency {target.name}"
                    yield Root(target, "dependency", "thread", label, place=code, op=index)

    def _is_injector(self, code: Code, op: ir.Call) -> bool:
        facts = self._inference.facts
        for value in self._inference.values(code, op.function):
            if isinstance(value, External):
                function = facts.functions.get(facts.canonical(value.name))
                if function is not None and function[0].returns == "arg0()":
                    return True
        return False
