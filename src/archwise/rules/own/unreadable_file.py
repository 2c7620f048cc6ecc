"""A file could not be read or parsed, so nothing in it was checked.

## What it does
Reports each Python file that cannot be opened, decoded or parsed, with the reason and the line. Every other file is
checked all the same; what this one defines counts as unknown.

## Why is this bad
A file that is passed over in silence looks clean. Its endpoints go unchecked, and calls that lead through it end
there, so that defects in other files may be missed too.

## Example
```python
from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
async def health() -> dict[str, str]  # AW001
    return {"status": "ok"}
```

## Use instead
```python
from fastapi import FastAPI

app = FastAPI()


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}
```

## Evidence needed
The operating system refused to give the file, its bytes are not of the encoding that it declares, or the parser of
the Python that runs the tool rejects it.

## When not to follow it
The file is a template, a test's broken input or written for another version of Python: name it in `exclude`, or run
the tool on the newest Python that the project supports.

## References
- [Python: lexical analysis, encoding declarations](https://docs.python.org/3/reference/lexical_analysis.html#encoding-declarations)
"""

from collections.abc import Iterator

from archwise.findings import Finding
from archwise.rules.rule import Rule

RULE = Rule.of(
    __doc__,
    code="AW001",
    name="unreadable-file",
    claims=(),
    since="0.1.0",
    severity="error",
)


def check(program: object) -> Iterator[Finding]:
    """Yield every place in the program that breaks the rule."""
    yield from ()
