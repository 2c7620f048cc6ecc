"""Methods whose name says which base class is meant, where nothing says what they are called on.

Plug-ins are loaded by names that are put together as the program runs: ``plugin.on_message(self, room)`` is a call of
what they have made of the base class's method.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.fitting import takes
from archwise.engine.values import UNKNOWN_VALUES, Instance, Method

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code


class NamedAlone:
    """Finds the calls that are of one base class's method for want of any other of the name."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._known: dict[tuple[Code, str], bool] = {}

    def is_for_one_base(self, code: Code) -> bool:
        """Whether all that the program calls so are this method, those it overrides and those that override it.

        A name of one word may be that of any library's method.
        """
        name, owner = code.scope.name, code.owner
        if owner is None or "_" not in name.strip("_") or name.startswith("_"):
            return False
        base = self._base(owner, name)
        found = self._known.get((base, name))
        if found is None:
            defining = self._inference.classes.definers(name)
            derived = {base, *self._inference.classes.descendants(base)}
            alone = len(defining) > 1 and derived.issuperset(defining) and name not in self._functions
            found = self._known[base, name] = alone and name not in self._inference.facts.methods
        return found

    def calls(self, code: Code, sites: Iterable[tuple[Code, int]]) -> Iterator[tuple[Code, ir.Call]]:
        """Of the calls by its name, those on what nothing is known of that give the method all it asks for."""
        method = Method(code, Instance(code.owner)) if code.owner is not None else None
        for caller, index in sites:
            op = caller.scope.ops[index]
            if not isinstance(op, ir.Call) or not isinstance(caller.scope.ops[op.function], ir.Attribute):
                continue
            unseen = self._inference.values(caller, op.function) == UNKNOWN_VALUES
            if unseen and len(op.arguments) > 1 and method is not None and takes(method, op):
                yield caller, op

    def _base(self, cls: Code, name: str) -> Code:
        """The uppermost class that a class derives from and that defines a name."""
        above = [each for each in self._inference.classes.order(cls) if not isinstance(each, str)]
        return [each for each in above if name in each.scope.bindings][-1]

    @functools.cached_property
    def _functions(self) -> frozenset[str]:
        """The names of functions that no class holds."""
        codes = self._inference.program.codes()
        return frozenset(code.scope.name for code in codes if code.scope.kind == "function" and code.owner is None)
