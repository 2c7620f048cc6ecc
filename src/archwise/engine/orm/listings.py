"""The lists of rows that frameworks show on a program's behalf: of REST views, and of the admin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.contexts import is_test
from archwise.engine.orm.domain import EVERYTHING, Object, Query, Row
from archwise.engine.orm.registered import plainly
from archwise.engine.orm.rows import rows_of
from archwise.engine.orm.written import names as names_written
from archwise.engine.orm.written import places as places_written
from archwise.engine.values import FunctionValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.orm.domain import Alternatives, Place
    from archwise.engine.orm.evaluator import Evaluator
    from archwise.engine.orm.frames import Frame
    from archwise.engine.orm.reads import Read, Reads
    from archwise.engine.program import Code

_LISTS = "rest_framework.mixins.ListModelMixin"
_ADMIN = "django.contrib.admin.ModelAdmin"
_FEED = "django.contrib.syndication.views.Feed"
_SITEMAP = "django.contrib.sitemaps.Sitemap"
_OF_SITEMAP = frozenset({"location", "lastmod", "changefreq", "priority"})
_ACTION = 3
"""Parameters of an admin's action: the admin itself, the request, the queryset."""


class Listing(msgspec.Struct, frozen=True, gc=False):
    """What shows rows, and what it reads of each; ``by`` is the serializer, or the class itself.

    ``admin`` is the class of the admin that makes the query itself, or the module that registers a model without one.
    """

    name: str
    by: Code
    reads: tuple[Read, ...]
    admin: Code | None = None


