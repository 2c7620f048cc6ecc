"""What serves requests: frameworks and how much of each, what endpoints wait for, what kind of program it is."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING

import msgspec

from archwise.engine.orm.names import is_repeated
from archwise.review.model import Figure, Place, Seen
from archwise.review.rendered import Pages
from archwise.review.uses import SERVED, frameworks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.analysis import Analysis
    from archwise.engine.program import Code, Module
    from archwise.engine.root import Root
    from archwise.review.uses import Uses

_ANSWERING = frozenset({
    "get", "post", "put", "patch", "delete", "head", "options", "trace", "dispatch", "dispatch_request",
    "list", "create", "retrieve", "update", "partial_update", "destroy",
    "open", "on_message", "on_receive", "receive", "receive_json",
})  # fmt: skip
"""Methods of a class that answer a request or a message; the others are hooks on the way."""
_ADMINS = frozenset({"flask_admin", "sqladmin", "starlette_admin"})
_NO_EVENTS = sys.stdlib_module_names | {"textual", "watchdog"}
"""What calls handlers of a program's own threads, files, screens and keys: nothing comes in from outside."""
_FEW = 8
"""Endpoints that may stand beside handlers of events …"""
_EVENTFUL = 3
"""… and the handlers for each of them, from which on they do."""
_WAITING = frozenset({"network", "database", "file", "metadata", "subprocess", "dns", "sleep", "lock"})
_GRAPHQL = ("graphene", "strawberry", "ariadne", "graphql")
_MOST = 40


