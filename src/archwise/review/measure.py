"""From a program to what it shows: figures, answers to the guide's factors, and the options already taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.review.model import Figure, Measured, Place, Seen
from archwise.review.quality import Quality
from archwise.review.serving import Serving, figure
from archwise.review.structure import Structure
from archwise.review.uses import Trace, Uses, traces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.analysis import Analysis
    from archwise.engine.program import Module

_MOST = 40
_FEW_ENDPOINTS = 8
_MODEL_SHARE = 0.1
"""Share of modules that load models, from which on a service is there to serve them."""
_PAGE_SHARE = 0.2
_MANY_SOCKETS = 0.1
_MANY_TASKS = 3
_EXPORTED = 3
_PROCESSES = ("concurrent.futures.ProcessPoolExecutor", "multiprocessing.Pool", "multiprocessing.Process")
_IN_PROCESS = ("fastapi.BackgroundTasks", "starlette.background", "fastapi.background")


def measure(analysis: Analysis, uses: Uses, serving: Serving) -> Measured:
    """What a program shows."""
    structure = Structure(analysis, uses)
    quality = Quality(analysis, uses, serving)
    reader = _Reader(analysis, uses, serving, structure, quality)
    figures = (*structure.figures(), *serving.figures(), *quality.figures(), *reader.figures())
    return Measured(figures, reader.factors(), reader.options(), structure.map(analysis.serving))


class _Reader:
    def __init__(
        self, analysis: Analysis, uses: Uses, serving: Serving, structure: Structure, quality: Quality
    ) -> None:
        self._analysis = analysis
        self._uses = uses
        self._serving = serving
        self._structure = structure
        self._quality = quality

    # -- factors

    def factors(self) -> dict[str, Seen]:
        """The answers that the code gives; what it does not show is left out."""
        found = {
            "kind": self._kind(),
            "admin": self._admin(),
            "existing": self._existing(),
            "workload": self._workload(),
            "connections": self._connections(),
            "jobs": self._jobs(),
            "size": self._structure.size(),
            "areas": self._structure.areas(),
            "database": self._database(),
            "broker": self._traced("broker"),
            "queue": self._queue(),
            "outgoing-http": self._outgoing(),
            "redis": self._redis(),
            "files": self._files(),
        }
        return {name: seen for name, seen in found.items() if seen is not None}

    def _kind(self) -> Seen:
        served = len(self._serving.roots)
        if not served:
            return self._unserved()
        if not self._serving.applications:
            return Seen("library", f"{served} endpoints for the applications of others: it makes none of its own",
                        self._endpoints())  # fmt: skip
        models = self._uses.of(_modules("kind", "model-serving"))
        pages = self._serving.pages
        if len(pages) >= max(2, _PAGE_SHARE * served) or self._serving.admin:
            return Seen("full-stack", f"{len(pages)} places render pages, {len(self._serving.admin)} admin pages",
                        tuple((pages or self._serving.admin)[:_MOST]))  # fmt: skip
        if len(models) >= max(1, _MODEL_SHARE * len(self._uses.application)):
            why = f"{served} endpoints, and {len(models)} modules load models to predict"
            return Seen("model-serving", why, tuple(models[:_MOST]))
        if served <= _FEW_ENDPOINTS and self._structure.size().value == "small":
            return Seen("simple", f"{served} endpoints in few modules", self._endpoints())
        return Seen("api", f"{served} endpoints, and no pages", self._endpoints())

    def _unserved(self) -> Seen:
        tasks = [self._serving.place(code, f"{code.name} is a task") for code in self._analysis.queues.tasks]
        if len(tasks) >= _MANY_TASKS:
            return Seen("worker", f"{len(tasks)} tasks, and no endpoints", tuple(sorted(tasks)[:_MOST]))
        handlers = [
            self._serving.place(root.code, root.label)
            for root in self._analysis.roots
            if root.role == "handler"
            and root.code.module in self._uses.application
            and not root.by.startswith("asyncio.")
        ]
        if len(handlers) >= _MANY_TASKS:
            why = f"{len(handlers)} handlers of events, and no endpoints"
            return Seen("worker", why, tuple(sorted(handlers)[:_MOST]))
        exported = [m for m in self._uses.application if self._is_top(m) and (m.summary.exports or _reexports(m))]
        commands = [
            self._serving.place(root.code, root.label)
            for root in self._analysis.roots
            if root.role == "command" and root.code.module in self._uses.application
        ]
        packaged = any(module.is_package for module in self._uses.application)
        if not packaged or (commands and not exported):
            why = f"{len(commands)} commands, and nothing that others would import"
            return Seen("tool", why, tuple(commands[:_MOST]))
        return Seen("library", "no endpoints, tasks or pages: packages for others to import")

    def _is_top(self, module: Module) -> bool:
        return module.is_package and "." not in self._analysis.program.imported_as(module)

    def _endpoints(self) -> tuple[Place, ...]:
        return tuple(self._serving.place(root.code, root.label) for root in self._serving.roots[:_MOST])

    def _admin(self) -> Seen | None:
        if self._serving.admin:
            return Seen("yes", f"{len(self._serving.admin)} admin pages", tuple(self._serving.admin[:_MOST]))
        return Seen("no", "no admin page is registered")

    def _existing(self) -> Seen:
        framework = self._serving.framework()
        if framework.value in ("fastapi", "django", "flask"):
            return Seen(framework.value, framework.why, framework.places)
        return Seen("nothing", "no endpoint of FastAPI, Django or Flask")

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
        if self._serving.roots and len(sockets) >= max(1, _MANY_SOCKETS * len(self._serving.roots)):
            return Seen("real-time", f"{len(sockets)} WebSocket endpoints", tuple(sockets[:_MOST]))
        return None

    def _jobs(self) -> Seen | None:
        tasks = [self._serving.place(code, f"{code.name} is a task") for code in self._analysis.queues.tasks]
        if tasks:
            return Seen("reliable", f"{len(tasks)} tasks for a queue", tuple(sorted(tasks)[:_MOST]))
        queue = self._option("background")
        if queue is not None:
            return Seen("reliable", f"{queue.value}: {queue.why}", queue.places)
        quick = self._in_process()
        if quick:
            return Seen("quick", f"BackgroundTasks in {len(quick)} modules", tuple(quick[:_MOST]))
        return Seen("none", "nothing is enqueued")

    def _in_process(self) -> list[Place]:
        return self._uses.of(_IN_PROCESS)

    def _database(self) -> Seen | None:
        found = [each for each in traces() if each.factor == "database" and self._uses.of(each.modules)]
        if len(found) > 1:
            return None  # which of them serves, the code alone does not say
        if found:
            return self._traced("database")
        if self._uses.of([name for trace in traces() if trace.decision == "data-layer" for name in trace.modules]):
            return None
        return Seen("none", "no driver, ORM or client of a database is imported")

    def _queue(self) -> Seen:
        found = self._option("background")
        if found is not None and found.value in ("celery", "arq", "rq", "dramatiq"):
            return found
        return Seen("nothing", "no queue of those the guide weighs is imported")

    def _outgoing(self) -> Seen:
        found = self._option("http-client")
        return Seen("some", found.why, found.places) if found else Seen("none", "no HTTP client is imported")

    def _redis(self) -> Seen:
        found = self._option("redis-client")
        return Seen("yes", found.why, found.places) if found else Seen("no", "no Redis client is imported")

    def _files(self) -> Seen | None:
        if not self._serving.roots:
            return None
        files = self._serving.reaching("file") or self._uses.of(("aiofiles", "anyio.Path"))
        if files:
            return Seen("yes", f"{len(files)} endpoints reach a call on files", tuple(files[:_MOST]))
        return Seen("no", "no endpoint is seen to reach a call on files")

    # -- options

    def options(self) -> dict[str, Seen]:
        """What was decided already, by decision; what is not seen is left out."""
        found = {
            "framework": self._serving.framework(),
            "concurrency": self._concurrency(),
            "layout": self._structure.layout(),
            "grouping": self._structure.grouping(),
            "background": self._background(),
            "typing": self._quality.typing(),
            "errors": self._quality.errors(),
            "tests": self._quality.tests(),
            "validation": self._validation(),
            "django-style": self._django_style(),
            "file-access": self._file_access(),
        }
        for decision in ("data-layer", "http-client", "redis-client"):
            found[decision] = self._option(decision) or Seen("none", "nothing of the kind is imported")
        found["database-driver"] = self._driver()
        return {name: seen for name, seen in found.items() if seen is not None}

    def _driver(self) -> Seen | None:
        found = self._option("database-driver")
        if found is None and self._option("data-layer") is None:
            return Seen("none", "no driver and no ORM is imported")
        return found  # an ORM loads its driver by a name in the settings

    def _concurrency(self) -> Seen | None:
        if self._serving.roots:
            part, whole, what = self._serving.asynchronous, len(self._serving.roots), "endpoints"
        else:
            functions = [c for m in self._uses.application for c in m.codes if c.scope.kind == "function"]
            part = [self._serving.place(c, c.name) for c in functions if c.scope.is_async]
            whole, what = len(functions), "functions"
            if not whole:
                return None
        processes = self._uses.of(_PROCESSES)
        share = len(part) / whole
        # Outside of endpoints most functions need not wait, so that fewer coroutines make an async program.
        is_async = share >= (0.5 if what == "endpoints" else 0.15)
        value = ("async-processes" if is_async else "processes") if processes else "async" if is_async else "sync"
        why = f"{len(part)} of {whole} {what} are async"
        if processes:
            why += f", processes are started in {len(processes)} modules"
        return Seen(value, why, tuple((part if is_async else processes)[:_MOST]))

    def _background(self) -> Seen:
        found = self._option("background")
        if found is not None:
            return found
        quick = self._in_process()
        if quick:
            return Seen("in-process", f"BackgroundTasks in {len(quick)} modules", tuple(quick[:_MOST]))
        return Seen("none", "no queue and no BackgroundTasks")

    def _validation(self) -> Seen | None:
        """What validates; plain data classes only where nothing else does."""
        found = [trace for trace in traces() if trace.decision == "validation"]
        others = [(trace.option, trace) for trace in found if trace.option != "dataclasses"]
        return self._ranked(others) or self._ranked([(trace.option, trace) for trace in found])

    def _django_style(self) -> Seen | None:
        if self._serving.framework().value != "django":
            return Seen("not-django", "the endpoints are not Django's") if self._serving.roots else None
        styles: dict[str, list[Place]] = {"function-views": [], "class-views": [], "viewsets": [], "ninja": []}
        for root in self._serving.roots:
            place = self._serving.place(root.code, root.label)
            by = root.by.partition(".")[0]
            owner = root.code.owner
            plain = "class-views" if owner else "function-views"
            style = "ninja" if by == "ninja" else "viewsets" if by == "rest_framework" else plain
            styles[style].append(place)
        value = max(styles, key=lambda style: len(styles[style]))
        counts = ", ".join(f"{len(places)} {style.replace('-', ' ')}" for style, places in styles.items() if places)
        return Seen(value, counts, tuple(styles[value][:_MOST]))

    def _file_access(self) -> Seen | None:
        if self._uses.of(("aiofiles",)):
            return self._option("file-access")
        if not self._serving.roots:
            return None
        anyio = self._uses.of(("anyio.Path",))
        if anyio:
            return Seen("anyio-path", f"imported in {len(anyio)} modules", tuple(anyio[:_MOST]))
        files = self._serving.reaching("file")
        if files:
            return Seen("pathlib", f"{len(files)} endpoints reach a plain call on files", tuple(files[:_MOST]))
        return Seen("none", "no endpoint is seen to reach a call on files")

    # -- traces

    def _traced(self, factor: str) -> Seen | None:
        return self._ranked([(trace.value, trace) for trace in traces() if trace.factor == factor])

    def _option(self, decision: str) -> Seen | None:
        wanted = [trace for trace in traces() if trace.decision == decision and not trace.tests]
        return self._ranked([(trace.option, trace) for trace in wanted])

    def _ranked(self, wanted: list[tuple[str, Trace]]) -> Seen | None:
        """The value that most modules speak for; among equals the one listed first."""
        found = [(value, self._uses.of(trace.modules)) for value, trace in wanted]
        found = [(value, places) for value, places in found if places]
        if not found:
            return None
        value, places = max(found, key=lambda item: len(item[1]))
        others = ", ".join(f"{other} in {len(rest)}" for other, rest in found if other != value)
        why = f"imported in {len(places)} modules" + (f"; {others}" if others else "")
        name = next((trace.name for option, trace in wanted if option == value), "")
        return Seen(value, why, tuple(places[:_MOST]), name)

    def figures(self) -> Iterator[Figure]:
        """What is imported and enqueued, counted."""
        for decision, title in _COUNTED.items():
            for trace in traces():
                if trace.decision == decision:
                    places = self._uses.of(trace.modules, tests=trace.tests)
                    if places:
                        named = _NAMES.get(trace.option, trace.option)
                        id = f"{decision}-{trace.option.lower().replace(' ', '-')}"
                        yield figure(id, f"{title}: {named}", places)
        enqueued = self._analysis.queues.enqueued
        if enqueued:
            places = [
                self._uses.place(code.module, getattr(code.scope.ops[each.op], "line", 1), f"in {code.name}")
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


def _modules(factor: str, value: str) -> tuple[str, ...]:
    return next(trace.modules for trace in traces() if (trace.factor, trace.value) == (factor, value))


def _reexports(module: Module) -> bool:
    """Whether a package gives names of its own: then others are meant to import them."""
    return len(module.code.scope.bindings) >= _EXPORTED
