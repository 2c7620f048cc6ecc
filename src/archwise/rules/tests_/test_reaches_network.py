"""A test sends a request to a host outside, and nothing stands in for it.

## What it does
Finds tests from which a call leads, through whatever functions of the program, to a request whose URL names a host
outside this machine, where no mock, patch, recording, transport, mark or fixture stands between.

## Why is this bad
The test fails when the other side is down, slow, or answers something new, and whoever sees it fail looks for the
fault in the code. It cannot run on a train or in a sandboxed build, and each run of the suite costs the other side a
request, with whatever credentials the machine holds.

## Example
```python
# rates.py
import httpx


def rate(currency: str) -> float:
    found = httpx.get(f"https://api.frankfurter.dev/v1/latest?base={currency}", timeout=5)
    return float(found.json()["rates"]["EUR"])
# test_rates.py
from rates import rate


def test_rate() -> None:
    assert rate("USD") > 0  # AW903
```

## Use instead
```python
# rates.py
import httpx


def rate(currency: str) -> float:
    found = httpx.get(f"https://api.frankfurter.dev/v1/latest?base={currency}", timeout=5)
    return float(found.json()["rates"]["EUR"])
# test_rates.py
import httpx
import respx
from rates import rate


@respx.mock
def test_rate() -> None:
    respx.get(url__startswith="https://api.frankfurter.dev/").respond(json={"rates": {"EUR": 0.9}})
    assert rate("USD") == 0.9
```

## Evidence needed
Every call on the way is resolved to one function, and none of them stands under a condition or where a failure is
expected. The URL is known up to the end of its host, which is no address of this machine, no private one, and none
of the names reserved for examples. All fixtures and set-up of the test are the program's own, and nothing among them,
the test or the way is named like something that replaces, records, forbids or skips. Tests with marks of the
project's own, and those in folders for integration or end-to-end tests, are left alone.

## When not to follow it
The test is there to try the other side. Give it a mark, so that it can be left out: `@pytest.mark.network`.

## References
- [RESPX](https://lundberg.github.io/respx/)
- [responses](https://github.com/getsentry/responses)
- [pytest: working with custom markers](https://docs.pytest.org/en/stable/example/markers.html)
"""

from collections.abc import Iterator

from archwise.engine.analysis import Analysis
from archwise.engine.contexts import is_test
from archwise.engine.outgoing import Sent
from archwise.engine.suite import Test
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW903",
    name="test-reaches-network",
    claims=("G9.1",),
    since="0.1.0",
    severity="warning",
    status="preview",
)

_PLAIN_MARKS = frozenset({"anyio", "asyncio", "django_db", "filterwarnings", "gen_test", "parametrize", "trio"})
_FORBIDDEN = r"--disable-socket|--block-network|--record-mode|--vcr-record|disable_socket|allow_hosts"


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield each test that sends a request outside, with the first such request."""
    if not analysis.facts.requests:
        return
    for test in analysis.suite.tests:
        sent = next((each for each in analysis.outgoing.of(test.code) if each.host), None)
        if sent is not None and not _is_meant(analysis, test) and not _is_apart(analysis, test, sent):
            yield _finding(test, sent)


def _is_meant(analysis: Analysis, test: Test) -> bool:
    """Whether a test is marked or named as one that tries the other side."""
    if test.marks.opaque or not test.marks.names <= _PLAIN_MARKS:
        return True
    return analysis.suite.is_outward(test)


def _is_apart(analysis: Analysis, test: Test, sent: Sent) -> bool:
    """Whether something may stand in for the other side, or keep the test from running."""
    around = analysis.isolation.around(test)
    on_the_way = (code for code, _ in sent.hops if is_test(code))
    return (
        not around.known
        or any(map(analysis.isolation.replaces, (test.code, *around.codes, *on_the_way)))
        or (test.cls is not None and analysis.isolation.replaces_by_decorator(test.cls))
        or any(map(analysis.isolation.replaces_at_once, {code.module for code, _ in sent.hops if is_test(code)}))
        or analysis.beside.says(_FORBIDDEN)
    )


def _finding(test: Test, sent: Sent) -> Finding:
    (code, op), *rest = sent.hops
    last, end = sent.hops[-1]
    where = f", in `{last.name}`" if rest else ""
    return place.at(
        RULE,
        code,
        op,
        f"`{test.code.scope.name}` sends a request to `{sent.host}`{where}, and nothing stands in for it",
        "answer it in the test (`respx`, `responses`, a `MockTransport`), or mark the test, so that it can be left out",
        note=f"calls `{rest[0][0].name}`" if rest else "sends the request",
        after=tuple(
            place.hop(here, at, "sends the request" if (here, at) == (last, end) else f"calls `{below.name}`")
            for (here, at), (below, _) in zip(rest, (*rest[1:], rest[-1]), strict=True)
        )
        if rest
        else (),
        cause=f"{last.key} {sent.host}",
    )
