"""The options that a program has taken already, decision by decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.report.style import plural
from archwise.review.drivers import driver
from archwise.review.model import Place, Seen
from archwise.review.processes import shared_out
from archwise.review.serving import is_set
from archwise.review.threads import beside_requests
from archwise.review.uses import IN_PROCESS

if TYPE_CHECKING:
    from archwise.engine.projectfiles import ProjectFiles
    from archwise.review.kind import Kind
    from archwise.review.quality import Quality
    from archwise.review.serving import Serving
    from archwise.review.structure import Structure
    from archwise.review.uses import Uses

_MOST = 40
_MOSTLY = 0.5
"""Share of the endpoints that are async, from which on a program is."""
_ASYNC_CLIENTS = ("redis.asyncio", "asyncpg", "aiosqlite", "asyncmy", "aiomysql", "aiohttp", "aiofiles")
_PARTLY = 0.1
"""Share of a sync program's endpoints that are async, from which on it is async in part."""
_FILE_SHARE = 0.1
"""Share of endpoints that reach a plain call on files, below which nothing is said of how files are read."""


class Options:
    """One program."""

    def __init__(
        self, uses: Uses, serving: Serving, structure: Structure, quality: Quality, kind: Kind, beside: ProjectFiles
    ) -> None:
        self._uses = uses
        self._kind = kind
        self._beside = beside
        self._serving = serving
        self._structure = structure
        self._quality = quality

    def seen(self) -> dict[str, Seen]:
        """What was decided already, by decision; what is not seen is left out."""
        found = {
            "framework": self._framework(),
            "concurrency": self._concurrency(),
            "layout": self._structure.layout(),
            "grouping": self._structure.grouping(),
            "background": self._background(),
            "typing": self._quality.typing(),
            "errors": self._quality.errors(),
            "tests": self._quality.tests(),
            "validation": self._uses.option("validation"),
            "django-style": self._django_style(),
            "file-access": self._file_access(),
        }
        for decision in ("data-layer", "http-client", "redis-client"):
            corner = self._uses.corner(decision)
            nothing = f"a corner of it alone: {corner.why}" if corner else "nothing of the kind is imported"
            places = corner.places if corner else ()
            found[decision] = self._uses.option(decision) or Seen("none", nothing, places)
        found["database-driver"] = driver(self._uses, self._beside)
        return {name: seen for name, seen in found.items() if seen is not None}

    def partly(self) -> dict[str, str]:
        """Async, where a good part of a sync program's endpoints are that, or all modules that import such a client.

        Not the other way round: a client that blocks harms an async program, however much of it is sync.
        """
        share = len(self._serving.asynchronous) / max(1, len(self._serving.roots))
        return {"concurrency": "async"} if _PARTLY <= share < _MOSTLY or self._has_own_loop() else {}

    def _has_own_loop(self) -> bool:
        """Whether each module that imports a client for async code has coroutines to use it in."""
        importing = {place.path for place in self._uses.of(_ASYNC_CLIENTS)}
        modules = [module for module in self._uses.application if self._uses.shown(module.path) in importing]
        return bool(modules) and all(any(code.scope.is_async for code in module.codes) for module in modules)

    def _framework(self) -> Seen:
        if self._serving.roots and self._kind.is_beside:
            count = plural(len(self._serving.roots), "endpoint")
            return Seen("none", f"{count} in a corner", tuple(map(self._serving.at, self._serving.roots[:_MOST])))
        return self._serving.framework()

    def _concurrency(self) -> Seen | None:
        aside = self._structure.is_scripts or self._serving.is_beside_events or self._kind.is_beside
        if self._serving.roots and not aside:
            part, whole, what = self._serving.asynchronous, len(self._serving.roots), "endpoints"
        else:
            functions = [c for m in self._uses.application for c in m.codes if c.scope.kind == "function"]
            part = [self._serving.place(c, c.name) for c in functions if c.scope.is_async]
            whole, what = len(functions), "functions"
            if not whole:
                return None
        processes = shared_out(self._uses, self._serving, self._structure)
        share = len(part) / whole
        # Outside of endpoints most functions need not wait, so that fewer coroutines make an async program.
        is_async = share >= (_MOSTLY if what == "endpoints" else 0.15)
        value = ("async-processes" if is_async else "processes") if processes else "async" if is_async else "sync"
        why = f"{len(part)} of {whole} {what} are async"
        if processes:
            why += f", processes are started in {plural(len(processes), 'module')}"
        return Seen(value, why, tuple((part if is_async else processes)[:_MOST]))

    def _background(self) -> Seen:
        if self._structure.is_scripts:
            return Seen("none", "scripts answer no requests")
        found = self._uses.option("background")
        if found is not None:
            return found
        quick = self._uses.of(IN_PROCESS)
        if quick and self._serving.roots:
            return Seen("in-process", f"BackgroundTasks in {plural(len(quick), 'module')}", tuple(quick[:_MOST]))
        threads = beside_requests(self._uses, self._serving) if self._serving.roots else None
        return threads or Seen("none", "no queue and no BackgroundTasks")

    def _django_style(self) -> Seen | None:
        if self._framework().value != "django":
            served = self._serving.roots and not self._kind.is_beside
            return Seen("not-django", "the endpoints are not Django's") if served else None
        styles: dict[str, list[Place]] = {"function-views": [], "class-views": [], "viewsets": [], "ninja": []}
        for root in self._serving.roots:
            place = self._serving.at(root)
            by = root.by.partition(".")[0]
            owner = root.code.owner
            plain = "class-views" if owner else "function-views"
            style = "ninja" if by == "ninja" else "viewsets" if by == "rest_framework" or is_set(owner) else plain
            styles[style].append(place)
        for style, places in self._serving.inherited.items():
            styles[style] += places
        value = max(styles, key=lambda style: len(styles[style]))
        counts = ", ".join(f"{len(places)} {style.replace('-', ' ')}" for style, places in styles.items() if places)
        return Seen(value, counts, tuple(styles[value][:_MOST]))

    def _file_access(self) -> Seen | None:
        found = self._uses.option("file-access")
        if found is not None:
            return found
        if not self._serving.roots:
            return None
        anyio = self._uses.of(("anyio.Path",))
        if anyio:
            return Seen("anyio-path", f"imported in {len(anyio)} modules", tuple(anyio[:_MOST]))
        files = self._serving.reaching("file")
        if files:
            why = f"{len(files)} of {len(self._serving.roots)} endpoints reach a plain call on files"
            few = len(files) < _FILE_SHARE * len(self._serving.roots)
            return None if few else Seen("pathlib", why, tuple(files[:_MOST]))
        return Seen("none", "no endpoint is seen to reach a call on files")
