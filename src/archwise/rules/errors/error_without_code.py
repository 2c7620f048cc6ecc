"""An endpoint fails in several ways that a program can only tell apart by their prose.

## What it does
Finds functions that answer with the same status for different reasons, where the bodies hold a text for people and
no code: two times 400, once for "already paid" and once for "amount too small".

## Why is this bad
A client has to do something else in each case: ask again, refresh, tell the user. With nothing but prose it compares
texts, and breaks when somebody mends a comma or translates them; or it treats all of them alike.

## Example
```python
from fastapi import FastAPI, HTTPException

app = FastAPI()


@app.post("/orders/{number}/payments")
def pay(number: int, amount: int) -> None:
    if amount < 1:
        raise HTTPException(409, "The amount is too small.")
    if number < 1:
        raise HTTPException(409, "The order is paid already.")  # AW806
```

## Use instead
```python
from fastapi import FastAPI, HTTPException

app = FastAPI()


@app.post("/orders/{number}/payments")
def pay(number: int, amount: int) -> None:
    if amount < 1:
        raise HTTPException(409, {"code": "amount_too_small", "message": "The amount is too small."})
    if number < 1:
        raise HTTPException(409, {"code": "already_paid", "message": "The order is paid already."})
```

## Evidence needed
Both bodies are written out, and so are their statuses, which are equal; their texts differ in what is written out; no
member is called a code, and no text is one (a single word, such as `LOGIN_BAD_CREDENTIALS`). Errors of the server (500
and above) and refusals (401, 403, 404) are left out: why it failed is none of a client's business there. Of what says
that the request itself is wrong (400, 413, 415, 422), only reasons count that may be otherwise the next time: a limit,
something taken, expired or not found; a malformed request is mended once, by a person.

## When not to follow it
Nobody but people reads the answers, or a client does the same whatever went wrong. It is advice.

## References
- [RFC 9457: problem details for HTTP APIs, on `type`](https://www.rfc-editor.org/rfc/rfc9457#name-type)
"""

import re
import textwrap
from collections.abc import Iterator

from archwise.engine.analysis import Analysis
from archwise.engine.error_bodies import ErrorBody
from archwise.engine.program import Code
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW806",
    name="error-without-code",
    claims=("G8.7",),
    since="0.1.0",
    severity="info",
    advice=True,
)

_CODES = frozenset(
    {"code", "error_code", "errorcode", "type", "error_type", "errortype", "errno", "error_id", "slug", "key"}
)
_WORDS = re.compile(r"\S\s+\S")
_OPAQUE = frozenset({401, 403, 404})
"""What a client need not tell apart: it is refused, or there is nothing."""
_MALFORMED = frozenset({400, 413, 415, 422})
"""What says that the request itself is wrong, which its author mends once."""
_STATE = re.compile(
    r"\balready\b|\bexists?\b|not found|expired|exceed|\blimit\b|quota|disabled|unavailable|not enabled|does not have"
    r"|in use|conflict|\block|not allowed|cannot (?:change|delete|remove)|maintenance|suspended|inactive"
)
"""How prose tells of what is the case with the server's data, which may be otherwise when the request comes again."""
_SERVER = 500
_MOST_SHOWN = 3
_LONGEST = 48


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield, for each function and status, the second reason that only prose tells from the first."""
    answers: dict[tuple[Code, int], dict[str, ErrorBody]] = {}
    for body in analysis.error_bodies:
        prose = _prose(body)
        if prose and body.status and body.status < _SERVER and body.status not in _OPAQUE:
            answers.setdefault((body.code, body.status), {}).setdefault(prose, body)
    for (code, status), reasons in answers.items():
        if len(reasons) > 1 and _depends_on_state(code, status, reasons):
            yield _finding(code, status, reasons)


def _depends_on_state(code: Code, status: int, reasons: dict[str, ErrorBody]) -> bool:
    """Whether a client may have to do one thing or another, rather than have its request mended by a person."""
    if "callback" in code.scope.name.lower():
        return False  # a browser was sent there, for a person to read
    return status not in _MALFORMED or any(_STATE.search(prose.lower()) for prose in reasons)


def _finding(code: Code, status: int, reasons: dict[str, ErrorBody]) -> Finding:
    first, second, *others = reasons.values()
    shown = ", ".join(
        f"“{textwrap.shorten(prose, _LONGEST, placeholder=' …')}”" for prose in list(reasons)[:_MOST_SHOWN]
    )
    return place.at(
        RULE,
        code,
        second.op,
        f"`{code.name}` answers {status} for {len(reasons)} reasons that only their prose tells apart: {shown}"
        f"{', …' if len(reasons) > _MOST_SHOWN else ''}",
        'give each a code for programs beside its message: `{"code": "…", "message": "…"}`',
        note=f"answers {status}",
        before=(place.hop(code, first.op, f"answers {status}"),),
        after=tuple(place.hop(code, body.op, f"answers {status}") for body in others),
        cause="\0".join(second.application),
    )


def _prose(body: ErrorBody) -> str:
    """The text for people of a body that has nothing for programs; empty where it may have."""
    if any(member.kind == "unknown" or member.path.rpartition(".")[2].lower() in _CODES for member in body.members):
        return ""
    texts = [member.text for member in body.members if member.text]
    return texts[0] if texts and all(_WORDS.search(text) for text in texts) else ""
