"""A test is `async def`, and nothing that runs the tests awaits it.

## What it does
Finds async tests that no one runs: in a plain `unittest.TestCase`; or under pytest without a marker or mode that
hands them to a plugin. The settings are read as pytest reads them: only the first of its files in a folder counts.

## Why is this bad
A test that does not run cannot fail. `unittest` calls the method, gets a coroutine and counts a pass; pytest before
8.4 skips it with a warning among the others. What it was written to protect is unprotected, and the report says green.

## Example
```python
import unittest


async def total(prices: list[int]) -> int:
    return sum(prices)


class TotalTest(unittest.TestCase):
    async def test_total(self) -> None:  # AW901
        self.assertEqual(await total([1, 2]), 4)
```

## Use instead
```python
import unittest


async def total(prices: list[int]) -> int:
    return sum(prices)


class TotalTest(unittest.IsolatedAsyncioTestCase):
    async def test_total(self) -> None:
        self.assertEqual(await total([1, 2]), 3)
```

## Evidence needed
All base classes of a test case are known. Under pytest, the project has a file that says how it is built or tested, no
marker of the function, its classes or its module belongs to a plugin that runs async tests (or the project requires
pytest, and nowhere names that plugin), no setting or option turns a plugin's automatic mode on, no plugin that needs
neither is named, no hook of the project's runs tests itself, and the module does not call the function itself.

## When not to follow it
A plugin that neither the project's files nor this tool name runs every async test.

## References
- [unittest.IsolatedAsyncioTestCase](https://docs.python.org/3/library/unittest.html#unittest.IsolatedAsyncioTestCase)
- [pytest: which file is read](https://docs.pytest.org/en/stable/reference/customize.html#initialization-determining-rootdir-and-configfile)
- [pytest-asyncio: modes](https://pytest-asyncio.readthedocs.io/en/stable/concepts.html#test-discovery-modes)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.pytest_settings import PytestSettings
from archwise.engine.suite import Test
from archwise.findings import Confidence, Finding
from archwise.knowledge.schema import Runner
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW901",
    name="async-test-never-runs",
    claims=("G9.2",),
    since="0.1.0",
    severity="error",
    status="preview",  # not yet seen to be right on real code: none of the packages read has one
)

_RUNS_TESTS = frozenset({"pytest_pyfunc_call", "pytest_pycollect_makeitem", "pytest_runtest_call"})
_MARKS_TESTS = frozenset({"pytest_collection_modifyitems", "pytest_itemcollected", "pytest_generate_tests"})


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every async test that is never awaited."""
    tests = [test for test in analysis.suite.tests if test.code.scope.is_async and not test.code.scope.is_generator]
    if not tests:
        return
    hooked = _has_hook(analysis)
    for test in tests:
        if test.cls is not None and analysis.suite.is_case(test.cls):
            if not test.marks.opaque:
                yield _finding(
                    test,
                    f"`unittest` calls `{test.code.scope.name}` without awaiting it: it passes whatever it says",
                    "unittest",
                    f"derive `{test.cls.scope.name}` from `unittest.IsolatedAsyncioTestCase`",
                    "certain",
                )
        elif not hooked and not test.marks.opaque and _is_pytests(analysis, test):
            yield from _under_pytest(analysis, test)


def _is_pytests(analysis: Analysis, test: Test) -> bool:
    """Whether pytest collects a function, and no base class of another package has a say."""
    cls = test.cls
    if cls is None:
        return test.code.scope.name not in test.code.module.summary.called  # else it is run by its own module
    bindings = cls.scope.bindings
    if not cls.scope.name.startswith("Test") or "__init__" in bindings or "__test__" in bindings:
        return False
    order = analysis.inference.classes.order(cls)
    return (
        not analysis.inference.classes.external_bases(cls)
        and sum(len(each.scope.bases) for each in order if not isinstance(each, str)) <= len(order) - 1
    )


def _has_hook(analysis: Analysis) -> bool:
    """Whether code of the program has a say in which tests run, and how."""
    for code in analysis.program.codes():
        name = code.scope.name
        if name in _RUNS_TESTS:
            return True
        if name in _MARKS_TESTS and any(
            ir.identifier(op) in ("asyncio", "anyio", "trio", "iscoroutinefunction", "is_async_test")
            for op in code.scope.ops
        ):
            return True
    return False


