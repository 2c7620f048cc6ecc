"""Which classes are those of querysets and managers, and what these bring from other packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from archwise.engine.inference import Inference
    from archwise.engine.orm.domain import Query
    from archwise.engine.program import Code


class Managers:
    """Knows the classes of querysets and managers."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference

    def is_query(self, name: str) -> bool:
        """Whether a class of another package is a queryset's or a manager's."""
        facts = self._inference.facts
        return any(
            cls.name in ("django.db.models.QuerySet", "django.db.models.Manager") for cls, _ in facts.ancestors(name)
        )

    def is_query_class(self, cls: Code) -> bool:
        """Whether a class of the program is a queryset's or a manager's."""
        return any(self.is_query(base) for base in self._inference.classes.external_bases(cls))

    def is_manager(self, cls: Code) -> bool:
        """Whether a class of the program is a manager's and no queryset's."""
        facts = self._inference.facts
        return any(
            ancestor.name == "django.db.models.Manager"
            for base in self._inference.classes.external_bases(cls)
            for ancestor, _ in facts.ancestors(base)
        )

    def gives_itself(self, query: Query, name: str) -> bool:
        """Whether a method that another package's queryset or manager brings gives the same rows."""
        facts = self._inference.facts
        bases = (base for kind in query.kinds for base in self._inference.classes.external_bases(kind))
        return any((fact := facts.method(base, name)) is not None and fact.returns == "self" for base in bases)
