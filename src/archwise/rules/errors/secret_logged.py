"""A password, key or token is written to the log.

## What it does
Finds log calls that put a secret into their message: a variable, attribute or key called `password`, `api_key`,
`access_token`, `client_secret` and the like.

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
contain the word (`token_count`, `password_policy`).

## When not to follow it
The variable only holds the secret's name, or a value that the caller has masked before. Only names are looked at: a
secret in a variable called `value` or inside an object that is logged whole is not found.

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
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule.of(
    __doc__,
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
_MOST = 4


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every log call that puts a secret's value into its message."""
    for name in sorted(analysis.program.modules):
        module = analysis.program.modules[name]
        if LEVELS.isdisjoint(module.summary.called) or is_test(module.code):
            continue
        for code in module.codes:
            for call in written(analysis.inference, code):
                for index in call.content:
                    secret = _secret(code, index, _MOST)
                    if secret:
                        yield place.at(
                            RULE,
                            code,
                            call.op,
                            f"`{secret}` is written to the log",
                            "log who or what it belongs to, not the value",
                            note=f"logs `{secret}`",
                            confidence="likely",
                        )
                        break


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
        below = (*op.arguments, *(value for _, value in op.keywords))
    found = (_secret(code, each, depth - 1) for each in below) if depth else iter(())
    return next((each for each in found if each), "")
