"""A function that other packages use lacks types, in a program that is otherwise typed.

## What it does
Finds public functions and methods with a parameter or a return value that has no type, and says who relies on them.
Public is what another package of the program uses, what a package exports in `__all__`, and what a framework calls
with a request or a task. Where at least nineteen of twenty such functions are typed throughout, in the whole program
and in the package at its top that they stand in, the rest are warnings; in one that is not there yet they are
information. `archwise check --statistics` gives the share.

## Why is this bad
Types at the border between packages are what a change is checked against. One function without them makes every call
of it unchecked, and what it gives back unchecked further on, in code whose authors trust their type checker. Inside
a module that is a nuisance; between packages the one who breaks it is not the one who is broken.

## Example
```python
# shop/pricing/rules.py
def price(item, discount: float = 0.0) -> float:  # AW301
    return item.amount * (1 - discount)
# shop/orders/service.py
from shop.pricing.rules import price

total = price
```

## Use instead
```python
# shop/pricing/rules.py
from decimal import Decimal


def price(amount: Decimal, discount: Decimal) -> Decimal:
    return amount * (1 - discount)
# shop/orders/service.py
from shop.pricing.rules import price

total = price
```

## Evidence needed
Some other package imports the function or its class, a package's `__all__` names it, or a framework calls it. Tests,
scripts, migrations and examples neither count nor are looked at; overriding methods may take their types from what
they override, and what an endpoint gives back is a matter of its response schema. What
type checkers infer (`-> None`, the type of a literal default) and untyped `**options` are information.

## When not to follow it
The whole program is untyped, and is to stay so: ignore the rule.

## References
- [Typing best practices: annotate what is public](https://typing.python.org/en/latest/reference/best_practices.html)
- [Typing: how complete are a library's types](https://typing.python.org/en/latest/guides/libraries.html#how-much-of-my-library-needs-types)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.program import Code
from archwise.engine.public import Use, untyped
from archwise.findings import Finding, Severity
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW301",
    name="untyped-public-function",
    claims=("G3.1", "G3.2", "G11.3"),
    since="0.1.0",
    severity="warning",
    also=("ANN001", "ANN201", "ANN204", "ANN205", "ANN206"),
)
_TYPED_THROUGHOUT = 0.95


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield the public functions that lack types."""
    for use in analysis.public.functions:
        missing = untyped(use)
        if missing:
            is_typed = analysis.public.is_typed(use.code, _TYPED_THROUGHOUT)
            yield _finding(use, missing, "warning" if is_typed and not _is_inferred(use, missing) else "info")


def _is_inferred(use: Use, missing: tuple[str, ...]) -> bool:
    """Whether all that is missing is what type checkers infer, or what is passed on as ``**options``."""
    scope = use.code.scope
    if "return" in missing and (scope.results or scope.is_generator or scope.is_stub):
        return False
    return all(_tells_its_type(use.code, parameter) for parameter in scope.parameters if parameter.name in missing)


def _tells_its_type(code: Code, parameter: ir.Parameter) -> bool:
    if parameter.kind in ("args", "kwargs"):
        return True
    default = code.parent.scope.ops[parameter.default] if parameter.default and code.parent is not None else None
    return isinstance(default, ir.Constant) and default.kind in ("str", "number", "bool", "bytes")


def _finding(use: Use, missing: tuple[str, ...], severity: Severity) -> Finding:
    parameters = ", ".join(f"`{name}`" for name in missing if name != "return")
    lacks = [f"no type for {parameters}"] if parameters else []
    annotate = [parameters] if parameters else []
    if "return" in missing:
        lacks.append("no return type")
        annotate.append("what it returns")
    return place.at(
        RULE,
        use.code,
        0,
        f"`{use.code.name}` has {' and '.join(lacks)}; {_reliant(use)}",
        f"annotate {' and '.join(annotate)}",
        note="defined here",
        severity=severity,
        cause=use.code.owner.key if use.code.owner is not None else "",
    )


def _reliant(use: Use) -> str:
    """Who relies on a function, in words."""
    first, *others = use.users
    if use.asked:
        return f"it answers {first}"
    if not others:
        return f"`{first}` relies on it"
    return f"`{first}` and {f'{len(others)} more packages' if len(others) > 1 else f'`{others[0]}`'} rely on it"
