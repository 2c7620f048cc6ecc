"""How the code keeps its word: types, validation, errors and tests, counted."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from archwise.report.style import plural
from archwise.review.model import Figure, Place, Seen
from archwise.review.serving import figure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.analysis import Analysis
    from archwise.engine.program import Code
    from archwise.review.serving import Serving
    from archwise.review.uses import Uses

_MOST = 40
_SELF = frozenset({"self", "cls", "mcs"})
_SUITE = 3
"""Tests from which on there is a suite …"""
_TESTED = 0.02
"""… and test modules for each module of the application."""
_HARDLY, _PUBLIC, _NEARLY, _WHOLE = 0.1, 0.8, 0.9, 0.97
"""Shares of typed public functions: hardly any; typed in public; throughout, as far as code without the files of its
project shows; throughout."""
_CHECKED = r"(?m)^\s*strict\s*=\s*[Tt]rue|typeCheckingMode.{0,5}strict|disallow_untyped_defs\s*=\s*[Tt]rue"
_PAGES = ("render_template", "TemplateResponse", "render_to_response")
_CLIENTS = ("fastapi.testclient", "starlette.testclient", "flask.testing", "litestar.testing.TestClient", "webtest")
_ASYNC_CLIENTS = (
    "httpx.AsyncClient", "httpx.ASGITransport", "httpx2.AsyncClient", "httpx2.ASGITransport",
    "litestar.testing.AsyncTestClient", "async_asgi_testclient",
)  # fmt: skip
_RUNNERS = frozenset({"django", "rest_framework", "unittest"})
_ADAPTER_SHARE, _CORNER_SHARE, _CORNER = 0.25, 0.1, 0.05
"""Shares of the test modules that use Django, or a client for endpoints, from which on the tests run on it: where the
program is no site of Django's, or where what serves is no more than that share of it. The second also of those that
hold coroutines, from which on a plugin that the project asks for runs them."""
_BESIDE = 0.1
"""Test modules that import pytest for each that imports unittest, below which a few use something of it."""
_FLASK_CLIENTS = ("test_client", "test_request_context")
_HANDLERS = (
    "exception_handler", "errorhandler", "add_exception_handler", "register_error_handler", "app_errorhandler"
)  # fmt: skip


class Quality:
    """The application's public functions and its tests."""

    def __init__(self, analysis: Analysis, uses: Uses, serving: Serving) -> None:
        self._analysis = analysis
        self._uses = uses
        self._serving = serving

    @functools.cached_property
    def public(self) -> list[Code]:
        """Functions and methods that others may call."""
        modules = self._uses.application
        open_ = [module for module in modules if not _is_private(self._analysis.program.imported_as(module))]
        # Where most modules are private, their names are given out by the package around them.
        return [
            code
            for module in (open_ if len(open_) >= len(modules) / 2 else modules)
            for code in module.codes
            if code.scope.kind == "function" and _is_public(code.scope.qualname)
        ]

    @functools.cached_property
    def typed(self) -> int:
        """How many of them say the type of each parameter and of the result."""
        return sum(_is_typed(code) for code in self.public)

    def typing(self) -> Seen | None:
        """How much is typed."""
        if not self.public:
            return None
        share = self.typed / len(self.public)
        checked = self._analysis.beside.says(_CHECKED)
        strict = checked or share >= (_WHOLE if self._analysis.beside.texts else _NEARLY)
        value = "optional" if share < _PUBLIC else "strict" if strict else "public"
        said = "; a strict checker is set" if checked else ""
        why = f"{self.typed} of {len(self.public)} public functions are fully typed{said}"
        return Seen(value, why, name="Hardly any types" if share < _HARDLY else "")

    @functools.cached_property
    def handlers(self) -> list[Place]:
        """Where exception handlers are registered for the whole application."""
        return sorted(place for module in self._uses.application for place in self._uses.calling(module, _HANDLERS))

    def errors(self) -> Seen | None:
        """What a caller gets when something goes wrong."""
        problem = self._uses.of(("fastapi_problem", "fastapi_problem_details", "flask_problem", "starlette_problem"))
        if problem:
            return Seen("problem-details", "a package for problem details is imported", tuple(problem[:_MOST]))
        if not (self._serving.roots and self.handlers):
            return None
        why = f"{plural(len(self.handlers), 'exception handler')} for the whole application"
        rendering = {place.path for m in self._uses.application for place in self._uses.calling(m, _PAGES)}
        paged = sum(place.path in rendering for place in self._answering or self.handlers)
        if paged > len(self._answering or self.handlers) / 2:
            return Seen("error-pages", f"{why}, {paged} in modules that render pages", tuple(self.handlers[:_MOST]))
        return Seen("envelope", why, tuple(self.handlers[:_MOST]), "Exception handlers for the whole application")

    @functools.cached_property
    def _answering(self) -> list[Place]:
        """The functions that are registered for exceptions, where it is clear which those are."""
        handling = [
            root
            for root in self._analysis.roots
            if root.role == "handler" and root.by.rpartition(".")[2] in _HANDLERS
            if root.code.module in self._uses.application
        ]
        return [self._serving.at(root) for root in handling]

    @functools.cached_property
    def _tested(self) -> tuple[Code, ...]:
        """The tests; in files that pytest would not look into, those that other runners find (``test*.py``)."""
        by_others = (
            code
            for module in self._uses.tests
            if module.path.rpartition("/")[2].startswith("test") and not _RUNNERS.isdisjoint(module.summary.imports)
            for code in module.codes
            if code.owner is not None and code.scope.kind == "function" and code.scope.name.startswith("test")
        )
        return tuple(dict.fromkeys((*(test.code for test in self._analysis.suite.tests), *by_others)))

    def tests(self) -> Seen | None:
        """What the tests run on; the few test modules that a distribution may hold do not tell."""
        modules = {code.module for code in self._tested}
        if len(self._tested) < _SUITE or len(modules) < _TESTED * len(self._uses.application):
            return None
        pytest = self._uses.of(("pytest",), tests=True)
        django = self._uses.of(("django.test", "rest_framework.test", "pytest_django"), tests=True)
        if self._serving.framework().value != "django" and len(django) < _ADAPTER_SHARE * len(modules):
            django = []  # an example or an adapter that is tested beside the rest
        clients = self._uses.of(_CLIENTS, tests=True)
        if self._serving.framework().value == "flask" or self._is_on_flask(len(modules)):
            used = (next(self._uses.calling(m, _FLASK_CLIENTS), None) for m in self._uses.tests)
            made = self._uses.of(("flask_testing",))  # the class that tests derive from stands beside them
            clients = sorted({place.path: place for place in (*clients, *filter(None, used), *made)}.values())
        async_clients = self._uses.of(_ASYNC_CLIENTS, tests=True)
        unittest = self._uses.of(("unittest",), tests=True)
        runs_pytest = self._runs_pytest(pytest)
        by_django = django or (pytest if self._serving.framework().value == "django" and runs_pytest else [])
        if len(async_clients) < len(clients):
            async_clients = []
        if len(self._serving.modules) <= _CORNER * len(self._uses.application):
            least = (_CORNER_SHARE if self._serving.roots else _ADAPTER_SHARE) * len(modules)
            async_clients, clients = ([] if len(each) < least else each for each in (async_clients, clients))
        awaiting = {code.module for code in self._tested if code.scope.is_async}
        coroutines = len(awaiting) >= _CORNER_SHARE * len(modules)
        ranked = (
            ("async-client", async_clients),
            ("test-client", clients),
            ("pytest-django", by_django if runs_pytest else []),
            ("Django's test runner", django),
            ("pytest-asyncio", pytest if coroutines and self._analysis.beside.mentions("pytest-asyncio") else []),
            ("pytest", pytest if len(pytest) >= _BESIDE * len(unittest) else []),
            ("unittest", unittest),
            ("pytest", pytest),
        )
        for value, places in ranked:
            if places:
                return Seen(value, plural(len(places), "test module"), tuple(places[:_MOST]))
        return None

    def _is_on_flask(self, modules: int) -> bool:
        """Whether the tests of what others use with Flask make applications of it."""
        return len(self._uses.of(("flask",), tests=True)) >= _ADAPTER_SHARE * modules

    def _runs_pytest(self, imported: list[Place]) -> bool:
        """Whether pytest runs the tests of Django: what a project requires says so, else what its tests import."""
        if self._analysis.beside.texts:
            return self._analysis.beside.mentions("pytest-django")
        return bool(imported)

    def figures(self) -> Iterator[Figure]:
        """Types, handlers and tests, counted."""
        if self.public:
            untyped = [
                self._uses.place(code.module, code.scope.line, f"{code.name} is not fully typed")
                for code in self.public
                if not _is_typed(code)
            ]
            share = round(100 * self.typed / len(self.public))
            value = f"{self.typed} of {len(self.public)} ({share} %)"
            yield Figure("typed", "Public functions that are fully typed", value, tuple(untyped[:_MOST]), len(untyped))
        functions = [code for m in self._uses.application for code in m.codes if code.scope.kind == "function"]
        coroutines = [self._serving.place(c, f"async {c.name}") for c in functions if c.scope.is_async]
        if functions:
            yield figure("functions-async", "Functions that are async", coroutines, len(functions))
        if self.handlers:
            yield figure("exception-handlers", "Exception handlers for the whole application", self.handlers)
        tests = [self._test_place(code) for code in self._tested]
        if tests:
            yield figure("tests", "Tests", tests)
        fixtures = [self._test_place(code) for m in self._uses.tests for code in m.codes if _is_fixture(code)]
        if fixtures:
            yield figure("fixtures", "Fixtures of the tests", fixtures)

    def _test_place(self, code: Code) -> Place:
        return self._uses.place(code.module, code.scope.line, code.name)


def _is_fixture(code: Code) -> bool:
    """Whether it is decorated as one: ``@pytest.fixture``, with arguments or without."""
    return code.scope.kind == "function" and "fixture" in code.decorator_names


def _is_public(qualname: str) -> bool:
    return "<locals>" not in qualname and not _is_private(qualname)


def _is_private(name: str) -> bool:
    return any(part.startswith("_") and not (part.startswith("__") and part.endswith("__")) for part in name.split("."))


def _is_typed(code: Code) -> bool:
    parameters = code.scope.parameters
    owned = code.owner is not None and parameters and parameters[0].name in _SELF
    rest = parameters[1:] if owned else parameters
    returns = code.scope.returns_annotation or code.scope.name == "__init__"
    return bool(returns) and all(parameter.annotation for parameter in rest)
