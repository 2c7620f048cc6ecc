"""A test client is given an argument that its library no longer takes.

## What it does
Finds calls with a keyword argument that the called class has lost, where the project's requirements allow the version
without it: `httpx.AsyncClient(app=…)` above all, gone with httpx 0.28.

## Why is this bad
With the newer version the call raises a `TypeError`. Nobody notices while an old version is installed; the day the
environment is built anew, every test that uses the client fails at once.

## Example
```python
import httpx
from fastapi import FastAPI

app = FastAPI()


async def test_health() -> None:
    async with httpx.AsyncClient(app=app, base_url="http://test") as client:  # AW902
        assert (await client.get("/health")).status_code == 200
```

## Use instead
```python
import httpx
from fastapi import FastAPI

app = FastAPI()


async def test_health() -> None:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.get("/health")).status_code == 200
```

## Evidence needed
The callee is surely the library's class, and no requirement or lock file of the project keeps the version below the
one that dropped the argument. Where no file names the library, the finding is *likely*.

## When not to follow it
The version is held back by something outside the project, and the move is planned.

## References
- [httpx 0.28.0](https://github.com/encode/httpx/blob/master/CHANGELOG.md)
- [httpx: ASGITransport](https://www.python-httpx.org/advanced/transports/#asgi-transport)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.program import Code
from archwise.engine.projectfiles import admits
from archwise.engine.values import External
from archwise.findings import Finding
from archwise.knowledge.schema import Removed
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW902",
    name="removed-client-argument",
    claims=("G9.2",),
    since="0.1.0",
    severity="error",
    status="preview",  # not yet seen to be right on real code: none of the packages read has one
)


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every call with an argument that is gone."""
    for last in sorted({name.rpartition(".")[2] for name in analysis.facts.removed}):
        for code, index, op in analysis.program.calls(last):
            for removed in _removed(analysis, code, op):
                specifiers = analysis.beside.requirements(removed.distribution)
                version = tuple(map(int, removed.since.split(".")))
                if all(admits(specifier, version) for specifier in specifiers):
                    yield place.at(
                        RULE,
                        code,
                        index,
                        f"`{last}` takes no `{removed.keyword}` since {removed.distribution} {removed.since}",
                        f"write `{removed.instead}`",
                        note=f"passes `{removed.keyword}`; see {removed.source}",
                        confidence="certain" if specifiers else "likely",
                    )


def _removed(analysis: Analysis, code: Code, op: ir.Call) -> Iterator[Removed]:
    """The arguments of a call that everything it may be has lost."""
    values = analysis.inference.values(code, op.function)
    if len(values) != 1 or not isinstance(values[0], External):
        return
    given = {name for name, _ in op.keywords}
    for removed in analysis.facts.removed.get(analysis.facts.canonical(values[0].name), ()):
        if removed.keyword in given:
            yield removed
