"""The choices that Django's forms offer: a field of rows shows the text of each, whichever the user takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.contexts import is_test
from archwise.engine.orm.domain import Object, Query, Row
from archwise.engine.orm.listings import Listing
from archwise.engine.orm.rows import rows_of
from archwise.engine.values import ClassValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.orm.evaluator import Evaluator
    from archwise.engine.orm.frames import Frame
    from archwise.engine.orm.reads import Read, Reads
    from archwise.engine.program import Code

_FIELDS = ("ModelChoiceField", "ModelMultipleChoiceField")
_WIDGETS = frozenset({"Select", "SelectMultiple", "RadioSelect", "CheckboxSelectMultiple"})
"""Widgets that render every choice; others ask for the few that match, or hide the field."""


class Choices:
    """Finds the fields of forms that offer rows."""

    def __init__(self, evaluator: Evaluator, reads: Reads) -> None:
        self._evaluator = evaluator
        self._reads = reads

    def find(self) -> Iterator[Listing]:
        """Each field that reads relations of the rows that it offers."""
        own = {cls.scope.name for cls in self._evaluator.inference.program.classes if _is_field(cls)}
        for module in self._evaluator.inference.program.modules.values():
            for name in module.summary.called if not module.is_test else ():
                if name.endswith("Field") or name in own:
                    for code, index in module.calls(name):
                        op = code.scope.ops[index]
                        if code.scope.kind == "class" and isinstance(op, ir.Call) and not is_test(code):
                            yield from self._of_field(code, index, op)

    def _of_field(self, form: Code, index: int, op: ir.Call) -> Iterator[Listing]:
        field = self._kind(form, op)
        rows = op.argument("queryset", 0)
        if field is None or not rows or not _renders_all(form, op.argument("widget")) or self._is_changed(form, index):
            return
        frame = self._evaluator.frame(form)
        reads: list[Read] = []
        for query in self._evaluator.value(frame, rows):
            if not isinstance(query, Query) or query.open:
                continue
            offered = msgspec.structs.replace(query, guessed=True)  # a form may be made, and never shown
            for row in rows_of(offered, (form, index)):
                if isinstance(row, Row):
                    reads.extend(self._shown(frame, index, field, row))
        if reads:
            yield Listing(form.name, form, tuple(reads))

    def _kind(self, form: Code, op: ir.Call) -> ClassValue | str | None:
        """The field's class where it is the program's own, its name where it is Django's; None where it is neither."""
        name = ir.identifier(form.scope.ops[op.function])
        if name in _FIELDS:
            return name
        for value in self._evaluator.inference.values(form, op.function):
            if isinstance(value, ClassValue) and any(
                base.rpartition(".")[2] in _FIELDS
                for base in self._evaluator.inference.classes.external_bases(value.code)
            ):
                return value
        return None

    def _shown(self, frame: Frame, index: int, field: ClassValue | str, row: Row) -> Iterator[Read]:
        """The reads of one choice's text."""
        method = self._evaluator.method(field.code, "label_from_instance") if isinstance(field, ClassValue) else None
        if method is None:
            yield from self._reads.shown(frame, index, (row,))
            return
        names = [parameter.name for parameter in method[0].scope.parameters[:2]]
        if len(names) == 2 and isinstance(field, ClassValue):
            given = ((names[0], (Object(field.code),)), (names[1], (row,)))
            inner = self._evaluator.frame(method[0], given, None, frame)
            yield from self._reads.below(frame, index, inner)
            yield from self._reads.shown(frame, index, self._evaluator.returned(inner))

    def _is_changed(self, form: Code, index: int) -> bool:
        """Whether the form gives a field another queryset, or other choices, when it is made."""
        names = {name for name, bindings in form.scope.bindings.items() if bindings[-1].value == index}
        return any(
            isinstance(op, ir.Constant) and op.text in names
            for method in self._evaluator.inference.classes.methods(form)
            if method.scope.name == "__init__"
            for op in method.scope.ops
        )


def _is_field(cls: Code) -> bool:
    """Whether a class derives from a field of rows, judged by names."""
    ops = cls.parent.scope.ops if cls.parent is not None else ()
    return any(ir.identifier(ops[base]) in _FIELDS for base in cls.scope.bases)


def _renders_all(form: Code, widget: int) -> bool:
    op = form.scope.ops[widget]
    name = ir.identifier(form.scope.ops[op.function]) if isinstance(op, ir.Call) else ir.identifier(op)
    return not widget or name in _WIDGETS
