"""A client is told the text or the stack trace of an exception that nobody wrote for it.

## What it does
Finds what a broad handler (`except Exception`, a bare `except`, a library's base exception) caught and then, as
`str(error)`, in an f-string, as `error.args`, `repr(error)` or `traceback.format_exc()`, is put into a response: the
detail of an `HTTPException`, the content of a response, what an endpoint returns, an event that is streamed, a message
on a WebSocket. Variables, helpers, their parameters and their results are followed across files.

## Why is this bad
The text of an exception that the code did not raise itself is written for its developers. It holds SQL with its
parameters, table names, paths, host names, tokens in URLs, pieces of other users' data; a stack trace adds the code
itself. Attackers provoke errors to read them. The same text is also a poor answer for those who do no harm: it changes
with every library version, and no program can act on it.

## Example
```python
from fastapi import FastAPI, HTTPException

app = FastAPI()


@app.get("/orders/{key}")
def read_order(key: int) -> dict[str, str]:
    try:
        return load(key)
    except Exception as error:
        raise HTTPException(500, detail=str(error))  # AW801
```

## Use instead
Catch what is expected and answer in words of your own; leave the rest to a handler that logs it and says nothing.
```python
from fastapi import FastAPI, HTTPException

app = FastAPI()


@app.get("/orders/{key}")
def read_order(key: int) -> dict[str, str]:
    try:
        return load(key)
    except OrderNotFound:
        raise HTTPException(404, detail="There is no such order.") from None
```

## Evidence needed
The handler catches exceptions of any kind, or a library's whose text is known to tell internals (SQLAlchemy, database
drivers, HTTP clients), and the text is followed from there to the response. Texts of narrower exceptions, which a
project may well have written itself, are left alone; so are handlers whose `try` only makes sense of what the client
sent, text shown under a condition on debugging, and helpers that say they sanitize it.

## When not to follow it
The only client is the developer: a tool that listens on the same machine.

## References
- [OWASP: improper error handling](https://owasp.org/www-community/Improper_Error_Handling)
- [CWE-209: error message containing sensitive information](https://cwe.mitre.org/data/definitions/209.html)
"""

from collections.abc import Iterator

from archwise.engine.analysis import Analysis
from archwise.engine.responses import Exposure
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW801",
    name="exception-text-in-response",
    claims=("G8.4", "G8.6", "G8.7"),
    since="0.1.0",
    severity="error",
)


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every place where the text or trace of an exception is taken that then reaches a client."""
    found: dict[tuple[object, int], Exposure] = {}
    for exposure in analysis.responses.exposures():
        key = exposure.text.code, exposure.text.op
        if key not in found or exposure.text.kind == "trace":
            found[key] = exposure
    for exposure in found.values():
        yield _finding(exposure)


def _finding(exposure: Exposure) -> Finding:
    text, sent = exposure.text, exposure.sent
    is_trace = text.kind == "trace"
    what = "a stack trace" if is_trace else f"the text of {text.of}"
    told = f", which tells {text.tells}," if text.tells and not is_trace else ""
    by = f"`{sent.by.rpartition('.')[2]}`" if sent.by else f"what `{sent.code.name}` returns"
    direct = text.code is sent.code and not text.hops and not exposure.calls
    passed = [place.hop(code, op, "passes it on") for code, op in (*exposure.calls, *text.hops)]
    return place.at(
        RULE,
        text.code,
        text.op,
        f"{what}{told} reaches the client through {by}",
        "log the exception and answer with a text of your own; give failures that are expected their own exception",
        note=f"takes {what}",
        severity="error" if is_trace else "warning",
        confidence="certain" if direct else "likely",
        after=() if direct else (*passed, place.hop(sent.code, sent.op, "sends it")),
        cause=f"{text.code.module.name if direct else sent.code.key}\0{what}",
    )
