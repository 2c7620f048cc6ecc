"""A test changes something that outlives it, and nothing puts it back for the tests after it.

## What it does
Finds tests that change what a fixture of class, module, package or session scope gave; add to a list, dict or set of
their module; or set an attribute or item of an object, class or module they import, where other tests see it.

## Why is this bad
The tests pass in one order and fail in another, alone or in parallel. The one that fails is not the one at fault, and
a mock that is left in place makes tests after it pass that should not.

## Example
```python
# test_basket.py
import pytest

@pytest.fixture(scope="module")
def basket() -> list[str]:
    return ["tea"]

def test_add(basket: list[str]) -> None:
    basket.append("rice")  # AW905
    assert "rice" in basket

def test_first(basket: list[str]) -> None:
    assert basket == ["tea"]
```

## Use instead
```python
# test_basket.py
import pytest

@pytest.fixture
def basket() -> list[str]:
    return ["tea"]

def test_add(basket: list[str]) -> None:
    basket.append("rice")
    assert "rice" in basket

def test_first(basket: list[str]) -> None:
    assert basket == ["tea"]
```

## Evidence needed
The change stands in the test itself. The test does not undo it, keep what was there before, or patch; no fixture,
set-up or tear-down around it speaks of what is changed; and at least one other test uses the same fixture, global or
object without making the same change first. Tests in folders for integration, functional or end-to-end tests are left
alone: those are often one scenario in steps.

## When not to follow it
The tests are one scenario in steps, run in their order on purpose.

## References
- [pytest: fixture scopes](https://docs.pytest.org/en/stable/how-to/fixtures.html#fixture-scopes)
- [pytest: monkeypatch](https://docs.pytest.org/en/stable/how-to/monkeypatch.html)
- [unittest.mock: patch.object](https://docs.python.org/3/library/unittest.mock.html#patch-object)
"""

from collections.abc import Iterator

from archwise.engine.analysis import Analysis
from archwise.engine.leftovers import Leftover
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW905",
    name="test-leaves-state",
    claims=("G9.3",),
    since="0.1.0",
    severity="warning",
    status="preview",
)


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield each change by a test that others get to see."""
    for found in analysis.leftovers:
        yield _finding(found)


def _finding(found: Leftover) -> Finding:
    name = found.test.code.scope.name
    count = len(found.others)
    others = "another test" if count == 1 else f"{count} other tests"
    uses = "uses" if count == 1 else "use"
    if found.kind == "fixture":
        message = f"`{name}` changes `{found.path}` of a {found.scope}-wide fixture, which {others} {uses}"
        help = "make it anew for each test: give the fixture function scope, or put back what the test changes"
    elif found.kind == "global":
        message = f"`{name}` changes `{found.path}` of its module, which {others} {uses}"
        help = f"make `{found.path}` in a fixture, so that each test has its own"
    else:
        message = f"`{name}` changes `{found.path}` and leaves it so, where {others} {uses} it"
        help = "change it with `monkeypatch` or `unittest.mock.patch`, which put it back"
    return place.at(
        RULE,
        found.test.code,
        found.op,
        message,
        help,
        note="is not put back",
        confidence="certain" if found.kind != "object" else "likely",
        after=(place.hop(found.others[0].code, 0, "uses it too"),),
        cause=found.test.code.key,
    )
