"""A password, key or token is written to the log, or all that a request sends.

## What it does
Finds log calls that put a secret into their message: a variable, attribute or key called `password`, `api_key`,
`access_token`, `client_secret` and the like; or, as a warning, the whole body of a request, or a Pydantic model
with such a field.

## Why is this bad
Logs are read by more people, kept longer and copied to more places than any database: collectors, dashboards, support
tickets. A secret in them has to be taken for lost, and changing it is only the beginning.

## Example
```python
import logging

logger = logging.getLogger(__name__)


def log_in(name: str, password: str) -> None:
    logger.info("login of %s with %s", name, password)  # AW807
```

## Use instead
```python
import logging

logger = logging.getLogger(__name__)


def log_in(name: str, password: str) -> None:
    logger.info("login of %s", name)
```

## Evidence needed
The value itself is logged: as an argument, in an f-string, in `extra`. Its length, its type, whether there is one, a
part of it (`token[:4]`) and what a function made of it (`mask(token)`) are left alone, and so are names that only
contain the word (`token_count`, `password_policy`). A request is one by its class; `SecretStr` hides itself.

## When not to follow it
The variable only holds the secret's name, or a value that the caller has masked before; the body is known to hold
nothing that is anybody's. Of plain values only names are looked at: a secret in a variable called `value` is not found.

## References
- [OWASP: logging cheat sheet, data to exclude](https://cheatsheetseries.owasp.org/cheatsheets/Logging_Cheat_Sheet.html#data-to-exclude)
- [CWE-532: insertion of sensitive information into log file](https://cwe.mitre.org/data/definitions/532.html)
"""

import re
from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.contexts import is_test
from archwise.engine.logs import LEVELS, written
from archwise.engine.program import Code
from archwise.engine.values import External
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW807",
    name="secret-logged",
    claims=("G8.4",),
    since="0.1.0",
    severity="error",
    status="preview",
)

_SECRET = re.compile(
    r"(\w+_)?(password|passwd|passphrase)|(\w+_)?(api|secret|private|encryption|signing)_?key|(\w+_)?secret"
    r"|(access|refresh|bearer|auth|id|session|jwt|oauth|api|bot|csrf|reset)_?token|credentials|authorization"
)
_SHOWN = frozenset({"str", "repr", "dumps", "format"})
_BODY = frozenset({"body", "data", "form", "json", "get_json", "get_data", "text", "POST"})
"""What a request gives its body by."""
_GLOBAL = frozenset({"flask.request", "quart.request", "bottle.request"})
_DUMPED = frozenset({"model_dump", "model_dump_json", "dict", "json"})
_MOST = 4


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every log call that puts a secret's value into its message."""
    for module in analysis.program.by_name:
        if LEVELS.isdisjoint(module.summary.called) or is_test(module.code):
            continue
        for code in module.codes:
            for call in written(analysis.inference, code):
                for index in call.content:
                    secret = _secret(code, index, _MOST)
                    whole = "" if secret else _whole(analysis, code, index, _MOST)
                    if secret or whole:
                        yield place.at(
                            RULE,
                            code,
                            call.op,
                            f"{whole or f'`{secret}`'} is written to the log",
                            "log who or what it belongs to, not the value",
                            note=f"logs {whole or f'`{secret}`'}",
                            severity="warning" if whole else None,
                            confidence="likely",
                        )
                        break


def _whole(analysis: Analysis, code: Code, index: int, depth: int) -> str:
    """What of a request's body, or of a model with a secret in it, goes into a text whole; nothing where none does."""
    op = code.scope.ops[index]
    if depth == 0 or isinstance(op, ir.Constant):
        return ""
    if isinstance(op, ir.Formatted):
        return next((each for part in op.parts if (each := _whole(analysis, code, part, depth - 1))), "")
    if isinstance(op, ir.Await):
        return _whole(analysis, code, op.value, depth - 1)
    if isinstance(op, ir.Name) and len(bound := code.scope.bindings.get(op.id, ())) == 1:
        return _whole(analysis, code, bound[0].value, depth - 1) or _model(analysis, code, index)
    read = code.scope.ops[op.function] if isinstance(op, ir.Call) else op
    if isinstance(read, ir.Attribute) and read.name in _BODY | _DUMPED:
        if read.name in _DUMPED and (model := _model(analysis, code, read.value)):
            return model
        if read.name in _BODY and _is_request(analysis, code, read.value):
            return "the whole body of the request"
    return _model(analysis, code, index) if isinstance(op, (ir.Name, ir.Attribute)) else ""


def _is_request(analysis: Analysis, code: Code, index: int) -> bool:
    """Whether an operation gives the request: by its class, or by the name that frameworks give it."""
    for value in analysis.inference.values(code, index):
        if analysis.stands_for(value) == "request" or (isinstance(value, External) and value.name in _GLOBAL):
            return True
    root = analysis.contexts.root(code)
    is_given = any(each.name == ir.identifier(code.scope.ops[index]) == "request" for each in code.scope.parameters)
    return is_given and root is not None and root.serves


def _model(analysis: Analysis, code: Code, index: int) -> str:
    """A model with the secret that it holds; nothing where an operation gives none."""
    for cls in analysis.models.classes_in(analysis.inference.values(code, index)):
        if analysis.models.is_schema(cls):
            for field in analysis.models.fields(cls):
                if _SECRET.fullmatch(field.name) and "Secret" not in ir.identifier(
                    field.owner.scope.ops[field.annotation]
                ):
                    return f"all of `{cls.scope.name}`, its `{field.name}` too,"
    return ""


def _secret(code: Code, index: int, depth: int) -> str:
    """The name of a secret whose value goes into a text; nothing where there is none."""
    op = code.scope.ops[index]
    below: tuple[int, ...] = ()
    if isinstance(op, (ir.Name, ir.Attribute)):
        name = ir.identifier(op)
        return name if not name.isupper() and _SECRET.fullmatch(name.lower()) else ""
    if isinstance(op, ir.Item):
        key = code.scope.ops[op.key]
        text = key.text if isinstance(key, ir.Constant) and key.kind == "str" else ""
        return text if _SECRET.fullmatch(text.lower()) else ""
    if isinstance(op, ir.Formatted):
        below = op.parts
    elif isinstance(op, ir.Operation) and op.method in ("__add__", "__mod__"):
        below = op.value, op.operand
    elif isinstance(op, ir.Display):
        below = op.items
    elif isinstance(op, ir.Mapping):
        below = op.values
    elif isinstance(op, ir.Call) and ir.identifier(code.scope.ops[op.function]) in _SHOWN:
        below = op.given
    found = (_secret(code, each, depth - 1) for each in below) if depth else iter(())
    return next((each for each in found if each), "")
