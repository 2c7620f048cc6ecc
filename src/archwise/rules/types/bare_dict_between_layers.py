"""A model is taken apart into a bare dict to cross from one layer to another.

## What it does
Finds functions of one layer that take a bare `dict` or `Any` where another layer has a Pydantic model in its hands, and
dumps it into that very argument.

## Why is this bad
The model knew the fields, their types and their limits. Behind the border they are strings again: a misspelled key is
an error at run time, a renamed field is found by searching for text, and no editor and no checker can help. The layer
below ends up checking again what had been checked.

## Example
```toml
[tool.archwise.layers]
routes = ["shop.routes"]
services = ["shop.services"]
```
```python
# shop/services/orders.py
from typing import Any


def place(order: dict[str, Any]) -> int:  # AW306
    return order["amount"]
# shop/routes/orders.py
from pydantic import BaseModel
from shop.services.orders import place


class NewOrder(BaseModel):
    amount: int


def add(order: NewOrder) -> int:
    return place(order.model_dump())
```

## Use instead
```python
# shop/services/orders.py
from pydantic import BaseModel


class NewOrder(BaseModel):
    amount: int


def place(order: NewOrder) -> int:
    return order.amount
# shop/routes/orders.py
from shop.services.orders import NewOrder, place


def add(order: NewOrder) -> int:
    return place(order)
```

## Evidence needed
Both modules are of layers, declared or inferred; the callee is one function of the program; its parameter's annotation
is `dict`, `dict[str, Any]`, `Any` or the like; the argument is a whole model's `model_dump()` or `dict()`. A dump that
leaves out what was not set says something that the model cannot, and is left alone, as are functions that others give
dicts of their own.

## When not to follow it
The function keeps or forwards whatever it is given, whatever its fields are.

## References
- [Pydantic: models](https://docs.pydantic.dev/latest/concepts/models/)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.contexts import is_test
from archwise.engine.models import is_bare
from archwise.engine.program import Code
from archwise.engine.values import FunctionValue, Instance, Method
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW306",
    name="bare-dict-between-layers",
    claims=("G3.4", "G3.1"),
    since="0.1.0",
    severity="warning",
    status="preview",
)

_DUMPS = ("model_dump", "dict")


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield every bare parameter into which another layer dumps a model, once."""
    seen: set[tuple[Code, str]] = set()
    for code, index, model in _dumps(analysis):
        for call, callee, parameter in _taken(analysis, code, index):
            if (callee, parameter.name) not in seen and not _takes_any(analysis, callee):
                seen.add((callee, parameter.name))
                upper, lower = analysis.layers.of(code.module), analysis.layers.of(callee.module)
                yield place.at(
                    RULE,
                    callee,
                    0,
                    f"`{callee.name}` of the layer `{lower}` takes `{parameter.name}` as a bare dict, "
                    f"which the layer `{upper}` makes of a `{model.scope.name}`",
                    f"take the `{model.scope.name}` itself, or a model of this layer's own",
                    note=f"takes `{parameter.name}`",
                    confidence="certain" if analysis.layers.is_declared else "likely",
                    before=(place.hop(code, call, f"dumps a `{model.scope.name}` into it"),),
                )


def _dumps(analysis: Analysis) -> Iterator[tuple[Code, int, Code]]:
    """Where the layers make a dict of a whole model, and which model that is."""
    for code, index, op in analysis.program.calls(*_DUMPS):
        function = code.scope.ops[op.function]
        if op.given or not isinstance(function, ir.Attribute):
            continue
        if analysis.layers.of(code.module) is None or is_test(code):
            continue
        values = analysis.inference.values(code, function.value)
        if len(values) == 1 and isinstance(values[0], Instance) and analysis.models.is_schema(values[0].code):
            yield code, index, values[0].code


def _taken(analysis: Analysis, code: Code, index: int) -> Iterator[tuple[int, Code, ir.Parameter]]:
    """The calls that hand a value to a function of another layer which asks for a bare dict."""
    for call, op in code.operations(ir.Call):
        named = {value: name for name, value in op.keywords}
        if index not in op.arguments and index not in named:
            continue
        for value in analysis.inference.values(code, op.function):
            callee = value.code if isinstance(value, (FunctionValue, Method)) else None
            if callee is None or not _is_below(analysis, code, callee):
                continue
            parameters = [each for each in callee.scope.parameters if each.kind == "positional"]
            position = op.arguments.index(index) + isinstance(value, Method) if index in op.arguments else -1
            for at, each in enumerate(callee.scope.parameters):
                given = each.name == named.get(index) or (at == position and each in parameters)
                if given and callee.parent is not None and each.annotation and is_bare(callee.parent, each.annotation):
                    yield call, callee, each


def _takes_any(analysis: Analysis, callee: Code) -> bool:
    """Whether others give a function dicts that are no model's: whatever fields there are, it takes them."""
    for code, _, op in analysis.program.calls(callee.scope.name):
        if is_test(code):
            continue
        given = [code.scope.ops[each] for each in op.given]
        dumped = (code.scope.ops[each.function] for each in given if isinstance(each, ir.Call))
        if not any(ir.identifier(function) in _DUMPS for function in dumped):
            return True
    return False


def _is_below(analysis: Analysis, code: Code, callee: Code) -> bool:
    """Whether a function is of a layer further in than that of its caller."""
    order = analysis.layers.order
    upper, lower = analysis.layers.of(code.module), analysis.layers.of(callee.module)
    return upper in order and lower in order and order.index(upper) < order.index(lower)
