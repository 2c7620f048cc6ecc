"""Pydantic's first API is used where Pydantic 2 is installed.

## What it does
Finds `@validator`, `@root_validator`, `class Config` in models, and calls of `.dict()`, `.json()`, `.copy()`,
`.parse_obj()`, `.parse_raw()`, `.from_orm()`, `.update_forward_refs()` and `.construct()` on models, in programs that
run on Pydantic 2. What version 2 has removed altogether (`BaseSettings` in `pydantic`, `regex=`, `const=`) is an error.

## Why is this bad
The old names are kept by a layer that warns on every use and will be gone with version 3. Some behave otherwise
already: a `@validator` with `each_item` or `always`, `.json(ensure_ascii=…)`, a `Config` beside `model_config` that is
then refused. Two dialects in one code base have to be known by everyone who reads it.

## Example
```python
from pydantic import BaseModel, ConfigDict, validator


class User(BaseModel):
    model_config = ConfigDict(frozen=True)
    name: str

    @validator("name")  # AW608
    def not_blank(cls, value: str) -> str:
        return value.strip()
```

## Use instead
```python
from pydantic import BaseModel, ConfigDict, field_validator


class User(BaseModel):
    model_config = ConfigDict(frozen=True)
    name: str

    @field_validator("name")
    @classmethod
    def not_blank(cls, value: str) -> str:
        return value.strip()
```

## Evidence needed
The project requires Pydantic 2 (its requirements admit no version 1), or, where it does not say, it uses what only
version 2 has (`field_validator`, `ConfigDict`, `model_dump`, `pydantic_settings`, …). A method counts where the object
is known to be a model of the program that defines no such method itself. `pydantic.v1` is left alone.

## When not to follow it
The package supports both versions and says so.

## References
- [Pydantic: migration guide](https://docs.pydantic.dev/latest/migration/)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.program import Code
from archwise.engine.projectfiles import admits, excludes_older
from archwise.engine.values import External, class_meant
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW608",
    name="pydantic-v1-api",
    claims=("G6.5", "G3.4"),
    since="0.1.0",
    severity="error",
)

_DECORATORS = {
    "pydantic.validator": "`field_validator`, with `@classmethod` below it",
    "pydantic.root_validator": "`model_validator`",
    "pydantic.class_validators.validator": "`field_validator`, with `@classmethod` below it",
    "pydantic.class_validators.root_validator": "`model_validator`",
}
_METHODS = {
    "dict": "model_dump",
    "json": "model_dump_json",
    "copy": "model_copy",
    "parse_obj": "model_validate",
    "parse_raw": "model_validate_json",
    "from_orm": "model_validate",
    "construct": "model_construct",
    "update_forward_refs": "model_rebuild",
    "schema_json": "model_json_schema",
}
_GONE = {"regex": "pattern", "const": "Literal[…] as the type"}
_ONLY_SECOND = frozenset(
    {
        *("field_validator", "model_validator", "ConfigDict", "TypeAdapter", "field_serializer", "model_serializer"),
        *("computed_field", "RootModel", "AliasChoices", "BeforeValidator", "AfterValidator", "PlainSerializer"),
        *("WrapValidator", "SerializeAsAny", "ValidationInfo", "InstanceOf", "SkipValidation"),
    }
)


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every use of what version 2 only keeps for old code, or no longer has."""
    users = [m for m in analysis.program.modules.values() if "pydantic" in m.summary.imports]
    if not users or not _is_second(analysis):
        return
    for code in analysis.program.codes():
        if code.scope.kind == "class" and code.scope.bases and analysis.models.is_schema(code):
            yield from _in_class(analysis, code)
    for module in sorted(users, key=lambda module: module.name):
        for code in module.codes:
            yield from _imported(code)
    for name, instead in _METHODS.items():
        for code, index, _ in analysis.program.calls(name):
            if _is_on_model(analysis, code, index, name) and not _tries_both(code, instead):
                yield _old(code, index, f"`.{name}()` of a model", f"`.{instead}()`")


