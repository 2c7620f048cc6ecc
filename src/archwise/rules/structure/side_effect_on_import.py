"""Importing a module talks to the outside: a network, a database, another process.

## What it does
Finds statements at the top of modules that, themselves or through what they call, wait for the network, a database,
a child process, a name lookup or a sleep, in modules that other modules import. What stands under `if __name__ ==
"__main__"` does not count. A child process is information: mostly it asks Git for the version of a checkout; so is a
question to a person, which is asked where something is broken, a file that is read, which mostly stands beside the
module, and what the module itself puts under a condition.

## Why is this bad
Whoever imports the module pays, whether or not they use it: every test run, every command, every worker, the tool that
only wants to read a type. Where the other side is down, the import fails, and with it everything that imports it,
before a handler or a log could say so. And it happens once a process, at a moment nobody chose: before configuration
is read, before a fork, before a test has put its double in place.

## Example
```python
# shop/stock.py
import requests

CATALOGUE = requests.get("https://stock.example/items", timeout=5).json()  # AW407
# shop/main.py
from shop.stock import CATALOGUE

print(len(CATALOGUE))
```

## Use instead
A function that is called when the first answer is needed, or the application's start-up.
```python
# shop/stock.py
import functools

import requests


@functools.cache
def catalogue() -> list[str]:
    return requests.get("https://stock.example/items", timeout=5).json()
# shop/main.py
from shop.stock import catalogue

print(len(catalogue()))
```

## Evidence needed
The waiting call is resolved to a known function or method, each step of the trace is a call that the import itself
makes, and another module of the program imports this one. *Likely* where a condition decides whether it happens.

## When not to follow it
The module is a program that something else only imports for a constant.

## References
- [The Hitchhiker's Guide to Python: modules](https://docs.python-guide.org/writing/structure/#modules)
- [Twelve-factor app: disposability](https://12factor.net/disposability)
"""

from collections.abc import Iterator

from archwise.engine.analysis import Analysis
from archwise.engine.frequency import is_guarded
from archwise.engine.layers import is_application
from archwise.engine.program import Code, Module
from archwise.engine.reach import Reach, steps
from archwise.findings import Finding
from archwise.rules import place, reached
from archwise.rules.async_.blocking_call_on_event_loop import KINDS as WAITS
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW407",
    name="side-effect-on-import",
    claims=("G4.3", "G6.3"),
    since="0.1.0",
    severity="warning",
)
KINDS = {kind: WAITS[kind][1] for kind in ("network", "database", "subprocess", "dns", "sleep", "input", "file")}
"""What is waited for, gravest first, in words."""
_MILD = frozenset({"subprocess", "input", "file"})
"""What mostly asks a tool for its version, a person for help with what is broken, or reads a file beside the module."""
_MOST_CONDITIONS = 2
_FARTHEST = 4


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield, for each statement of a module's body, the gravest thing that importing it waits for."""
    bodies = [module.code for module in analysis.program.by_name if _is_imported(analysis, module)]
    analysis.effects.settle(bodies)
    for code in bodies:
        for effects in analysis.effects.by_place(code):
            reaches = [r for r in effects.reaches.values() if r.effect.kind in KINDS and not _is_doubted(r)]
            if reaches and not _is_script(code, reaches[0]):
                yield _finding(code, min(reaches, key=_rank))


def _is_imported(analysis: Analysis, module: Module) -> bool:
    importers = [each.importer for each in analysis.imports.to(module) if each.when == "import"]
    return is_application(module) and any(importer is not module for importer in importers)


def _is_doubted(reach: Reach) -> bool:
    """Whether so much has to hold for it to happen that most imports will not see it."""
    doubted = reach.guarded > 0 or not reach.certain
    return reach.guarded > _MOST_CONDITIONS or (doubted and reach.length > _FARTHEST) or _is_for_later(reach)


def _is_for_later(reach: Reach) -> bool:
    """Whether a step waits for something to be ready (``if apps.ready``), which nothing is while it is imported."""
    return any(
        test.kind == "true" and test.path.endswith(".ready")
        for step in steps(reach.path)
        for test in step.code.conditions(step.code.block_of(step.op))
    )


def _is_script(code: Code, reach: Reach) -> bool:
    """Whether a statement stands under ``if __name__ == "__main__"``."""
    return any(block.kind == "main" for block in code.around(code.block_of(reach.path.op)))


def _is_retry(reach: Reach) -> bool:
    """Whether this sleeps only where something has failed, before it is tried again."""
    return reach.effect.kind == "sleep" and any(
        block.kind == "except" for step in steps(reach.path) for block in step.code.around(step.code.block_of(step.op))
    )


def _rank(reach: Reach) -> tuple[bool, int, int, int, str]:
    return not reach.certain, reach.guarded, list(KINDS).index(reach.effect.kind), reach.length, reach.effect.name


def _finding(code: Code, reach: Reach) -> Finding:
    words = KINDS[reach.effect.kind]
    first, *rest = reached.hops(reach, words)
    way = ", reached through " + reached.through(reach) if reach.length > 1 else ""
    return place.at(
        RULE,
        code,
        reach.path.op,
        f"importing `{code.name}` {words}: `{reach.effect.name}`{way}",
        "put it in a function that is called when it is needed, cached where once is enough, or in the start-up",
        note=first.note,
        severity="info"
        if reach.effect.kind in _MILD or _is_retry(reach) or is_guarded(code, reach.path.op)
        else "warning",
        confidence="certain" if reach.certain and not reach.guarded else "likely",
        after=tuple(rest),
        cause=f"{reach.sink.code.key}\0{reach.effect.name}",
    )
