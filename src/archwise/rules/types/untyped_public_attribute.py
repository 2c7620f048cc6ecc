"""An attribute that other packages read has no type, in a program that is otherwise typed.

## What it does
Finds attributes of a program's classes that no annotation describes and that are only ever given `None`, an empty
container, or a parameter that has no type itself, and that another package of the program reads. Where at least
nineteen of twenty public functions are typed throughout, these are warnings; in a program that is not there yet they
are information.

## Why is this bad
A type checker takes such an attribute for `Any`, and with it all that is made of it. A misspelled method, a missing
check for `None`, a changed field: none of it is seen, in another package than the one where two words were left out.

## Example
```python
# shop/pricing/rules.py
class Rules:
    def __init__(self) -> None:
        self.discounts = []  # AW305
# shop/orders/service.py
from shop.pricing.rules import Rules


def best(rules: Rules) -> float:
    return max(rules.discounts)
```

## Use instead
```python
# shop/pricing/rules.py
class Rules:
    def __init__(self) -> None:
        self.discounts: list[float] = []
# shop/orders/service.py
from shop.pricing.rules import Rules


def best(rules: Rules) -> float:
    return max(rules.discounts)
```

## Evidence needed
Nothing says what the attribute is: not the class's body, not a base class, not any of the assignments in its methods;
classes with a base outside the program are left alone. The reading is one of an object that is known to be of this
class, and stands in another package. Tests, scripts, migrations and examples neither count nor are looked at.

## When not to follow it
The whole program is untyped, and is to stay so: ignore the rule.

## References
- [Typing best practices: annotate what is public](https://typing.python.org/en/latest/reference/best_practices.html)
"""

from collections.abc import Iterator

from archwise.engine.analysis import Analysis
from archwise.findings import Finding, Severity
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW305",
    name="untyped-public-attribute",
    claims=("G3.1", "G3.2", "G11.3"),
    since="0.1.0",
    severity="warning",
    status="preview",
)
_TYPED_THROUGHOUT = 0.95


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield the attributes without a type that other packages read."""
    typed, public = analysis.public.coverage
    severity: Severity = "warning" if typed >= _TYPED_THROUGHOUT * public else "info"
    for each in analysis.public_attributes.untyped():
        first, *others = each.users
        more = f" and {len(others)} more" if others else ""
        yield place.at(
            RULE,
            each.code,
            each.op,
            f"`{each.cls.scope.name}.{each.name}` has no type; `{first}`{more} read{'' if others else 's'} it",
            f"annotate it where it is first set: `self.{each.name}: … = …`",
            note="set here",
            severity=severity,
        )
