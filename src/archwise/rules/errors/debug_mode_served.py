"""Debug mode is on in what is served.

## What it does
Finds `FastAPI(debug=True)` and `Starlette(debug=True)`, Flask's `app.run(debug=True)` and `app.debug = True` outside
the branch of a script, and `DEBUG = True` in the settings module that Django's `wsgi.py` or `asgi.py` names.

## Why is this bad
In debug mode an error answers with the stack trace, the source around it and the values of local variables, keys and
passwords among them; Werkzeug's debugger runs code for whoever can open it. Django keeps every query in memory.

## Example
```python
from fastapi import FastAPI

app = FastAPI(debug=True)  # AW802
```

## Use instead
```python
import os

from fastapi import FastAPI

app = FastAPI(debug=os.environ.get("DEBUG") == "1")
```

## Evidence needed
The value is the literal `True` and nothing around it asks for the environment: no condition, no test, no
`if __name__ == "__main__"`. A Django settings module counts where the project's own entry points name it and nothing
in it sets `DEBUG` again.

## When not to follow it
The program only ever runs on its developer's machine, listens on `localhost` alone, and says so: folders called `dev`,
`local`, `demo`, `docs`, `sample` and the like are left alone.

## References
- [Django: deployment checklist](https://docs.djangoproject.com/en/stable/howto/deployment/checklist/#debug)
- [Flask: debug mode](https://flask.palletsprojects.com/en/stable/debugging/)
- [Starlette: debug](https://www.starlette.io/applications/)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.contexts import is_test
from archwise.engine.program import Code
from archwise.engine.values import ExternalInstance, Literal
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW802",
    name="debug-mode-served",
    claims=("G8.4", "G8.7"),
    since="0.1.0",
    severity="error",
    status="preview",
)

_APPLICATIONS = frozenset({"fastapi.FastAPI", "starlette.applications.Starlette", "flask.Flask", "quart.Quart"})
_RUN = frozenset({"flask.Flask", "quart.Quart"})
_LOCAL = ("dev", "local", "debug", "demo", "sandbox", "docs", "sample", "tutorial")


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every place that turns debug mode on for what is served."""
    names = {name.rpartition(".")[2] for name in _APPLICATIONS}
    for code, index, op in analysis.program.calls(*sorted({*names, "run"})):
        if _debugs(analysis, code, index, op):
            yield _finding(code, index)
    for code in analysis.program.codes():
        for store in code.scope.stores:
            if (
                store.name == "debug"
                and not store.item
                and _is_served(code, store.block)
                and _is_true(analysis, code, store.value)
                and _holds(analysis, code, store.target, _APPLICATIONS)
            ):
                yield _finding(code, store.target)
    yield from _django(analysis)


def _debugs(analysis: Analysis, code: Code, index: int, op: ir.Call) -> bool:
    """Whether a call makes or runs an application in debug mode."""
    given = op.argument("debug")
    if not given or not _is_true(analysis, code, given) or not _is_served(code, op.block):
        return False
    function = code.scope.ops[op.function]
    if isinstance(function, ir.Attribute) and function.name == "run":
        return _holds(analysis, code, function.value, _RUN)
    return _holds(analysis, code, index, _APPLICATIONS)


def _finding(code: Code, op: int) -> Finding:
    message = "debug mode is on in what is served"
    return place.at(RULE, code, op, message, "take it from the environment, off by default", note="turns it on")


def _is_true(analysis: Analysis, code: Code, index: int) -> bool:
    return analysis.inference.values(code, index) == (Literal("bool", "True"),)


def _is_served(code: Code, block: int) -> bool:
    """Whether nothing says that this only runs on a developer's machine."""
    words = [*code.module.path.lower().split("/"), code.scope.name.lower()]
    if is_test(code) or any(each.startswith(_LOCAL) for each in words):
        return False
    kinds = {each.kind for each in code.around(block)}
    return kinds.isdisjoint({"if", "main", "rest", "case", "except"}) and code.scope.name != "main"


def _holds(analysis: Analysis, code: Code, index: int, names: frozenset[str]) -> bool:
    return any(
        isinstance(value, ExternalInstance) and analysis.facts.canonical(value.name) in names
        for value in analysis.inference.values(code, index)
    )


def _django(analysis: Analysis) -> Iterator[Finding]:
    seen: set[str] = set()
    for code, index, op in analysis.program.calls("setdefault"):
        if len(op.arguments) != 2 or code.module.path.endswith("manage.py"):
            continue
        key, value = (analysis.inference.values(code, argument) for argument in op.arguments)
        if key != (Literal("str", "DJANGO_SETTINGS_MODULE"),) or len(value) != 1 or not isinstance(value[0], Literal):
            continue
        name = code.module.program.resolve(code.module, value[0].text) or ""
        module = code.module.program.modules.get(name)
        if module is None or name in seen or is_test(module.code):
            continue
        seen.add(name)
        bindings = module.code.scope.bindings.get("DEBUG", ())
        if (
            len(bindings) == 1
            and bindings[0].block == 0
            and _is_true(analysis, module.code, bindings[0].value)
            and not name.lower().rpartition(".")[2].startswith(_LOCAL)
        ):
            yield place.at(
                RULE,
                module.code,
                0,
                f"`DEBUG = True` in `{name}`, the settings that `{code.module.path}` serves",
                "take it from the environment, off by default",
                note="sets `DEBUG`",
                before=(place.hop(code, index, f"serves with `{name}`"),),
            )
