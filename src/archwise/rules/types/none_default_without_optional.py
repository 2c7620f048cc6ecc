"""A parameter or field defaults to `None`, and its type says that it is never `None`.

## What it does
Finds parameters of public functions, and fields of Pydantic models and data classes, whose default is `None` while
their annotation leaves it out: a class, a built-in type or a union of such, through aliases and other modules as well.

## Why is this bad
The annotation is what callers, editors and JSON Schema go by. It says that there always is a value, so nobody checks,
and the first call that leaves it out fails somewhere else: `'NoneType' object has no attribute …`. Pydantic does not
check defaults: the schema says `string`, and clients get `null`.

## Example
```python
from pydantic import BaseModel


class Order(BaseModel):  # AW302
    note: str = None
```

## Use instead
```python
from pydantic import BaseModel


class Order(BaseModel):
    note: str | None = None
```

## Evidence needed
The default is the literal `None`; each part of the annotation is resolved to a class of the program or a built-in
type. What comes from other packages may be an alias that lets `None` through, and is left alone.

## When not to follow it
A framework fills the field before anyone reads it. A query parameter of a FastAPI endpoint works all the same: only the
schema and the type checker are told the wrong thing. ruff's RUF013 finds the same in one file, aliases not followed.

## References
- [PEP 484: union types](https://peps.python.org/pep-0484/#union-types)
- [mypy: no implicit optional](https://mypy.readthedocs.io/en/stable/command_line.html#cmdoption-mypy-implicit-optional)
- [ruff: implicit-optional, within one file](https://docs.astral.sh/ruff/rules/implicit-optional/)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.layers import is_application
from archwise.engine.optional import refuses_none
from archwise.engine.program import Code
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW302",
    name="none-default-without-optional",
    claims=("G3.1", "G3.3"),
    since="0.1.0",
    severity="warning",
    status="preview",
    also=("RUF013",),
)
_MODELS = frozenset({"BaseModel", "SQLModel", "BaseSettings"})


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield the parameters of public functions, then the fields of models."""
    for use in analysis.public.functions:
        yield from _parameters(analysis, use.code)
    for cls in analysis.program.classes:
        if _is_model(analysis, cls) and is_application(cls.module):
            yield from _fields(analysis, cls)


def _parameters(analysis: Analysis, code: Code) -> Iterator[Finding]:
    parent = code.parent
    if parent is not None:
        names = [p.name for p in code.scope.parameters if _lies(analysis, parent, p.annotation, p.default)]
        if names:
            yield _finding(code, "parameter", names)


def _fields(analysis: Analysis, cls: Code) -> Iterator[Finding]:
    bindings = cls.scope.bindings.items()
    names = [name for name, bound in bindings if _lies(analysis, cls, bound[0].annotation, bound[0].value)]
    if names:
        yield _finding(cls, "field", names)


def _finding(code: Code, kind: str, names: list[str]) -> Finding:
    shown = ", ".join(f"`{name}`" for name in names)
    what = (
        f"the {kind}s {shown} of `{code.name}` default"
        if names[1:]
        else f"the {kind} {shown} of `{code.name}` defaults"
    )
    return place.at(
        RULE,
        code,
        0,
        f"{what} to `None`, which the type leaves out",
        f"add `| None` to the type of {shown}, or give a default of that type",
        note="declared here",
    )


def _lies(analysis: Analysis, code: Code, annotation: int, default: int) -> bool:
    given = code.scope.ops[default]
    return ir.is_none(given) and annotation > 0 and refuses_none(analysis.inference, code, annotation)


def _is_model(analysis: Analysis, cls: Code) -> bool:
    classes = analysis.inference.classes
    if any(base.rpartition(".")[2] in _MODELS for base in classes.external_bases(cls)):
        return True
    return "dataclass" in cls.decorator_names