class Serving:
    """The endpoints of the application."""

    def __init__(self, analysis: Analysis, uses: Uses) -> None:
        self._analysis = analysis
        self._uses = uses

    @functools.cached_property
    def roots(self) -> tuple[Root, ...]:
        """The functions of the application that answer requests and WebSockets, each once.

        What a decorator of the program wraps is told from the wrapper that others share by where it is registered.
        """
        known, application = frameworks(), set(self._uses.application)
        found: dict[tuple[object, ...], Root] = {}
        for each in self._analysis.registrations:
            if each.role in SERVED and each.by.partition(".")[0] in known:
                for root in _unwrapped(each):
                    where = root.code if root.place is None else root.place
                    if {root.code.module, where.module} <= application:
                        apart = (root.place, root.op) if _is_wrapper(root) else ()
                        found.setdefault((root.code, *apart), root)
        served = tuple(found.values())
        answering = {root.code.owner for root in served if root.code.scope.name in _ANSWERING}
        first: dict[Code | None, Root] = {}
        for root in served:
            first.setdefault(root.code.owner, root)
        # A class that leaves the answering to the framework is an endpoint by its first hook: a list by its query.
        alone = {root.code for owner, root in first.items() if owner not in answering}
        return tuple(root for root in served if not _is_hook(root) or root.code in alone)

    @functools.cached_property
    def inherited(self) -> dict[str, list[Place]]:
        """The views of Django and its REST framework whose class leaves the answering to what it derives from."""
        answering = {root.code.owner for root in self.roots}
        classes = self._analysis.inference.classes
        found: dict[str, list[Place]] = {"class-views": [], "viewsets": []}
        for module in self._uses.application:
            for code in module.codes:
                if code.scope.kind == "class" and code not in answering and not classes.children(code):
                    style = next(filter(None, map(self._style, classes.external_bases(code))), "")
                    if style:
                        style = "viewsets" if is_set(code) else style
                        found[style].append(self.place(code, f"{code.name} answers as its bases do"))
        return found

    def _style(self, base: str) -> str:
        names = {base}
        for cls, _ in self._analysis.inference.facts.ancestors(base):
            names |= {cls.name, *cls.bases}
        if any(name.startswith("rest_framework.") and name.endswith(("ViewSet", "APIView")) for name in names):
            return "viewsets"
        return "class-views" if any(name.startswith("django.") and name.endswith("View") for name in names) else ""

    @functools.cached_property
    def graph(self) -> list[Place]:
        """The modules of a GraphQL schema: one endpoint answers for all of it."""
        return self._uses.of(_GRAPHQL)

    @functools.cached_property
    def repeated(self) -> list[Place]:
        """Endpoints that a loop registers: there are as many as it finds to offer."""
        return [self.at(root) for root in self.roots if root.place and is_repeated(root.place, root.op)]

    @functools.cached_property
    def by_framework(self) -> dict[str, list[Place]]:
        """Where endpoints of each framework stand, the most used first."""
        found: dict[str, list[Place]] = {}
        for root in self.roots:
            name = frameworks()[root.by.partition(".")[0]]
            found.setdefault(name, []).append(self.at(root))
        # Views that leave all to their bases are endpoints, too, though no function of the program answers there.
        beside = {"django": sum(map(len, self.inherited.values()))}
        return dict(sorted(found.items(), key=lambda item: (-len(item[1]) - beside.get(item[0], 0), item[0])))

    def place(self, code: Code, what: str) -> Place:
        """Where a function stands."""
        return self._uses.place(code.module, code.scope.line, what)

    def at(self, root: Root) -> Place:
        """Where an endpoint stands; one behind a shared wrapper, where it is registered."""
        if root.place is None or not _is_wrapper(root):
            return self.place(root.code, root.label)
        line = getattr(root.place.scope.ops[root.op], "line", 1)
        return self._uses.place(root.place.module, line, f"{root.role}, behind {root.code.name}")

    @functools.cached_property
    def asynchronous(self) -> list[Place]:
        """The endpoints that are coroutines."""
        return [self.at(root) for root in self.roots if root.code.scope.is_async]

    @functools.cached_property
    def waiting(self) -> list[Place]:
        """The endpoints that await, or reach a call that waits."""
        return [
            self.at(root)
            for root in self.roots
            if root.code.scope.awaits or not _WAITING.isdisjoint(self._kinds(root.code))
        ]

    @functools.cached_property
    def computing(self) -> list[Place]:
        """The endpoints that reach a call that computes for long."""
        return [self.at(root) for root in self.roots if "cpu" in self._kinds(root.code)]

    @functools.cached_property
    def sockets(self) -> list[Place]:
        """The WebSocket endpoints."""
        return [self.at(root) for root in self.roots if root.role == "websocket"]

    def reaching(self, kind: str) -> list[Place]:
        """The endpoints that reach a call of a kind on their caller's thread."""
        return [self.at(root) for root in self.roots if kind in self._kinds(root.code)]

    def _kinds(self, code: Code) -> frozenset[str]:
        found = self._known.get(code)
        if found is None:
            reaches = self._analysis.effects.of(code).reaches.values()
            found = self._known[code] = frozenset(reach.effect.kind for reach in reaches)
        return found

    @functools.cached_property
    def _known(self) -> dict[Code, frozenset[str]]:
        return {}

    @functools.cached_property
    def tasks(self) -> list[Place]:
        """What workers of a queue run."""
        tasks = (code for code in self._analysis.queues.tasks if code.module in self._uses.application)
        return sorted(self.place(code, f"{code.name} is a task") for code in tasks)

    @functools.cached_property
    def events(self) -> list[Place]:
        """The handlers of what comes in from outside other than as requests: messages, commands, schedules."""
        no_events = _NO_EVENTS | frameworks().keys()
        return sorted(
            self.at(root)
            for root in self._analysis.roots
            if root.role == "handler"
            and root.code.module in self._uses.application
            and root.by.partition(".")[0] not in no_events
        )

    @property
    def is_beside_events(self) -> bool:
        """Whether there is an endpoint or a few, such as one that says that it lives, beside many handlers."""
        return 0 < _EVENTFUL * len(self.roots) <= min(len(self.events), _EVENTFUL * _FEW)

    @functools.cached_property
    def modules(self) -> frozenset[Module]:
        """The modules that hold endpoints."""
        return frozenset(root.code.module for root in self.roots)

    @functools.cached_property
    def _rendered(self) -> Pages:
        return Pages(self._analysis, self._uses, self.modules, frozenset(root.code for root in self.roots))

    @property
    def pages(self) -> list[Place]:
        """Where pages are rendered, or forms handled."""
        return self._rendered.places

    @property
    def content(self) -> list[Place]:
        """The kinds of page that a content management system serves by itself."""
        return self._rendered.content

    @functools.cached_property
    def admin(self) -> list[Place]:
        """The pages of an admin site: classes that derive from what the library gives for that."""
        classes = self._analysis.inference.classes
        return [
            self.place(code, f"{code.name} is an admin page")
            for module in self._uses.application
            if "admin" in module.path or not _ADMINS.isdisjoint(module.summary.imports)
            for code in module.codes
            if code.scope.kind == "class" and any(_is_admin(base) for base in classes.external_bases(code))
        ]

    # -- as figures

    def figures(self) -> Iterator[Figure]:
        """What is served, counted."""
        total = len(self.roots)
        for name, places in self.by_framework.items():
            yield figure(f"endpoints-{name.lower()}", f"Endpoints of {title_of(name)}", places, total)
        if total:
            yield figure("endpoints-async", "Endpoints that are async", self.asynchronous, total)
            yield figure("endpoints-waiting", "Endpoints that wait: for network, database, files", self.waiting, total)
            yield figure("endpoints-computing", "Endpoints that compute for long", self.computing, total)
        for id, title, places in (
            ("endpoints-websocket", "WebSocket endpoints", self.sockets),
            ("pages", "Places that render pages or handle forms", self.pages),
            ("admin", "Admin pages", self.admin),
        ):
            if places:
                yield figure(id, title, places)

    def framework(self) -> Seen:
        """The framework that was chosen; none where nothing is served."""
        ranked = list(self.by_framework.items())
        if not ranked:
            return Seen("none", "no function answers requests")
        if self.is_beside_events:
            count = "one endpoint" if len(self.roots) == 1 else f"{len(self.roots)} endpoints"
            return Seen("none", f"{count} beside {len(self.events)} handlers of events")
        name, places = ranked[0]
        others = ", ".join(f"{len(rest)} of {title_of(other)}" for other, rest in ranked[1:3])
        why = f"{len(places)} of {len(self.roots)} endpoints" + (f"; {others}" if others else "")
        return Seen(name, why, tuple(places[:_MOST]))


