"""What stands around a test: the fixtures and set-up that run for it, and whether any of it may replace something."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.program import Code, Module
    from archwise.engine.suite import Suite, Test

_HARMLESS = frozenset(
    {
        *(
            "tmp_path",
            "tmp_path_factory",
            "tmpdir",
            "tmpdir_factory",
            "capsys",
            "capfd",
            "caplog",
            "recwarn",
            "request",
        ),
        *("event_loop", "anyio_backend", "db", "subtests", "self", "cls"),
    }
)
"""Fixtures of pytest and its plugins that replace nothing."""
_REPLACING = (
    *(
        "mock",
        "patch",
        "stub",
        "fake",
        "dummy",
        "responses",
        "respx",
        "httpretty",
        "vcr",
        "cassette",
        "betamax",
        "pook",
    ),
    *(
        "record",
        "replay",
        "intercept",
        "transport",
        "mount",
        "socket",
        "skip",
        "offline",
        "override",
        "swap",
        "simulat",
    ),
    *("flexmock", "block_network", "local_server", "live_server", "liveserver", "httpserver", "test_server", "proxy"),
)
"""What the names of things hold that put something else in the place of the outside, or leave the test out."""
_SETS_UP = ("setUp", "asyncSetUp", "setup", "tearDown", "asyncTearDown", "teardown")
_HOOKS = ("pytest_",)


class Surroundings(msgspec.Struct, frozen=True):
    """The code that runs for a test beside its own; ``known`` where nothing of it comes from elsewhere."""

    codes: tuple[Code, ...]
    known: bool


class Isolation:
    """Tells what may keep tests apart from the outside."""

    def __init__(self, inference: Inference, suite: Suite) -> None:
        self._inference = inference
        self._suite = suite
        self._replaces: dict[Code, bool] = {}

    def around(self, test: Test) -> Surroundings:
        """The fixtures of a test, whether asked for or not, and what sets it up."""
        found: dict[Code, None] = dict.fromkeys((*self._set_up(test), *self._automatic(test)))
        known = True
        pending = [test.code, *found]
        found.update(dict.fromkeys(self._hooks(test)))
        while pending:
            code = pending.pop(0)
            for name in self._asked(code):
                fixtures = self.visible(name, test)
                known = known and (bool(fixtures) or name in _HARMLESS)
                fresh = [fixture for fixture in fixtures if fixture not in found]
                found.update(dict.fromkeys(fresh))
                pending += fresh
        return Surroundings(tuple(found), known)

    def replaces(self, code: Code) -> bool:
        """Whether a function names anything that may replace what it uses, or skip a test."""
        found = self._replaces.get(code)
        if found is None:
            found = self._replaces[code] = any(map(_is_replacing, _identifiers(code)))
        return found

    def replaces_by_decorator(self, cls: Code) -> bool:
        """Whether what decorates a class may."""
        return any(map(_is_replacing, _of_decorators(cls)))

    def replaces_at_once(self, module: Module) -> bool:
        """Whether a statement of a module's own body may, while it is imported."""
        code = module.code
        calls = (op for index in code.scope.discarded if isinstance(op := code.scope.ops[index], ir.Call))
        return any(_is_replacing(name) for op in calls for name in ir.path(code.scope.ops, op.function).split("."))

    def _asked(self, code: Code) -> Iterator[str]:
        """The fixtures that a test, fixture or set-up takes; values that tests are run with apart."""
        given = set(self._parameters_given(code))
        for parameter in code.scope.parameters:
            if not parameter.default and parameter.name not in given and parameter.kind in ("positional", "keyword"):
                yield parameter.name

    def _parameters_given(self, code: Code) -> Iterator[str]:
        """The names in ``@pytest.mark.parametrize("name, other", …)``, of the function and its class."""
        for scope in (code, code.owner):
            for parent, index in scope.decorators if scope is not None else ():
                op = parent.scope.ops[index]
                if isinstance(op, ir.Call) and op.arguments and parent.callee_name(index) == "parametrize":
                    yield from _names(parent, op.arguments[0])

    def visible(self, name: str, test: Test) -> list[Code]:
        """The fixtures of a name that a test may get: the nearest ones; any, where none stands above it."""
        fixtures = self._suite.fixtures.get(name, [])
        near = [fixture for fixture in fixtures if _is_above(fixture, test)]
        return near or fixtures

    def _automatic(self, test: Test) -> Iterator[Code]:
        return (fixture for fixture in self._autouse if _is_above(fixture, test))

    @functools.cached_property
    def _autouse(self) -> tuple[Code, ...]:
        return tuple(
            fixture for fixtures in self._suite.fixtures.values() for fixture in fixtures if _is_autouse(fixture)
        )

    def _set_up(self, test: Test) -> Iterator[Code]:
        """The methods and functions that run before and after a test."""
        owners = self._inference.classes.order(test.cls) if test.cls is not None else ()
        for owner in owners:
            if not isinstance(owner, str):
                yield from _named(self._inference.classes.methods(owner), _SETS_UP)
        module = test.code.module
        yield from _named(module.code.inner, _SETS_UP)

    def _hooks(self, test: Test) -> Iterator[Code]:
        """What pytest calls of the ``conftest.py`` files above a test."""
        for other in self._conftests:
            if _is_above(other, test):
                yield from _named(other.inner, _HOOKS)

    @functools.cached_property
    def _conftests(self) -> tuple[Code, ...]:
        modules = self._inference.program.modules.values()
        return tuple(module.code for module in modules if module.path.endswith("conftest.py"))


def _named(codes: Iterable[Code], starts: tuple[str, ...]) -> Iterator[Code]:
    return (code for code in codes if code.scope.kind == "function" and code.scope.name.startswith(starts))


def _is_above(code: Code, test: Test) -> bool:
    """Whether what a fixture's place says holds for a test: its own module, or a ``conftest.py`` above it."""
    if code.module is test.code.module:
        return code.owner is None or code.owner is test.cls
    folder, _, name = code.module.path.rpartition("/")
    return name == "conftest.py" and (not folder or test.code.module.path.startswith(f"{folder}/"))


def _is_autouse(fixture: Code) -> bool:
    decorators = (code.scope.ops[index] for code, index in fixture.decorators)
    return any(isinstance(op, ir.Call) and "autouse" in dict(op.keywords) for op in decorators)


def _names(code: Code, index: int) -> Iterator[str]:
    op = code.scope.ops[index]
    if isinstance(op, ir.Constant):
        yield from (name.strip() for name in op.text.split(","))
    elif isinstance(op, ir.Display):
        for item in op.items:
            yield from _names(code, item)


def _identifiers(code: Code) -> Iterator[str]:
    """The names in a function, those of functions inside it, and of its decorators."""
    for each in code.whole:
        yield each.scope.name
        for op in each.scope.ops:
            yield op.name if isinstance(op, ir.Import) else ir.identifier(op)
    yield from _of_decorators(code)


def _of_decorators(code: Code) -> Iterator[str]:
    """The names in what decorates a definition."""
    for parent, index in code.decorators:
        yield from ir.path(parent.scope.ops, parent.callee(index)).split(".")


def _is_replacing(name: str) -> bool:
    lowered = name.lower()
    return any(word in lowered for word in _REPLACING)
