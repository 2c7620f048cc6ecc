"""What reading an attribute gives: of models, rows, querysets, and of objects that keep them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.orm.declarative import is_attribute
from archwise.engine.orm.domain import (
    NOTHING,
    SEPARATOR,
    Alternatives,
    Bound,
    Found,
    Group,
    Items,
    Model,
    Object,
    Query,
    Row,
    Scalar,
    Users,
    union,
)
from archwise.engine.orm.iteration import depends
from archwise.engine.orm.rows import back, step
from archwise.engine.values import ClassValue, External, ExternalInstance, Instance, Value

if TYPE_CHECKING:
    from archwise.engine.orm.domain import Place
    from archwise.engine.orm.evaluator import Evaluator
    from archwise.engine.orm.frames import Frame
    from archwise.engine.orm.models import Link
    from archwise.engine.program import Code

_SHOWN = frozenset({"qs", "items", "object_list"})
"""Attributes of a filter, or of a page, that are the rows which it shows."""
_MANAGERS = frozenset({"objects", "_default_manager", "_base_manager"})


class Attributes:
    """Reads attributes."""

    def __init__(self, evaluator: Evaluator) -> None:
        self._evaluator = evaluator
        self._kinds: dict[tuple[Code, str], tuple[Code, ...] | None] = {}

    def of(self, frame: Frame, found: Found, name: str, index: int) -> Alternatives:
        """What ``found.name`` gives, read at an operation."""
        if isinstance(found, Row):
            return self.of_row(frame, found, name)
        if isinstance(found, Model):
            return self._of_model(frame, found, name, index)
        if isinstance(found, Users):
            return (Query(None, (frame.code, index), of_users=True),) if name in _MANAGERS else NOTHING
        if isinstance(found, Query):
            if name == "model" and found.model is not None:
                return (Model(found.model),)
            return (found,) if name in _SHOWN else (Bound(found, name),)
        if isinstance(found, Object):
            return self.of_object(frame, found, name)
        if isinstance(found, Group):
            return tuple(row for item in found.items for row in item if _is_named(row, name))
        return (found,) if isinstance(found, Scalar) else (Bound(found, name),)

    # -- rows

    def of_row(self, frame: Frame, row: Row, name: str) -> Alternatives:
        """What a row's attribute gives: another row, the manager of its rows, the result of a property."""
        link = self.link(row, name)
        if link is not None:
            if name in row.path and name not in dict(row.known):
                return NOTHING  # round in a circle: what comes after is what came before
            if link.loading == "dynamic":
                return (Query(link.target, each=row.each, known=back(row, link)),)
            if link.many and link.orm == "sqlalchemy":
                return (Items((step(row, link),)),) if link.loading != "other" else NOTHING
            return (self.related(row, link),) if link.many else (step(row, link),)
        if row.query.kept and (kept := self._kept(row, name)):
            return kept
        body = self.property(row, name)
        if body is not None:
            return self._evaluator.returned(self.within(body, row, frame))
        own = self._evaluator.method(row.model, name) if row.model is not None else None
        if own is not None and not is_attribute(own[0]):
            return (Bound(row, name),)
        each = depends((row,))
        return (Scalar(each, True),) if each is not None else NOTHING

    def _kept(self, row: Row, name: str) -> Alternatives:
        """The rows of a relation that ``Prefetch(…, to_attr=name)`` has put into a list."""
        path = SEPARATOR.join((*row.path, name))
        for attribute, lookup in row.query.kept:
            link = self.link(row, lookup.rpartition(SEPARATOR)[2]) if attribute == path else None
            if link is not None:
                return (Items((step(row, link),)),)
        return NOTHING

    def link(self, row: Row, name: str) -> Link | None:
        """The relation that an attribute of a row is, if it is one."""
        return self.links(row.model, row.is_user or (row.query.of_users and not row.path)).get(name)

    def links(self, model: Code | None, is_of_user: bool) -> dict[str, Link]:
        """The relations of a row of a model, or of one of Django's own users."""
        if model is not None:
            return self._evaluator.models.links(model)
        return self._evaluator.models.links_of_user if is_of_user else {}

    def related(self, row: Row, link: Link) -> Query:
        """The manager of the rows that a row has by a relation."""
        kinds = (self.manager_kinds(link.target, "") or ()) if link.target is not None else ()
        loads = self._loaded_by_default(link.target, kinds) if link.target is not None else frozenset()
        return Query(link.target, None, loads, home=row, link=link, known=back(row, link), kinds=kinds)

    def _loaded_by_default(self, model: Code, kinds: tuple[Code, ...]) -> frozenset[str]:
        """The relations that a model's default manager loads with any rows, also with those of a relation."""
        if not kinds:
            return frozenset()
        made = self.managed(Query(model, (model, 0), kinds=kinds), self._evaluator.frame(model))
        loads = [each.loads for each in made if isinstance(each, Query)]
        return frozenset.intersection(*loads) if loads else frozenset()

    def property(self, row: Row, name: str) -> Code | None:
        """The function behind a property of a row."""
        found = self._evaluator.method(row.model, name) if row.model is not None else None
        return found[0] if found is not None and "property" in found[1] else None

    def within(self, code: Code, receiver: Found, caller: Frame | None) -> Frame:
        """A method, run on a receiver and given nothing else."""
        parameters = code.scope.parameters
        given = ((parameters[0].name, (receiver,)),) if parameters else ()
        return self._evaluator.frame(code, given, None, caller)

    def guessed(self, frame: Frame, op: ir.Attribute) -> Alternatives:
        """The manager that an attribute of something unknown is, where one model alone has such a relation.

        Where several have it, the one that the name before the dot means.
        """
        holders = self._evaluator.models.holders(op.name)
        if len(holders) > 1:
            before = ir.identifier(frame.code.scope.ops[op.value]).replace("_", "").lower()
            holders = tuple(cls for cls in holders if cls.scope.name.lower() == before)
        link = self._evaluator.models.links_of_user.get(op.name)
        if not holders and link is not None and link.many:
            return (self.related(Row(None, Query(None, open=True, guessed=True)), link),)
        if len(holders) != 1:
            return NOTHING
        row = Row(holders[0], Query(holders[0], open=True, guessed=True))
        link = self.link(row, op.name)
        return (self.related(row, link),) if link is not None and link.many else NOTHING

    # -- managers

    def _of_model(self, frame: Frame, model: Model, name: str, index: int) -> Alternatives:
        if self._evaluator.models.dialect(model.cls) == "sqlalchemy":
            return (Query(model.cls, (frame.code, index)),) if name == "query" else NOTHING
        if self._evaluator.models.dialect(model.cls) == "tortoise":
            own = self._evaluator.method(model.cls, name)
            return (Bound(Query(model.cls, (frame.code, index)), name),) if own is None else NOTHING
        kinds = self.manager_kinds(model.cls, name)
        if kinds is None:
            return NOTHING
        return self.managed(Query(model.cls, (frame.code, index), kinds=kinds), frame)

    def managed(self, query: Query, frame: Frame) -> Alternatives:
        """A manager's query with what the project's own ``get_queryset`` makes of it."""
        for kind in query.kinds:
            found = self._evaluator.method(kind, "get_queryset")
            if found is not None:
                made = self._evaluator.returned(self.within(found[0], query, frame))
                queries = tuple(
                    msgspec.structs.replace(each, model=query.model, made=query.made, kinds=(*query.kinds, *each.kinds))
                    for each in made
                    if isinstance(each, Query)
                )
                return queries or (msgspec.structs.replace(query, open=True),)
        return (query,)

    def all_rows(self, model: Code, place: Place, frame: Frame) -> tuple[Query, ...]:
        """What a model's default manager gives."""
        plain = Query(model, place, kinds=self.manager_kinds(model, "") or ())
        return tuple(each for each in self.managed(plain, frame) if isinstance(each, Query))

    def manager_kinds(self, cls: Code, name: str) -> tuple[Code, ...] | None:
        """The project's classes of a model's manager, of the default one where there is no name; None if it is none."""
        key = cls, name
        if key not in self._kinds:
            self._kinds[key] = ()
            self._kinds[key] = self._find_manager_kinds(cls, name)
        return self._kinds[key]

    def _find_manager_kinds(self, cls: Code, name: str) -> tuple[Code, ...] | None:
        for entry in self._evaluator.inference.classes.order(cls):
            if isinstance(entry, str):
                continue
            relations = self._evaluator.models.links(entry) if not name else {}
            names = (name,) if name and name in entry.scope.bindings else tuple(entry.scope.bindings)
            names = tuple(each for each in names if each not in relations)
            for each in names if not name or name in entry.scope.bindings or name in _MANAGERS - {"objects"} else ():
                kinds = self._kinds_of(entry, entry.scope.bindings[each][-1].value)
                if kinds is not None:
                    return kinds
        return () if name in _MANAGERS or not name else None

    def _kinds_of(self, cls: Code, index: int) -> tuple[Code, ...] | None:
        """The project's classes that a manager in a class body is made of; None where it is no manager."""
        op = cls.scope.ops[index]
        if not isinstance(op, ir.Call):
            return None
        inference = self._evaluator.inference
        function = cls.scope.ops[op.function]
        if ir.identifier(function) == "as_manager" and isinstance(function, ir.Attribute):
            return self._classes(inference.values(cls, function.value))
        if isinstance(function, ir.Call) and ir.identifier(cls.scope.ops[function.function]) == "from_queryset":
            maker = cls.scope.ops[function.function]
            first = inference.values(cls, maker.value) if isinstance(maker, ir.Attribute) else ()
            second = inference.values(cls, function.arguments[0]) if function.arguments else ()
            return (*(self._classes(first) or ()), *(self._classes(second) or ()))
        kinds = self._classes(inference.values(cls, op.function))
        is_named = ir.identifier(function).endswith("Manager") and self._evaluator.models.is_model(cls)
        return () if kinds is None and is_named else kinds

    def _classes(self, values: tuple[Value, ...]) -> tuple[Code, ...] | None:
        found: list[Code] = []
        known = False
        for value in values:
            if isinstance(value, (ClassValue, Instance)) and self._evaluator.managers.is_query_class(value.code):
                found.append(value.code)
            elif isinstance(value, (External, ExternalInstance)):
                known |= self._evaluator.managers.is_query(self._evaluator.inference.facts.canonical(value.name))
        return tuple(found) if found or known else None

    # -- objects of the program

    def of_object(self, frame: Frame, found: Object, name: str) -> Alternatives:
        """What an attribute of another object gives: from its class's body, or from what its methods set."""
        method = self._evaluator.method(found.cls, name)
        if method is not None:
            if "property" in method[1]:
                return self._evaluator.returned(self.within(method[0], found, frame))
            return (Bound(found, name),)
        groups: list[Alternatives] = []
        for entry in self._evaluator.inference.classes.order(found.cls):
            if isinstance(entry, str):
                continue
            if name in entry.scope.bindings and not groups:
                groups.append(self._evaluator.value(self._evaluator.frame(entry), entry.scope.bindings[name][-1].value))
        groups.append(self.stored(found, name))
        known = union(*(group for group in groups if group)) if any(groups) else NOTHING
        return known or self._of_framework(frame, found, name)

    def stored(self, found: Object, name: str) -> Alternatives:
        """What an object's methods set an attribute of it to."""
        groups: list[Alternatives] = []
        for entry in self._evaluator.inference.classes.order(found.cls):
            for code in self._evaluator.inference.classes.methods(entry) if not isinstance(entry, str) else ():
                for store in code.scope.stores:
                    if store.name == name and not store.item and self._is_receiver(code, store.target):
                        groups.append(self._evaluator.value(self._of_object(code, found), store.value))
        return union(*groups)

    def _of_object(self, code: Code, found: Object) -> Frame:
        """A method of an object, given what the object was made with where that is what it is given."""
        if code.scope.name != "__init__" or not found.given:
            return self.within(code, found, None)
        return self._evaluator.frame(code, ((code.scope.parameters[0].name, (found,)), *found.given))

    def _is_receiver(self, code: Code, index: int) -> bool:
        return self._evaluator.inference.classes.is_receiver(code, index)

    def _of_framework(self, frame: Frame, found: Object, name: str) -> Alternatives:
        """What a generic view keeps for its methods."""
        if name in ("object_list", "object"):
            return self._evaluator.views.of_view(frame, found, name)
        return (Bound(found, name),)

    def iterated(self, frame: Frame, found: Object, index: int) -> Alternatives:
        """What iterating over an object gives for each round."""
        method = self._evaluator.method(found.cls, "__iter__")
        if method is None:
            return NOTHING
        made = self._evaluator.returned(self.within(method[0], found, frame))
        rows = tuple(value for value in made if not isinstance(value, Object))  # an iterator's items are not followed
        return self._evaluator.items(frame, rows, index)


def _is_named(found: Found, name: str) -> bool:
    """Whether a row of SQLAlchemy that has several models' rows has this one under a name."""
    return isinstance(found, Row) and found.model is not None and found.model.scope.name == name
