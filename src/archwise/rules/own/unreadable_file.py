"""A file could not be read or parsed, so nothing in it was checked.

## What it does
Reports each Python file that cannot be opened, decoded or parsed, with the reason and the line. Every other file is
checked all the same; what this one defines counts as unknown. A template that is no Python until names are filled in,
below a folder like `{{cookiecutter.project_slug}}`, is information.

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

from collections.abc import Iterable, Iterator

from archwise.findings import Finding, Unread
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW001",
    name="unreadable-file",
    claims=(),
    since="0.1.0",
    severity="error",
)
_TEMPLATE = "{{"
_OF_ANOTHER_PYTHON = "mend the file, run archwise on the Python that it is written for, or leave it out with `exclude`"


def findings(unread: Iterable[Unread]) -> Iterator[Finding]:
    """Yield one finding for each file that could not be read."""
    for file in unread:
        line = file.line or 1
        unparsed = "cannot parse" in file.reason
        yield Finding(
            rule=RULE.code,
            name=RULE.name,
            path=file.path,
            line=line,
            column=1,
            end_line=line,
            symbol=file.path,
            message=file.reason,
            severity="info" if unparsed and _TEMPLATE in file.path else RULE.severity,
            confidence="certain",
            claims=RULE.claims,
            help=_OF_ANOTHER_PYTHON if unparsed else "mend the file, or leave it out with `exclude`",
            fingerprint="",
            cause=place.shared(f"{RULE.code}{'' if unparsed else file.path}"),
            cause_message=f"{file.path}: {file.reason}",
        )
