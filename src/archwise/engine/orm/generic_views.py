"""What the methods and attributes that generic views bring give: the queryset that a class names, its object."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from archwise.engine import ir
from archwise.engine.orm.domain import NOTHING, Alternatives, Model, Object, Query, union
from archwise.engine.orm.rows import rows_of
from archwise.engine.values import ClassValue

if TYPE_CHECKING:
    from archwise.engine.orm.domain import Place
    from archwise.engine.orm.evaluator import Evaluator
    from archwise.engine.orm.frames import Frame
    from archwise.engine.program import Code
    from archwise.engine.values import Value

_SERIALIZER = "rest_framework.serializers.BaseSerializer"


class GenericViews:
    """Evaluates what generic views give."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator

    def of_view(self, frame: Frame, view: Object, name: str) -> Alternatives:
        """What the methods and attributes that generic views bring give."""
        evaluator = self._evaluator
        if name in ("get_queryset", "object_list"):
            own = evaluator.method(view.cls, "get_queryset")
            if own is not None and name != "get_queryset":
                return evaluator.returned(evaluator.attributes.within(own[0], view, None))
            return self.declared(frame, view)
        if name in ("get_object", "object"):
            rows: list[Alternatives] = []
            own = evaluator.method(view.cls, "get_queryset")
            queries = (
                evaluator.returned(evaluator.attributes.within(own[0], view, None))
                if own is not None
                else self.declared(frame, view)
            )
            rows.extend(rows_of(query, None) for query in queries if isinstance(query, Query))
            return union(*rows)
        return NOTHING

    def declared(self, frame: Frame, view: Object) -> Alternatives:
        """The queryset that a view keeps or its class names, or the one of the model that it names."""
        kept = self._evaluator.attributes.stored(view, "queryset")
        if any(isinstance(each, Query) for each in kept):
            return kept
        for name in ("queryset", "model"):
            for entry in self._evaluator.inference.classes.order(view.cls):
                if isinstance(entry, str) or name not in entry.scope.bindings:
                    continue
                index = entry.scope.bindings[name][-1].value
                body = self._evaluator.frame(entry)
                found = self._evaluator.value(body, index)
                models = [each for each in found if isinstance(each, Model)]
                if models:
                    return self._evaluator.attributes.all_rows(models[0].cls, (entry, index), frame)
                return tuple(each for each in found if isinstance(each, Query))
        models_shown = self._evaluator.registered.get(view.cls, ())
        return (
            self._evaluator.attributes.all_rows(models_shown[0], (view.cls, 0), frame)
            if len(models_shown) == 1
            else NOTHING
        )

    # -- what classes say of themselves

    def serializers(self, view: Code, action: str) -> tuple[Code, ...]:
        """The serializers that a view may use for an action; none where one of them is not seen."""
        method = self._evaluator.method(view, "get_serializer_class")
        if method is None:
            return tuple(value.code for value in self._own_serializers(view) if self._is_serializer(value))[:1]
        values = [
            value
            for index in method[0].scope.results
            if _is_possible(method[0], index, action)
            for value in self._classes_at(method[0], index, view) or (None,)
        ]
        found = [value.code for value in values if value is not None and self._is_serializer(value)]
        return tuple(dict.fromkeys(found)) if len(found) == len(values) else ()

    def _classes_at(self, method: Code, index: int, view: Code) -> tuple[Value, ...]:
        """The serializers that a method of a view returns: one that it names, or the class's own."""
        op = method.scope.ops[index]
        is_own = isinstance(op, ir.Attribute) and op.name == "serializer_class"
        if is_own or (
            isinstance(op, ir.Call) and ir.identifier(method.scope.ops[op.function]) == "get_serializer_class"
        ):
            return self._own_serializers(view)
        return self._evaluator.inference.values(method, index)

    def _own_serializers(self, view: Code) -> tuple[Value, ...]:
        return self.class_values(view, "read_serializer_class") or self.class_values(view, "serializer_class")

    def _is_serializer(self, value: Value) -> TypeGuard[ClassValue]:
        return isinstance(value, ClassValue) and self._evaluator.models.derives(value.code, _SERIALIZER)

    def class_values(self, cls: Code, name: str) -> tuple[Value, ...]:
        """What a class, or one that it derives from, sets an attribute to."""
        where = self.where(cls, name)
        return self._evaluator.inference.values(*where) if where is not None else ()

    def where(self, cls: Code, name: str) -> Place | None:
        """Where a class, or one that it derives from, sets an attribute."""
        for entry in self._evaluator.inference.classes.order(cls):
            if not isinstance(entry, str) and name in entry.scope.bindings:
                return entry, entry.scope.bindings[name][-1].value
        return None


def _is_possible(code: Code, index: int, action: str) -> bool:
    """Whether a method of a view may return an operation's value for an action: ``if self.action == "list"``."""
    held = {"self.action": action, "self.request.method": "GET" if action in ("list", "retrieve") else ""}
    for test in code.conditions(code.block_of(index)):
        value = held.get(test.path)
        among = _texts(code, test.operand) if value and test.kind in ("among", "not-among") else None
        if among is not None and (value in among) != (test.kind == "among"):
            return False
    return True


def _texts(code: Code, index: int) -> tuple[str, ...]:
    op = code.scope.ops[index]
    items = op.items if isinstance(op, ir.Display) else (index,)
    return tuple(each.text for item in items if isinstance(each := code.scope.ops[item], ir.Constant))
