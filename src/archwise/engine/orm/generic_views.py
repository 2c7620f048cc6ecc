"""What the methods and attributes that generic views bring give: the queryset that a class names, its object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine.orm.domain import NOTHING, Alternatives, Model, Object, Query, rows_of, union

if TYPE_CHECKING:
    from archwise.engine.orm.evaluator import Evaluator, Frame


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
                return evaluator.returned(evaluator.attributes.within(own[0], view, frame))
            return self.declared(frame, view)
        if name in ("get_object", "object"):
            rows: list[Alternatives] = []
            own = evaluator.method(view.cls, "get_queryset")
            queries = (
                evaluator.returned(evaluator.attributes.within(own[0], view, frame))
                if own is not None
                else self.declared(frame, view)
            )
            rows.extend(rows_of(query, None) for query in queries if isinstance(query, Query))
            return union(*rows)
        return NOTHING

    def declared(self, frame: Frame, view: Object) -> Alternatives:
        """The queryset that a view's class names, or the one of the model that it names."""
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
