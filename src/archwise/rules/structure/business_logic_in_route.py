"""A route decides and computes instead of asking a service.

## What it does
Finds endpoints with six or more decisions (branches, cases, loops) of their own, together with ten or more decisions,
comparisons and calculations. Checks that end in an error are no decisions: to refuse a request is a route's work.

## Why is this bad
What stands in a route can only be reached through HTTP. The rule that is worked out there is missing where a task or a
command does the same, each test of it needs a request, and the one line that says what the endpoint is for is lost
among them.

## Example
```python
from fastapi import FastAPI

app = FastAPI()


@app.post("/price")
def price(lines: list[float], member: bool, country: str, code: str) -> float:  # AW404
    total = 0.0
    for line in lines:
        if line > 100:
            line -= line * 0.1
        elif line > 50:
            line -= line * 0.05
        total += line
    if member and total > 200:
        total -= 20
    if country == "CH":
        total = total * 1.08 if total < 60 else total
    if code.startswith("X"):
        total /= 2
    return total
```

## Use instead
```python
from fastapi import FastAPI
from shop.pricing import Basket, price_of

app = FastAPI()


@app.post("/price")
def price(basket: Basket) -> float:
    return price_of(basket)
```

## Evidence needed
The function is registered as an endpoint with a framework; decisions and calculations are counted in its own body, not
in what it calls or in functions defined within it. Counting does not understand: six checks of permission weigh as
much as six rules about prices.

## When not to follow it
The branches are about HTTP itself: formats, redirects, headers, which user may do it, or which kind of message came.
Few people agree on the border, so this is advice.

## References
- [Cosmic Python: service layer](https://www.cosmicpython.com/book/chapter_04_service_layer.html)
- [Fat models, thin views](https://django-best-practices.readthedocs.io/en/latest/applications.html#make-em-fat)
"""

from collections.abc import Iterator

from archwise.engine import ir
from archwise.engine.analysis import Analysis
from archwise.engine.contexts import is_test
from archwise.engine.program import Code
from archwise.findings import Finding
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW404",
    name="business-logic-in-route",
    claims=("G5.3", "G11.4"),
    since="0.1.0",
    severity="info",
    advice=True,
)
_DECIDING = frozenset({"if", "case", "loop", "search"})
_LEAST_DECISIONS = 6
_LEAST_LOGIC = 10


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield the endpoints that decide and compute much, each once."""
    for code in dict.fromkeys(each.code for each in analysis.endpoints if not is_test(each.code)):
        scope = code.scope
        decisions = _decisions(code)
        if decisions >= _LEAST_DECISIONS and decisions + scope.comparisons + scope.arithmetic >= _LEAST_LOGIC:
            yield place.at(
                RULE,
                code,
                0,
                f"`{code.name}` holds {decisions} decisions, {scope.comparisons} comparisons and "
                f"{scope.arithmetic} calculations of its own",
                "move what it works out to a service that knows nothing of HTTP, and keep reading the request and "
                "answering it here",
                note="defined here",
                roots=analysis.contexts.labels(code),
            )


def _decisions(code: Code) -> int:
    """The branches, cases and loops of a function, those apart that end in an error."""
    refusing = {op.block for op in code.scope.ops if isinstance(op, ir.Raise)}
    return sum(block.kind in _DECIDING for number, block in enumerate(code.scope.blocks) if number not in refusing)