def _is_second(analysis: Analysis) -> bool:
    """Whether the program runs on Pydantic 2, and on nothing older."""
    specifiers = analysis.beside.requirements("pydantic")
    if specifiers and all(excludes_older(each, (2,)) for each in specifiers):
        return True
    if any(not admits(each, (2,)) for each in specifiers):
        return False
    imported: set[str] = set()
    for module in analysis.program.modules.values():
        if "pydantic_settings" in module.summary.imports:
            return not _has_fallback(analysis)
        if "pydantic" in module.summary.imports:
            for op in module.code.scope.ops:
                if isinstance(op, ir.Import) and op.module == "pydantic":
                    imported.add(op.name)
    return not _ONLY_SECOND.isdisjoint(imported) and not _has_fallback(analysis)


def _has_fallback(analysis: Analysis) -> bool:
    """Whether the program asks which version it has."""
    for module in analysis.program.modules.values():
        if "pydantic" in module.summary.imports:
            for op in module.code.scope.ops:
                name = ir.identifier(op) or (op.name if isinstance(op, ir.Import) else "")
                if name in ("PYDANTIC_V2", "IS_PYDANTIC_V1", "PYDANTIC_V1", "IS_PYDANTIC_V2", "PYDANTIC_VERSION"):
                    return True
                if isinstance(op, ir.Import) and op.module == "pydantic.version":
                    return True
    return False


def _in_class(analysis: Analysis, cls: Code) -> Iterator[Finding]:
    if any(base.startswith("pydantic.v1") for base in analysis.inference.classes.external_bases(cls)):
        return
    for inner in cls.inner:
        if inner.scope.kind == "class" and inner.scope.name == "Config":
            yield _old(inner, 0, f"`class Config` in `{cls.scope.name}`", "`model_config = ConfigDict(…)`")
        for index in inner.scope.decorators:
            function = cls.callee(index)
            for value in analysis.inference.values(cls, function):
                if isinstance(value, External) and value.name in _DECORATORS:
                    what = f"`@{value.name.rpartition('.')[2]}`"
                    instead = _DECORATORS[value.name]
                    yield _old(cls, index, what, instead) if index != function else _old(inner, 0, what, instead)
    for field in analysis.models.fields(cls):
        op = field.owner.scope.ops[field.value]
        if field.owner is not cls or not isinstance(op, ir.Call):
            continue
        for name, _ in op.keywords:
            if name in _GONE and _is_field(analysis, cls, op):
                yield place.at(
                    RULE,
                    cls,
                    field.value,
                    f"`{name}=` of `Field` was removed in Pydantic 2: defining `{cls.scope.name}` fails",
                    f"use `{_GONE[name]}`",
                    note=f"passes `{name}`",
                )


def _is_field(analysis: Analysis, code: Code, op: ir.Call) -> bool:
    values = analysis.inference.values(code, op.function)
    return any(isinstance(value, External) and value.name == "pydantic.Field" for value in values)


def _imported(code: Code) -> Iterator[Finding]:
    for index, op in enumerate(code.scope.ops):
        if isinstance(op, ir.Import) and op.module == "pydantic" and op.name == "BaseSettings":
            if any(handler for handler in code.scope.handlers) or op.block:
                continue
            yield place.at(
                RULE,
                code,
                index,
                "`BaseSettings` left `pydantic` with version 2: this import fails",
                "install `pydantic-settings` and import it from `pydantic_settings`",
                note="imports `BaseSettings`",
            )


def _is_on_model(analysis: Analysis, code: Code, index: int, name: str) -> bool:
    function = code.scope.ops[code.callee(index)]
    if not isinstance(function, ir.Attribute):
        return False
    found = False
    for value in analysis.inference.values(code, function.value):
        cls = class_meant(value)
        if cls is None or not analysis.models.is_schema(cls) or analysis.inference.classes.defining(cls, name):
            return False
        if any(base.startswith("pydantic.v1") for base in analysis.inference.classes.external_bases(cls)):
            return False
        found = True
    return found


def _tries_both(code: Code, instead: str) -> bool:
    """Whether a function also uses the new name, so as to run on either version."""
    return any(isinstance(op, ir.Attribute) and op.name == instead for op in code.scope.ops)


def _old(code: Code, op: int, what: str, instead: str) -> Finding:
    return place.at(
        RULE,
        code,
        op,
        f"{what} is Pydantic 1's API, deprecated in version 2, to be removed in 3",
        f"use {instead}",
        note="uses the API of version 1",
        severity="warning",
        cause=instead,
    )
