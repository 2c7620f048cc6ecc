"""Classes of which a program makes no object, and that nothing names, but objects of the class they derive from."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.reach import steps

if TYPE_CHECKING:
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code
    from archwise.engine.reach import Reach


class Unmade:
    """Tells where a path leads through a method of such a class."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._known: dict[Code, bool] = {}

    def is_met(self, reach: Reach) -> bool:
        """Whether a path leads to an object of such a class, and does not begin in one."""
        begins = reach.path.code.owner
        own = set(self._inference.classes.order(begins)) if begins is not None else set()
        owners = [step.code.owner for step in steps(reach.path.next)]
        return any(owner is not None and owner not in own and self._is_unmade(owner) for owner in owners)

    def _is_unmade(self, cls: Code) -> bool:
        found = self._known.get(cls)
        if found is None:
            classes = self._inference.classes
            above = [base for base in classes.order(cls)[1:] if not isinstance(base, str)]
            made = any(base.scope.name in self._inference.program.called for base in above)
            kin = (cls, *classes.descendants(cls)) if made else ()
            found = self._known[cls] = made and not any(map(self._is_named, kin))
        return found

    def _is_named(self, cls: Code) -> bool:
        """Whether anything but its definition speaks of a class: a call, an import, a name, a text, a decorator."""
        name = cls.scope.name
        return bool(cls.scope.decorators) or name in self._inference.program.called or name in self._names

    @functools.cached_property
    def _names(self) -> frozenset[str]:
        """The names that are imported, read, asked of something, or that end a text, in the whole program."""
        found: set[str] = set()
        for code in self._inference.program.codes():
            found.update(op.name for _, op in code.operations(ir.Import))
            found.update(op.id for _, op in code.operations(ir.Name))
            found.update(op.name for _, op in code.operations(ir.Attribute))
            texts = (op.text for _, op in code.operations(ir.Constant) if op.kind == "str")
            found.update(text.strip("'\"").replace(":", ".").rpartition(".")[2] for text in texts)
        return frozenset(found)
