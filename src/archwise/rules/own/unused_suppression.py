"""A comment suppresses a rule that reports nothing there.

## What it does
Finds `# archwise: ignore[...]` comments, and `# noqa` comments that name a code of this tool, on lines where the
named rule has no finding, and `# archwise: ignore[...]` comments with what is no rule's code.

## Why is this bad
A suppression says that someone looked and decided. Once the code has changed it says so no longer, and the next
defect on that line would be hidden by a decision about another.

## Example
```python
import asyncio

from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
async def health() -> str:
    await asyncio.sleep(0.1)  # archwise: ignore[AW201]  # AW002
    return "ok"
```

## Use instead
```python
import asyncio

from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
async def health() -> str:
    await asyncio.sleep(0.1)
    return "ok"
```

## Evidence needed
The rule is selected, the file was read, and the rule found nothing that the comment could stand for.

## When not to follow it
The finding appears only in some runs, for example with another set of paths or on another Python. Check the whole
project in one run, or ignore this rule.

## References
- [PEP 8: comments that contradict the code](https://peps.python.org/pep-0008/#comments)
"""

from collections.abc import Iterator, Mapping

from archwise.engine.ir import Suppression
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW002",
    name="unused-suppression",
    claims=(),
    since="0.1.0",
    severity="warning",
)


def findings(
    used: Mapping[tuple[str, Suppression], set[str]], on: frozenset[str], known: frozenset[str]
) -> Iterator[Finding]:
    """Yield one finding for each comment that silences nothing, of the codes whose rules ran or that no rule has."""
    for (path, suppression), silenced in used.items():
        message = _idle(suppression, silenced, on, known)
        if message is None:
            continue
        yield Finding(
            rule=RULE.code,
            name=RULE.name,
            path=path,
            line=suppression.line,
            column=1,
            end_line=suppression.line,
            symbol=path,
            message=message,
            severity=RULE.severity,
            confidence="certain",
            claims=RULE.claims,
            help="remove the comment, or the code from it",
            fingerprint="",
            cause=place.shared(f"{RULE.code}{path}{suppression.line}"),
            cause_message=message,
        )


def _idle(suppression: Suppression, silenced: set[str], on: frozenset[str], known: frozenset[str]) -> str | None:
    """What of a comment is of no use, if anything."""
    ours = suppression.style == "archwise"
    if not suppression.codes:
        return "the comment silences every rule, and there is nothing to silence" if ours and not silenced else None
    said = []
    if idle := [code for code in suppression.codes if code not in silenced and code in on]:
        said.append(f"the comment silences {', '.join(idle)}, and there is nothing to silence")
    if ours and (unknown := [f"`{code}`" for code in suppression.codes if code not in known]):
        said.append(f"no rule has the code {', '.join(unknown)}")
    return "; ".join(said) or None
