"""From a program to what it shows: figures, answers to the guide's factors, and the options already taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.report.style import plural
from archwise.review.drivers import database
from archwise.review.kind import Kind
from archwise.review.model import Figure, Measured, Seen
from archwise.review.options import Options
from archwise.review.quality import Quality
from archwise.review.serving import Serving, figure
from archwise.review.structure import Structure
from archwise.review.threads import beside_requests, started
from archwise.review.uses import IN_PROCESS, Uses, traces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.analysis import Analysis

_MOST = 40
_MANY_SOCKETS = 0.1


def measure(analysis: Analysis, uses: Uses, serving: Serving) -> Measured:
    """What a program shows."""
    structure = Structure(analysis, uses)
    quality = Quality(analysis, uses, serving)
    kind = Kind(analysis, uses, serving, structure)
    factors = _Factors(analysis, uses, serving, structure, kind).seen()
    taken = Options(uses, serving, structure, quality, kind, analysis.beside)
    figures = (*structure.figures(), *serving.figures(), *quality.figures(), *_imports(analysis, uses))
    return Measured(figures, factors, taken.seen(), structure.map(analysis.serving), taken.partly())


class _Factors:
    """The answers that the code gives; what it does not show is left out."""

    def __init__(self, analysis: Analysis, uses: Uses, serving: Serving, structure: Structure, kind: Kind) -> None:
        self._analysis = analysis
        self._uses = uses
        self._serving = serving
        self._structure = structure
        self._kind = kind

    def seen(self) -> dict[str, Seen]:
        """By factor."""
        found = {
            "kind": self._kind.seen(),
            "lifetime": self._kind.lifetime(),
            "admin": self._admin(),
            "existing": self._existing(),
            "workload": self._workload(),
            "connections": self._connections(),
            "jobs": self._jobs(),
            "size": self._structure.size(),
            "areas": self._structure.areas(),
            "database": database(self._uses, self._analysis.beside),
            "broker": self._uses.factor("broker"),
            "queue": self._queue(),
            "outgoing-http": self._outgoing(),
            "redis": self._redis(),
            "files": self._files(),
        }
        return {name: seen for name, seen in found.items() if seen is not None}

    def _admin(self) -> Seen | None:
        if self._serving.admin:
            return Seen("yes", plural(len(self._serving.admin), "admin page"), tuple(self._serving.admin[:_MOST]))
        return Seen("no", "no admin page is registered")

    def _existing(self) -> Seen:
        framework = self._serving.framework()
        if not self._kind.is_beside and framework.value in ("fastapi", "django", "flask", "quart"):
            return Seen(framework.value, framework.why, framework.places)
        return Seen("nothing", "no endpoint of FastAPI, Django, Flask or Quart")

    def _workload(self) -> Seen | None:
        total, waiting, computing = len(self._serving.roots), self._serving.waiting, self._serving.computing
        if not total:
            return None
        why = f"{len(waiting)} of {total} endpoints wait, {len(computing)} compute for long"
        if len(computing) > total / 2:
            return Seen("computing" if len(waiting) < total / 4 else "both", why, tuple(computing[:_MOST]))
        if len(waiting) < total / 4:
            return None
        return Seen("both" if len(computing) > total / 4 else "waiting", why, tuple(waiting[:_MOST]))

    def _connections(self) -> Seen | None:
        sockets = self._serving.sockets
        if len(self._serving.asynchronous) == len(sockets) < len(self._serving.roots) / 2:
            return None  # what stays connected is kept apart from the requests already
        if self._serving.roots and len(sockets) >= max(1, _MANY_SOCKETS * len(self._serving.roots)):
            return Seen("real-time", plural(len(sockets), "WebSocket endpoint"), tuple(sockets[:_MOST]))
        return None

    def _jobs(self) -> Seen | None:
        tasks = self._serving.tasks
        if tasks:
            return Seen("reliable", f"{plural(len(tasks), 'task')} for a queue", tuple(tasks[:_MOST]))
        queue = self._uses.option("background")
        if queue is not None:
            return Seen("reliable", f"{queue.value}: {queue.why}", queue.places)
        quick = self._uses.of(IN_PROCESS)
        if quick:
            return Seen("quick", f"BackgroundTasks in {plural(len(quick), 'module')}", tuple(quick[:_MOST]))
        if self._serving.roots and beside_requests(self._uses, self._serving):
            return None  # whether what the threads do may be lost, code does not say
        return Seen("none", "nothing is enqueued")

    def _queue(self) -> Seen:
        found = self._uses.option("background")
        if found is not None and found.value in ("celery", "arq", "rq", "dramatiq"):
            return found
        return Seen("nothing", "no queue of those the guide weighs is imported")

    def _outgoing(self) -> Seen:
        found = self._uses.option("http-client")
        return Seen("some", found.why, found.places) if found else Seen("none", "no HTTP client is imported")

    def _redis(self) -> Seen:
        found = self._uses.option("redis-client")
        return Seen("yes", found.why, found.places) if found else Seen("no", "no Redis client is imported")

    def _files(self) -> Seen | None:
        if not self._serving.roots:
            return None
        files = self._serving.reaching("file") or self._uses.of(("aiofiles", "anyio.Path"))
        if files:
            verb = "reaches" if len(files) == 1 else "reach"
            return Seen("yes", f"{plural(len(files), 'endpoint')} {verb} a call on files", tuple(files[:_MOST]))
        return Seen("no", "no endpoint is seen to reach a call on files")


def _imports(analysis: Analysis, uses: Uses) -> Iterator[Figure]:
    """What is imported and enqueued, counted."""
    for decision, title in _COUNTED.items():
        for trace in traces():
            if trace.decision == decision:
                places = uses.traced(trace)
                if places:
                    named = _NAMES.get(trace.option, trace.option)
                    id = f"{decision}-{trace.option.lower().replace(' ', '-')}"
                    yield figure(id, f"{title}: {named}", places)
    threads = started(uses)
    if threads:
        yield figure("threads", "Threads started and not waited for", threads)
    enqueued = analysis.queues.enqueued
    if enqueued:
        places = [
            uses.place(code.module, getattr(code.scope.ops[each.op], "line", 1), f"in {code.name}")
            for each in enqueued
            for code in (each.code,)
        ]
        yield figure("enqueued", "Calls that enqueue a task", sorted(places))


_COUNTED = {
    "data-layer": "Modules that import an ORM or client",
    "database-driver": "Modules that import a driver",
    "http-client": "Modules that import an HTTP client",
    "redis-client": "Modules that import a Redis client",
    "background": "Modules that import a task queue",
    "validation": "Modules that import a validation library",
}
_NAMES = {
    "sql": "a driver, for SQL",
    "sqlalchemy": "SQLAlchemy",
    "django-orm": "Django's ORM",
    "tortoise": "Tortoise",
    "httpx2": "httpx",
    "redis-asyncio": "redis.asyncio",
    "celery": "Celery",
    "arq": "ARQ",
    "rq": "RQ",
    "dramatiq": "Dramatiq",
    "pydantic": "Pydantic",
    "django-forms": "Django's forms or serializers",
}
