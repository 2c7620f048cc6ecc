"""Environment variables are read in many modules, and no settings class reads any.

## What it does
Finds services that read at least eight variables with `os.environ` or `os.getenv` in at least five modules that are no
settings, and that have no class of settings; reported once.

## Why is this bad
What a deployment has to set is written down nowhere: one finds out by starting it, or months later when a rarely used
path asks for a variable that nobody set. Each reading is text, so each place converts it in its own way, and "false"
is true in one of them. Tests have to change the process's environment to change a setting.

## Example
```python
# shop/main.py
import os
from fastapi import FastAPI
app = FastAPI(title=os.environ["TITLE"])
@app.get("/")
def home() -> str:
    return os.getenv("GREETING", "hello")
# shop/cache.py
import os
HOST, PORT = os.environ["CACHE_HOST"], os.environ["CACHE_PORT"]  # AW307
# shop/mail.py
import os
HOST, PORT = os.environ["MAIL_HOST"], os.environ["MAIL_PORT"]
# shop/queue.py
import os
URL = os.environ["QUEUE_URL"]
# shop/store.py
import os
BUCKET = os.environ["BUCKET"]
```

## Use instead
```python
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    title: str
    greeting: str = "hello"
    cache_host: str
    cache_port: int
```

## Evidence needed
The program answers requests. The variables' names are written out and none of the system's (`PATH`, `HOME`, `DISPLAY`);
modules called settings, config or the like do not count, nor do tests, scripts and migrations; no class of the
program derives from Pydantic's `BaseSettings`.

## When not to follow it
The settings are kept elsewhere, and what is read here belongs to the platform. It is advice.

## References
- [Pydantic: settings management](https://docs.pydantic.dev/latest/concepts/pydantic_settings/)
- [The twelve-factor app: config](https://12factor.net/config)
"""

from collections.abc import Iterator

from archwise.engine.analysis import Analysis
from archwise.engine.variables import Reading
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW307",
    name="scattered-environment",
    claims=("G3.4",),
    since="0.1.0",
    severity="info",
    advice=True,
)

_OF_SETTINGS = frozenset(
    {"settings", "setting", "config", "configs", "configuration", "conf", "env", "environment", "constants"}
)
_FEWEST_MODULES = 5
_FEWEST_VARIABLES = 8
_MOST_SHOWN = 6


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield a finding for a service without settings, at the module that reads most variables."""
    if not analysis.serving or analysis.variables.settings:
        return
    readings: dict[str, list[Reading]] = {}
    for read in analysis.variables.reads:
        name = analysis.program.imported_as(read.code.module)
        if _OF_SETTINGS.isdisjoint(name.replace("_", ".").split(".")):
            readings.setdefault(name, []).append(read)
    variables = {read.variable for reads in readings.values() for read in reads}
    if len(readings) >= _FEWEST_MODULES and len(variables) >= _FEWEST_VARIABLES:
        yield _finding(sorted(readings.values(), key=_differing, reverse=True), len(variables))


def _finding(readings: list[list[Reading]], variables: int) -> Finding:
    first, *others = (reads[0] for reads in readings)
    return place.at(
        RULE,
        first.code,
        first.op,
        f"{variables} environment variables are read in {len(readings)} modules, and no settings class reads any",
        "declare them in one class that derives from `pydantic_settings.BaseSettings`, and take them from it",
        note=_note(readings[0]),
        after=tuple(
            place.hop(read.code, read.op, _note(reads))
            for read, reads in zip(others[: _MOST_SHOWN - 1], readings[1:], strict=False)
        ),
    )


def _differing(readings: list[Reading]) -> int:
    return len({read.variable for read in readings})


def _note(readings: list[Reading]) -> str:
    others = _differing(readings) - 1
    return f"reads `{readings[0].variable}`" + (f" and {others} more" if others else "")