class Listings:
    """Finds listings."""

    def __init__(self, evaluator: Evaluator, reads: Reads) -> None:
        self._evaluator = evaluator
        self._reads = reads
        self._serializers = reads.serializers

    def find(self) -> Iterator[Listing]:
        """All listings of a program."""
        models = self._evaluator.models
        for cls in self._evaluator.inference.program.classes:
            if not cls.scope.bases or is_test(cls):
                continue
            if models.derives(cls, _LISTS):
                yield from self._of_view(cls)
            elif models.derives(cls, _ADMIN) or cls in self._evaluator.registered:
                yield from self._of_admin(cls)
            elif models.derives(cls, _FEED) or models.derives(cls, _SITEMAP):
                yield from self._of_feed(cls)
        for code, index, model in plainly(self._evaluator):
            yield from self._of_model(code, index, model)

    # -- feeds

    def _of_feed(self, feed: Code) -> Iterator[Listing]:
        """A feed gives each of its items to its methods ``item_…``, a sitemap to ``location`` and the like."""
        evaluator = self._evaluator
        frame = evaluator.frame(feed)
        rows = [row for row in self._items(frame, feed) if isinstance(row, Row) and not row.query.open]
        is_feed = evaluator.models.derives(feed, _FEED)
        reads: list[Read] = []
        for method in evaluator.inference.classes.methods(feed):
            names = [parameter.name for parameter in method.scope.parameters[:2]]
            name = method.scope.name
            if len(names) == 2 and (name.startswith("item_") if is_feed else name in _OF_SITEMAP):
                for row in rows:
                    given = ((names[0], (Object(feed),)), (names[1], (row,)))
                    reads.extend(self._reads.below(frame, 0, evaluator.frame(method, given, None, frame)))
        if evaluator.method(feed, "item_link" if is_feed else "location") is None:
            for row in rows:
                reads.extend(self._of_field(frame, 0, row, "get_absolute_url"))
        if reads:
            yield Listing(feed.name, feed, tuple(reads))

    def _items(self, frame: Frame, feed: Code) -> Alternatives:
        """The items of a feed, of the object that it is asked for where it has one."""
        evaluator = self._evaluator
        items = evaluator.method(feed, "items")
        if items is None:
            return ()
        parameters = items[0].scope.parameters
        given: list[tuple[str, Alternatives]] = [(parameters[0].name, (Object(feed),))] if parameters else []
        chosen = evaluator.method(feed, "get_object")
        if chosen is not None and len(parameters) > 1:
            about = evaluator.returned(evaluator.attributes.within(chosen[0], Object(feed), None))
            given += [(parameters[1].name, about)] if about else []
        return evaluator.items(frame, evaluator.returned(evaluator.frame(items[0], tuple(given), None, frame)), 0)

    # -- REST views

    def _of_view(self, view: Code) -> Iterator[Listing]:
        serializers = self._evaluator.views.serializers(view, "list")
        own = self._evaluator.method(view, "list")
        if not serializers or (own is not None and not _asks_framework(own[0], "list")):
            return
        found = self._filtered(
            view, self._evaluator.views.of_view(self._evaluator.frame(view), Object(view), "object_list")
        )
        queries = [query for query in found if isinstance(query, Query)]
        groups = [self._shown(query, (view, 0), serializer) for serializer in serializers for query in queries]
        if queries and len(queries) == len(found):
            yield Listing(view.name, serializers[0], tuple(_common(groups)))

    def _filtered(self, view: Code, found: Alternatives) -> Alternatives:
        """What a view's own ``filter_queryset`` makes of its queryset."""
        own = self._evaluator.method(view, "filter_queryset")
        names = [parameter.name for parameter in own[0].scope.parameters] if own is not None else []
        if own is None or len(names) != 2:
            return found
        given = ((names[0], (Object(view),)), (names[1], found))
        return self._evaluator.returned(self._evaluator.frame(own[0], given))

    def _shown(self, query: Query, each: Place, serializer: Code) -> list[Read]:
        rows = (row for row in rows_of(query, each) if isinstance(row, Row) and not query.open)
        return [read for row in rows for read in self._serializers.of_row(serializer, row)]

    # -- admin

    def _of_admin(self, admin: Code) -> Iterator[Listing]:
        if self._has_own_page(admin):
            return
        groups = []
        for query in self._admin_queries(admin):
            found: list[Read] = []
            names = self._listed(admin)
            if names is None:
                return
            query = self._with_own_loads(admin, query, names)
            for row in rows_of(query, (admin, 0)):
                if isinstance(row, Row) and not query.open:
                    for name, where in names:
                        found.extend(self._of_column(admin, row, name, where))
            groups.append(found)
            self._walk_actions(admin, query)
        if groups:
            yield Listing(admin.name, admin, tuple(_common(groups)), admin)

    def _walk_actions(self, admin: Code, query: Query) -> None:
        """An admin's actions are given the rows that were chosen from its list."""
        frame = self._evaluator.frame(admin)
        for method in (*self._evaluator.inference.classes.methods(admin), *self._actions(admin)):
            names = [parameter.name for parameter in method.scope.parameters[:_ACTION]]
            if names[2:] == ["queryset"]:
                given = ((names[0], (Object(admin),)), (names[2], (query,)))
                self._reads.walk(self._evaluator.frame(method, given, None, frame))

    def _actions(self, admin: Code) -> Iterator[Code]:
        """The functions of a module that are an admin's actions."""
        where = self._evaluator.views.where(admin, "actions")
        op = where[0].scope.ops[where[1]] if where is not None else None
        for item in op.items if where is not None and isinstance(op, ir.Display) else ():
            for value in self._evaluator.inference.values(where[0], item) if where is not None else ():
                if isinstance(value, FunctionValue):
                    yield value.code

    def _has_own_page(self, admin: Code) -> bool:
        """Whether a view of the program's own shows the list, which asks the framework's for nothing, or none does."""
        view, urls = (self._evaluator.method(admin, name) for name in ("changelist_view", "get_urls"))
        if view is None and urls is not None:
            return not any(_asks_framework(urls[0], name) for name in ("get_urls", "changelist_view"))
        return view is not None and not _asks_framework(view[0], "changelist_view")

    def _of_model(self, code: Code, index: int, model: Code) -> Iterator[Listing]:
        """The list of a model that is registered without a class: its text, or the columns that the call names."""
        op = code.scope.ops[index]
        given = dict(op.keywords) if isinstance(op, ir.Call) else {}
        columns = (
            names_written(self._evaluator.inference, code, given["list_display"])
            if "list_display" in given
            else ["__str__"]
        )
        if is_test(code) or columns is None or not {"list_select_related", "get_queryset"}.isdisjoint(given):
            return
        frame = self._evaluator.frame(code)
        reads: list[Read] = []
        for query in self._evaluator.attributes.all_rows(model, (code, index), frame):
            query = self._with_required(query, columns)
            for row in rows_of(query, (code, index)):
                if isinstance(row, Row) and not query.open:
                    for name in columns:
                        reads.extend(self._of_field(frame, index, row, name))
        if reads:
            yield Listing("ModelAdmin", model, tuple(reads), code)

    def _admin_queries(self, admin: Code) -> Iterator[Query]:
        method = self._evaluator.method(admin, "get_queryset")
        frame = self._evaluator.frame(admin)
        for model in self._evaluator.registered.get(admin, ()):
            if method is None:
                yield from self._evaluator.attributes.all_rows(model, (admin, 0), frame)
                continue
            for made in self._evaluator.returned(self._evaluator.attributes.within(method[0], Object(admin), None)):
                if isinstance(made, Query):
                    yield made

    def _listed(self, admin: Code) -> list[tuple[str, Place]] | None:
        """The columns of an admin list and where they stand; None where they are not written out."""
        own = self._evaluator.method(admin, "get_list_display")
        if own is not None and not _asks_framework(own[0], "list_display"):
            return None
        where = self._evaluator.views.where(admin, "list_display")
        if where is None:
            return [("__str__", (admin, 0))]
        return places_written(self._evaluator.inference, *where)

    def _with_own_loads(self, admin: Code, query: Query, names: list[tuple[str, Place]]) -> Query:
        """What the admin loads by itself: required relations, where a column is one or the class says so.

        A queryset that has selected some already is left as it is (`ChangeList.apply_select_related`).
        """
        if query.selected:
            return query
        loads = set(query.loads)
        given = self._evaluator.views.class_values(admin, "list_select_related")
        if any(getattr(value, "text", "") == "True" for value in given):
            loads.add(EVERYTHING)
        where = self._evaluator.views.where(admin, "list_select_related")
        written = names_written(self._evaluator.inference, *where) if where is not None else None
        loads.update(written or ())
        is_unclear = written is None and not all(getattr(value, "kind", "") == "bool" for value in given)
        query = msgspec.structs.replace(query, loads=frozenset(loads), open=query.open or is_unclear)
        return query if given else self._with_required(query, [name for name, _ in names])

    def _with_required(self, query: Query, columns: list[str]) -> Query:
        """What the admin loads by itself where a column is a relation: all of those that are required."""
        row = Row(query.model, query)
        links = [self._evaluator.attributes.link(row, name) for name in columns]
        single = [link for link in links if link is not None and not link.many and link.declared and not link.generic]
        required = {link.name for link in single if not link.nullable}
        return msgspec.structs.replace(query, loads=query.loads | {EVERYTHING, *required}) if single else query

    def _of_column(self, admin: Code, row: Row, name: str, where: Place) -> Iterator[Read]:
        for read in self._in_column(admin, row, name):
            first, *rest = read.hops
            yield msgspec.structs.replace(read, hops=(first, where, *rest)) if where != first else read

    def _in_column(self, admin: Code, row: Row, name: str) -> Iterator[Read]:
        frame, op = self._evaluator.frame(admin), 0
        own = self._evaluator.method(admin, name)
        if own is not None:
            names = [parameter.name for parameter in own[0].scope.parameters[:2]]
            if len(names) == 2:
                given = ((names[0], (Object(admin),)), (names[1], (row,)))
                inner = self._evaluator.frame(own[0], given, None, frame)
                yield from self._reads.below(frame, op, inner)
                yield from self._reads.shown(frame, op, self._evaluator.returned(inner))
            return
        yield from self._of_field(frame, op, row, name)

    def _of_field(self, frame: Frame, op: int, row: Row, name: str) -> Iterator[Read]:
        """The reads of a column that is the row's own."""
        yield from self._reads.attribute(frame, op, row, name)
        if row.model is not None and self._evaluator.attributes.property(row, name) is None:
            method = self._evaluator.method(row.model, name)
            if method is not None:
                yield from self._reads.below(frame, op, self._evaluator.attributes.within(method[0], row, frame))
                return
        shown = self._evaluator.attributes.of_row(frame, row, name)
        yield from self._reads.shown(frame, op, tuple(each for each in shown if isinstance(each, Row)))


def _asks_framework(code: Code, name: str) -> bool:
    """Whether a method that overrides a framework's calls it."""
    return any(isinstance(op, ir.Attribute) and op.name == name for op in code.scope.ops)


def _common(groups: list[list[Read]]) -> list[Read]:
    """The reads that all variants of a query leave unloaded."""
    paths = [{_path(read) for read in group} for group in groups]
    return [read for read in groups[0] if all(_path(read) in others for others in paths[1:])]


def _path(read: Read) -> tuple[object, ...]:
    if read.row is not None and read.link is not None:
        return (*read.row.path, read.link.name)
    return read.hops