def _unwrapped(root: Root) -> Iterator[Root]:
    """The methods of a class that a decorator of the program wraps, in place of the wrapper that all of them share."""
    cls, handler = root.place, root.handler
    if handler is None or not handler.bases or cls is None or root.code.owner is not None:
        yield root
        return
    for code in cls.module.codes:
        if code.owner is cls and code.scope.decorators and code.scope.name in handler.methods:
            yield msgspec.structs.replace(root, code=code, label=f"{root.role} {code.name}")


def _is_wrapper(root: Root) -> bool:
    """Whether a call registers a function that another makes: what a decorator puts around the one that is meant."""
    made = root.code.parent is not None and root.code.parent.scope.kind == "function"
    return made and root.handler is not None and root.by in root.handler.calls


def _is_hook(root: Root) -> bool:
    """Whether a class has the function, and a framework calls it on the way to an answer."""
    by_class = root.handler is not None and bool(root.handler.bases) and root.code.owner is not None
    return by_class and root.code.scope.name not in _ANSWERING


def figure(id: str, title: str, places: list[Place], of: int | None = None) -> Figure:
    """A count of places, with its share where they are some of a whole."""
    value = f"{len(places):,}" if not of else f"{len(places):,} of {of:,} ({round(100 * len(places) / of)} %)"
    return Figure(id, title, value, tuple(places[:_MOST]), len(places))


_TITLES = {"fastapi": "FastAPI", "django": "Django", "flask": "Flask", "quart": "Quart", "none": "No framework"}


def title_of(framework: str) -> str:
    """A framework's name as people write it."""
    return _TITLES.get(framework, framework)


def is_set(owner: Code | None) -> bool:
    """Whether a class is called what the REST framework calls its own, as that of a copy of it is."""
    return owner is not None and owner.scope.name.endswith("ViewSet")


def _is_admin(base: str) -> bool:
    root, _, name = base.partition(".")
    return (root == "django" and ".admin" in base and name.endswith(("Admin", "Inline"))) or root in _ADMINS
