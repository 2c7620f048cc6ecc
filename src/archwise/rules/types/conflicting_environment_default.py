"""One environment variable falls back to different values in different places.

## What it does
Finds environment variables that are read in several places of the program with literal defaults that differ.

## Why is this bad
As long as the variable is set, all is well. Where it is not, one half of the program believes one thing and the other
half another: the server listens on one port and the command asks at the other, mails leave under two names. No test of
either place sees it, for each is right by itself.

## Example
```python
# shop/client.py
import os

URL = "http://localhost:" + os.getenv("SHOP_PORT", "8080")
# shop/server.py
import os

PORT = int(os.environ.get("SHOP_PORT", "8000"))  # AW304
```

## Use instead
Read it once, in a settings class, and use what that holds.
```python
# shop/settings.py
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_")
    port: int = 8000


settings = Settings()
# shop/client.py
from shop.settings import settings

URL = f"http://localhost:{settings.port}"
```

## Evidence needed
Both readings are of `os.environ` or `os.getenv`, name the variable with the same literal and give literal defaults that
differ. An empty default only asks whether the variable is set, and does not count; nor do variables of the system, the
shell or the terminal (`PATH`, `SHELL`, `LANG`, `XDG_…`).

## When not to follow it
The two places are parts of programs that never run together.

## References
- [Twelve-factor app: config](https://12factor.net/config)
- [Pydantic: settings management](https://docs.pydantic.dev/latest/concepts/pydantic_settings/)
"""

from collections.abc import Iterator

from archwise.engine.analysis import Analysis
from archwise.engine.variables import Reading
from archwise.findings import Finding, Hop
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW304",
    name="conflicting-environment-default",
    claims=("G3.4",),
    since="0.1.0",
    severity="warning",
    status="preview",
)


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield the readings whose default differs from that of the variable's first reading."""
    firsts: dict[str, Reading] = {}
    for read in analysis.variables.reads:
        if not read.default:
            continue
        first = firsts.setdefault(read.variable, read)
        if _plain(read.default) != _plain(first.default or ""):
            yield _finding(analysis, read, first)


def _plain(default: str) -> str:
    """A default as the environment would spell it."""
    return default.casefold()


def _finding(analysis: Analysis, read: Reading, first: Reading) -> Finding:
    where = analysis.program.imported_as(first.code.module)
    line: int = getattr(first.code.scope.ops[first.op], "line", 1)
    return place.at(
        RULE,
        read.code,
        read.op,
        f"`{read.variable}` falls back to `{read.default}` here, and to `{first.default}` in `{where}`",
        f"read `{read.variable}` in one place, with one default",
        note=f"falls back to `{read.default}`",
        before=(Hop(first.code.module.path, line, 0, first.code.name, f"falls back to `{first.default}`"),),
        cause=read.variable,
    )
