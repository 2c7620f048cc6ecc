"""The program's test suite: its test functions, their marks, its fixtures."""

from __future__ import annotations

import fnmatch
import functools
import re
from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.program import Code
from archwise.engine.pytest_settings import PytestSettings, settings_above
from archwise.engine.values import ClassValue, External, ExternalInstance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.projectfiles import ProjectFiles

_FILES = ("test_*.py", "*_test.py")

_OUTWARD = frozenset(
    {
        *("integration", "integrations", "e2e", "live", "functional", "external", "network", "online", "system"),
        *("smoke", "acceptance", "manual", "contract", "performance", "perf", "load", "benchmark", "benchmarks"),
        *("remote", "internet", "interop", "stress"),
    }
)
"""Names of folders, files, classes and tests that are there to try the whole, with what lies outside."""

_CALLS_TESTS = frozenset({"__call__", "__getattribute__", "__init_subclass__", "_callTestMethod", "debug", "run"})


class Marks(msgspec.Struct, frozen=True):
    """What decorates a test, or is its ``pytestmark``: marks by name; ``opaque`` where something else does too."""

    names: frozenset[str]
    opaque: bool = False

    def __or__(self, other: Marks) -> Marks:
        return Marks(self.names | other.names, self.opaque or other.opaque)


class Test(msgspec.Struct, frozen=True):
    """A test function, with the class it stands in and every mark it has."""

    code: Code
    cls: Code | None
    marks: Marks


_NONE = Marks(frozenset())
_OPAQUE = Marks(frozenset(), opaque=True)
_HARMLESS = frozenset(
    {"patch", "object", "dict", "multiple", "skip", "skipIf", "skipUnless", "staticmethod", "override"}
)
"""Decorators that leave an async function one: those of ``unittest`` and of ``unittest.mock``."""


class Suite:
    """The tests of a program."""

    def __init__(self, inference: Inference, beside: ProjectFiles) -> None:
        self._inference = inference
        self._beside = beside
        self._settings: dict[str, tuple[PytestSettings, ...]] = {}

    @functools.cached_property
    def tests(self) -> tuple[Test, ...]:
        """The functions and methods that pytest or unittest would collect."""
        return tuple(self._find())

    @functools.cached_property
    def fixtures(self) -> dict[str, list[Code]]:
        """The functions under ``@pytest.fixture`` or another decorator so called, by name."""
        found: dict[str, list[Code]] = {}
        for code in self._inference.program.codes():
            if "fixture" in code.decorator_names:
                found.setdefault(code.scope.name, []).append(code)
        return found

    def requested(self, fixture: str) -> bool:
        """Whether some other fixture takes this one."""
        return fixture in self._requested

    @functools.cached_property
    def _requested(self) -> frozenset[str]:
        return frozenset(
            parameter.name
            for name, codes in self.fixtures.items()
            for code in codes
            for parameter in code.scope.parameters
            if parameter.name != name
        )

    def _find(self) -> Iterator[Test]:
        for module in self._inference.program.by_name:
            file = module.path.rpartition("/")[2]
            collected = any(fnmatch.fnmatchcase(file, pattern) for pattern in self._patterns(module.path))
            for code in module.codes:
                parent = code.parent
                if code.scope.kind != "function" or parent is None or not code.scope.name.startswith("test"):
                    continue
                if parent is module.code and collected:
                    yield Test(code, None, self._marks(code) | self.pytestmark(module.code))
                elif parent.scope.kind == "class" and (collected or self.is_case(parent)):
                    yield Test(code, parent, self._marks(code) | self._of_class(parent) | self.pytestmark(module.code))

    def is_outward(self, test: Test) -> bool:
        """Whether a test is named, or lies, where those are that try the whole with what lies outside."""
        said = f"{test.code.module.path}_{test.code.scope.qualname}".lower()
        return not _OUTWARD.isdisjoint(re.split(r"[^a-z0-9]", said))

    def settings(self, path: str) -> tuple[PytestSettings, ...]:
        """What pytest reads for a test file, in the nearest folder first."""
        folder = path.rpartition("/")[0]
        if folder not in self._settings:
            self._settings[folder] = tuple(settings_above(self._beside, path))
        return self._settings[folder]

    def _patterns(self, path: str) -> tuple[str, ...]:
        given = [
            settings.values["python_files"] for settings in self.settings(path) if "python_files" in settings.values
        ]
        return (*_FILES, *(pattern for text in given for pattern in text.split()))

    def is_case(self, cls: Code) -> bool:
        """Whether a class surely is a plain ``unittest.TestCase``: every base is known, and no other package's."""
        order = self._inference.classes.order(cls)
        if any(_has_a_say(base) for base in order if isinstance(base, Code)):
            return False
        return bool(self._inference.classes.external_bases(cls)) and all(
            base in ("unittest.TestCase", "builtins.object") if isinstance(base, str) else self._has_known_bases(base)
            for base in order
        )

    def _has_known_bases(self, cls: Code) -> bool:
        parent = cls.parent
        return parent is not None and all(
            any(
                isinstance(value, (ClassValue, External, ExternalInstance))
                for value in self._inference.values(parent, base)
            )
            for base in cls.scope.bases
        )

    # -- marks

    def _marks(self, code: Code) -> Marks:
        """The marks among a definition's decorators."""
        found = _NONE
        for parent, index in code.decorators:
            found |= _mark(parent, index)
        return found

    def _of_class(self, cls: Code) -> Marks:
        found = _NONE
        for each in self._inference.classes.order(cls):
            if isinstance(each, Code):
                found |= self._marks(each) | self.pytestmark(each)
        return found

    def pytestmark(self, scope: Code) -> Marks:
        """What the ``pytestmark`` of a module or class says."""
        found = _NONE
        for binding in scope.scope.bindings.get("pytestmark", ()):
            op = scope.scope.ops[binding.value]
            for index in op.items if isinstance(op, ir.Display) else (binding.value,):
                found |= _mark(scope, index)
        return found


def _has_a_say(cls: Code) -> bool:
    """Whether a class changes what becomes of its methods, or how they are called."""
    return not _CALLS_TESTS.isdisjoint(cls.scope.bindings) or any(name == "metaclass" for name, _ in cls.scope.keywords)


def _mark(code: Code, index: int) -> Marks:
    path = _path(code, index)
    if "mark" in path[:-1]:
        return Marks(frozenset({path[path.index("mark") + 1]}))
    return _NONE if path and path[-1] in _HARMLESS else _OPAQUE


def _path(code: Code, index: int) -> tuple[str, ...]:
    """The identifiers of a decorator as it is written: ``("pytest", "mark", "asyncio")``."""
    op = code.scope.ops[index]
    if isinstance(op, ir.Call):
        return _path(code, op.function)
    if isinstance(op, ir.Attribute):
        return (*_path(code, op.value), op.name)
    return (op.id,) if isinstance(op, ir.Name) else ()
