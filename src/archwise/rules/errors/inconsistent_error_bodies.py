"""The error responses of one application tell what went wrong in members of different names.

## What it does
Finds by comparing the JSON bodies of an application's error responses where no one member tells in all of them what
went wrong, and reports it once: some say `{"detail": …}`, others `{"error": …}` or `{"error": {"message": …}}`.
Members beside that one may differ.

## Why is this bad
A client that has to show an error, or to act on it, must look in each of these places, and finds out about the next
one in production: what it reads is `undefined` and what the user sees is an empty box. No code can be generated for
what no schema describes.

## Example
```python
from fastapi import FastAPI, HTTPException
from fastapi.responses import JSONResponse

app = FastAPI()


@app.get("/orders/{number}")
def read_order(number: int) -> None:
    if number < 1:
        raise HTTPException(404, "There is no such order.")


@app.delete("/orders/{number}")
def remove_order(number: int) -> None:
    raise HTTPException(409, "It has been sent.")


@app.get("/bills/{number}", response_model=None)
def read_bill(number: int) -> JSONResponse | None:
    if number < 1:
        return JSONResponse({"error": "There is no such bill."}, status_code=404)  # AW805
    return None
```

## Use instead
Raise in one way, and let one handler make the body.
```python
from fastapi import FastAPI, HTTPException

app = FastAPI()


@app.get("/orders/{number}")
def read_order(number: int) -> None:
    if number < 1:
        raise HTTPException(404, "There is no such order.")


@app.get("/bills/{number}")
def read_bill(number: int) -> None:
    if number < 1:
        raise HTTPException(404, "There is no such bill.")
```

## Evidence needed
The status is written out and 400 or more, or the response is an exception's or an exception handler's; the members
are written out, or those of a Pydantic model. Only members that by their names tell of errors (`detail`, `error`,
`message`, …) are compared; a body with several counts for the one that most others have. What the framework raises is
left out where a handler of the project makes its body. Bodies of protocols that say what they look like (OAuth,
JSON-RPC, OpenAI's API) are left alone, and so are probes; applications are compared each by itself, those with fewer
than three such bodies not at all.

## When not to follow it
Some of the routes speak a protocol that is not yours to change, such as an API that imitates another one's.

## References
- [RFC 9457: problem details for HTTP APIs](https://www.rfc-editor.org/rfc/rfc9457)
"""

import re
from collections.abc import Iterator

from archwise.engine.analysis import Analysis
from archwise.engine.error_bodies import ErrorBody, Member
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW805",
    name="inconsistent-error-bodies",
    claims=("G8.3",),
    since="0.1.0",
    severity="warning",
    status="preview",
)

_TELLING = (
    *("message", "detail", "error", "errors", "msg", "error_message", "error_msg", "errormessage", "errmsg", "err"),
    *("details", "description", "error_description", "reason", "title", "exception"),
)
"""What members are called that tell what went wrong, the surest first."""
_OF_PROTOCOLS = frozenset({"error_description", "jsonrpc"})
_OF_MODELS = frozenset({"error.message", "error.type", "error.code"})
"""The error object of OpenAI's API, which all that imitate it answer with."""
_OF_OAUTH = frozenset(
    {
        *("invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type"),
        *("invalid_scope", "access_denied", "authorization_pending", "slow_down", "expired_token", "login_required"),
        *("unsupported_response_type", "invalid_token", "insufficient_scope", "invalid_client_metadata"),
    }
)
"""Errors that RFC 6749 and those built on it name, with the body they stand in."""
_PROBE = re.compile(r"health|ready|readiness|live|ping|probe|heartbeat")
"""What functions are called that tell a machine how they are."""
_FEWEST = 3
"""Error responses of an application before one can speak of a format."""
_MOST_SHOWN = 4


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield a finding for each application whose error bodies differ, at the first that differs from most."""
    applications: dict[tuple[str, ...], list[ErrorBody]] = {}
    for body in analysis.error_bodies:
        if any(_telling(body)) and not _is_apart(body):
            applications.setdefault(body.application, []).append(body)
    for bodies in applications.values():
        groups = _grouped(bodies)
        if len(groups) > 1 and len(bodies) >= _FEWEST:
            yield _finding(groups)


def _is_apart(body: ErrorBody) -> bool:
    """Whether a protocol or a probe, rather than the application, says what a body looks like."""
    paths = {member.path for member in body.members}
    return (
        bool(_PROBE.search(body.code.name.lower()))
        or paths >= _OF_MODELS
        or any(member.path in _OF_PROTOCOLS or member.text in _OF_OAUTH for member in body.members)
    )


def _finding(groups: dict[str, list[ErrorBody]]) -> Finding:
    (most, first), (_, second), *_ = groups.items()
    shown = [f"`{_shape(path)}` ({len(bodies)})" for path, bodies in groups.items()]
    more = f" and {len(shown) - _MOST_SHOWN} more" if len(shown) > _MOST_SHOWN else ""
    others = [bodies[0] for bodies in (*groups.values(),)[2:]]
    return place.at(
        RULE,
        second[0].code,
        second[0].op,
        f"error responses tell what went wrong in {len(groups)} ways: {', '.join(shown[:_MOST_SHOWN])}{more}",
        f"raise exceptions, and let one handler make the body of all of them: `{_shape(most)}` is what most have",
        note=_note(second[0]),
        confidence="likely",
        before=(place.hop(first[0].code, first[0].op, _note(first[0])),),
        after=tuple(place.hop(body.code, body.op, _note(body)) for body in others),
    )


def _grouped(bodies: list[ErrorBody]) -> dict[str, list[ErrorBody]]:
    """The bodies by the member that tells what went wrong: of those that a body has, the one that most have."""
    left = bodies
    groups: dict[str, list[ErrorBody]] = {}
    while left:
        paths = dict.fromkeys(member.path for body in left for member in _telling(body))
        fitting = {path: [body for body in left if _fits(body, path)] for path in paths}
        path = min(paths, key=lambda each: (-len(fitting[each]), _TELLING.index(_name(each))))
        groups[path] = fitting[path]
        left = [body for body in left if not _fits(body, path)]
    return dict(sorted(groups.items(), key=lambda group: -len(group[1])))


def _fits(body: ErrorBody, path: str) -> bool:
    """Whether a body tells at a path what went wrong, or has something there that may be an object which does."""
    return any(
        member.path == path or (member.kind == "unknown" and path.startswith(f"{member.path}."))
        for member in _telling(body)
    )


def _telling(body: ErrorBody) -> Iterator[Member]:
    """The members that tell what went wrong, in text or in what may be one."""
    for member in body.members:
        if _name(member.path) in _TELLING and member.kind in ("text", "unknown", "list"):
            yield member


def _name(path: str) -> str:
    return path.rpartition(".")[2].lower()


def _shape(path: str) -> str:
    outer, _, inner = path.partition(".")
    return f'{{"{outer}": {_shape(inner) if inner else "…"}}}'


def _note(body: ErrorBody) -> str:
    names = dict.fromkeys(member.path.partition(".")[0] for member in body.members)
    return f"answers with {', '.join(f'`{name}`' for name in names)}"
