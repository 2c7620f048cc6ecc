"""An environment variable is read by hand although a settings class reads it.

## What it does
Finds readings of `os.environ` and `os.getenv` for a variable that a field of the program's own settings class (one
that derives from Pydantic's `BaseSettings`) is filled from.

## Why is this bad
The class checks the value, converts it, knows its default and reads it from an `.env` file or a secret as well. The
reading by hand does none of that: it gives text, or nothing, where the rest of the program has a number and a default,
and a test that overrides the settings does not reach it.

## Example
```python
# shop/settings.py
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    redis_url: str = "redis://localhost"
# shop/cache.py
import os

URL = os.environ["REDIS_URL"]  # AW303
```

## Use instead
```python
# shop/settings.py
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    redis_url: str = "redis://localhost"
# shop/cache.py
from shop.settings import Settings

URL = Settings().redis_url
```

## Evidence needed
The class derives from `BaseSettings`; the field's variable is its alias, or its name after a prefix that is written
out; the reading names the same variable and stands in another module, which is no test, script or migration.

## When not to follow it
The module runs before the settings can be made: it sets up logging for them, or tells where their files are.

## References
- [Pydantic: settings management](https://docs.pydantic.dev/latest/concepts/pydantic_settings/)
- [FastAPI: settings and environment variables](https://fastapi.tiangolo.com/advanced/settings/)
"""

from collections.abc import Iterator

from archwise.engine.analysis import Analysis
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW303",
    name="environment-read-past-settings",
    claims=("G3.4",),
    since="0.1.0",
    severity="warning",
    status="preview",
)


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield the readings of variables that a settings class reads."""
    settings = analysis.variables.settings if analysis.variables.reads else {}
    for read in analysis.variables.reads:
        setting = settings.get(read.variable.upper())
        if setting is not None and setting.cls.module is not read.code.module:
            yield place.at(
                RULE,
                read.code,
                read.op,
                f"`{read.variable}` is read by hand, although `{setting.cls.name}.{setting.name}` is filled from it",
                f"take it from `{setting.cls.name}.{setting.name}` of "
                f"`{analysis.program.imported_as(setting.cls.module)}`",
                note=f"reads `{read.variable}`",
                cause=setting.variable,
            )