def _under_pytest(analysis: Analysis, test: Test) -> Iterator[Finding]:
    files = analysis.beside
    settings = analysis.suite.settings(test.code.module.path)
    if not settings and not any(text.strip() for text in files.texts.values()):
        return
    marked: list[Runner] = []
    for runner in analysis.facts.runners:
        known = any(files.mentions(name) for name in runner.distributions)
        if not known and not test.marks.names.isdisjoint(runner.marks) and files.requires("pytest"):
            marked.append(runner)
        elif (
            not test.marks.names.isdisjoint(runner.marks)
            or (runner.always and known)
            or _takes(analysis, test, runner)
            or any(_turns_on(each, runner) for each in settings)
            or any(files.says(option) for option in _commands(runner))
        ):
            return
    if marked:
        yield _without_plugin(test, marked[0])
        return
    yield _finding(
        test,
        f"no marker or mode hands `{test.code.scope.name}` to a plugin that runs async tests: pytest does not run it"
        + _shadow(settings, analysis.facts.runners),
        "pytest",
        _advice(settings, analysis.facts.runners),
        _confidence(analysis),
    )


def _without_plugin(test: Test, runner: Runner) -> Finding:
    mark = next(mark for mark in runner.marks if mark in test.marks.names)
    plugin = runner.distributions[0]
    return _finding(
        test,
        f"the mark `{mark}` is that of {plugin}, which the project does not require: pytest does not run "
        f"`{test.code.scope.name}`",
        "pytest",
        f"add `{plugin}` to what the tests require",
        "likely",
    )


def _takes(analysis: Analysis, test: Test, runner: Runner) -> bool:
    """Whether a test, or some fixture that it may take, asks for one of the plugin's fixtures."""
    if any(parameter.name in runner.fixtures for parameter in test.code.scope.parameters):
        return True
    return any(analysis.suite.requested(name) for name in runner.fixtures)


def _turns_on(settings: PytestSettings, runner: Runner) -> bool:
    values = settings.values
    return any(values.get(key) == value for key, value in runner.settings.items()) or any(
        option in values.get("addopts", "") for option in runner.options
    )


def _commands(runner: Runner) -> Iterator[str]:
    """How the options look on the command lines of build files."""
    for option in runner.options:
        yield option.replace(" ", r"\s+")
    for key, value in runner.settings.items():
        yield rf"-o\s*['\"]?{key}\s*=\s*{value}"


def _shadow(settings: tuple[PytestSettings, ...], runners: list[Runner]) -> str:
    for each in settings:
        for other in each.shadowed:
            if any(_turns_on(other, runner) for runner in runners):
                return f"; it reads `{each.file}`, so what `{other.file}` sets does not count"
    return ""


def _advice(settings: tuple[PytestSettings, ...], runners: list[Runner]) -> str:
    for each in settings:
        for other in each.shadowed:
            for runner in runners:
                for key, value in runner.settings.items():
                    if other.values.get(key) == value:
                        return f"move `{key} = {value}` from `{other.file}` to `{each.file}`"
    return "mark it `@pytest.mark.asyncio`, or set `asyncio_mode = auto`, with pytest-asyncio installed"


def _confidence(analysis: Analysis) -> Confidence:
    return "certain" if analysis.beside.mentions("pytest-asyncio") else "likely"


def _finding(test: Test, message: str, runner: str, help: str, confidence: Confidence) -> Finding:
    return place.at(
        RULE,
        test.code,
        0,
        message,
        help,
        note="is async, and nobody awaits it",
        confidence=confidence,
        cause=f"{runner}\0{help if runner == 'pytest' else test.cls and test.cls.key}",
        cause_message=message.replace(f"`{test.code.scope.name}`", "async tests")
        .replace("awaiting it: it passes whatever it says", "awaiting them: they pass whatever they say")
        .replace("does not run it", "does not run them")
        .replace("does not run async", "does not run the async"),
    )
