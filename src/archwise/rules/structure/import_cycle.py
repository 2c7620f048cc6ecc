"""Modules import one another in a circle.

## What it does
Finds sets of modules that wait for one another while they are imported, and names the fewest imports that have to go
until no circle is left. Where one of the modules cannot be the first to be imported, because another then asks it for
a name that it has not defined yet, the finding is a warning and says so; a circle that happens to work is information.

## Why is this bad
It works as long as the modules are imported in the one order in which they were tried. A test that imports a
different one first, a new command, a formatter that sorts the imports: and the program stops with `ImportError:
cannot import name … (most likely due to a circular import)`. Besides, modules in a circle can only be understood,
tested and moved together.

## Example
```python
# shop/orders.py
from shop.billing import invoice  # AW402


def total(lines: list[int]) -> int:
    return sum(lines)
# shop/billing.py
from shop.orders import total

invoice = total([])
```

## Use instead
```python
# shop/orders.py
def total(lines: list[int]) -> int:
    return sum(lines)
# shop/billing.py
from shop.orders import total

invoice = total([])
```

## Evidence needed
All imports of the circle run when their modules are imported: those under `TYPE_CHECKING` and those inside functions
do not count, nor does what a package's `__init__` is imported for implicitly, or as a module that is used later. That a
module cannot be imported first is found by following Python's own order: packages before their modules, statements one
after the other, conditional ones left out.

## When not to follow it
A package and its parts that refer to each other's modules, and never to names while they are imported.

## References
- [Python: circular imports](https://docs.python.org/3/faq/programming.html#what-are-the-best-practices-for-using-import-in-a-module)
- [A fast and effective heuristic for the feedback arc set problem](https://doi.org/10.1016/0020-0190(93)90079-O)
"""

import itertools
from collections.abc import Iterator

from archwise.engine.analysis import Analysis
from archwise.engine.cycles import Knot
from archwise.engine.import_order import Failure, failures
from archwise.engine.imports import Import
from archwise.engine.program import Module
from archwise.engine.usage import usage
from archwise.findings import Finding, Hop
from archwise.rules import place
from archwise.rules.rule import Rule

RULE = Rule(
    module=__name__,
    code="AW402",
    name="import-cycle",
    claims=("G4.2", "G4.3"),
    since="0.1.0",
    severity="warning",
)
_MOST_NAMED = 4


def check(analysis: Analysis) -> Iterator[Finding]:
    """Yield the imports to cut, each with the shortest circle it closes."""
    for knot in analysis.cycles.knots:
        firsts = [module for module in knot.modules if not module.name.endswith("__main__")]  # run, not imported
        failing = list(failures(analysis.program, analysis.imports, firsts))
        for imports, circle in knot.cuts:
            broken = [failure for failure in failing if _goes_through(failure, imports[0])]
            yield _finding(analysis, knot, imports, circle, broken)


def _goes_through(failure: Failure, cut: Import) -> bool:
    """Whether the circle that makes an import fail holds a cut."""
    circle = (*failure.waiting[failure.waiting.index(failure.failing.target) :], failure.failing.target)
    return (cut.importer, cut.target) in itertools.pairwise(circle)


def _finding(
    analysis: Analysis, knot: Knot, imports: tuple[Import, ...], circle: tuple[Module, ...], broken: list[Failure]
) -> Finding:
    first, program = imports[0], analysis.program
    names = [program.imported_as(module) for module in circle]
    shown = [*names[:_MOST_NAMED], "…", names[-1]] if len(names) > _MOST_NAMED + 2 else names
    message = "import cycle: " + " → ".join(f"`{name}`" if name != "…" else name for name in shown)
    if broken:
        failure = broken[0]
        message += (
            f"; importing `{program.imported_as(failure.first)}` first fails, for "
            f"`{program.imported_as(failure.failing.importer)}` then finds no `{failure.failing.name}` in "
            f"`{program.imported_as(failure.failing.target)}` yet"
        )
    others = f", one of {len(knot.cuts)} imports that tie {len(knot.modules)} modules together"
    return place.at(
        RULE,
        first.code,
        first.op,
        message,
        _advice(imports),
        note=f"imports `{program.imported_as(first.target)}`{others if len(knot.cuts) > 1 else ''}",
        severity="warning" if broken else "info",
        after=tuple(_hops(analysis, circle)),
        cause=knot.modules[0].name,
    )


def _hops(analysis: Analysis, circle: tuple[Module, ...]) -> Iterator[Hop]:
    """The imports that lead back to the first module."""
    for importer, target in itertools.pairwise(circle[1:]):
        each = analysis.imports.graph[importer][target][0]
        note = f"imports `{analysis.program.imported_as(target)}`"
        yield Hop(importer.path, each.line, 0, importer.code.name, note)


def _advice(imports: tuple[Import, ...]) -> str:
    uses = [usage(each) for each in imports]
    functions = list(dict.fromkeys(code.name for use in uses for code in use.functions))
    if any(use.at_import for use in uses):
        names = ", ".join(f"`{each.name}`" for each in imports[:3] if each.name) or "what is needed of it"
        return f"move {names} to a module of its own, which both can import"
    if not functions:
        return "only annotations need it: import it under `if TYPE_CHECKING:`"
    where = ", ".join(f"`{name}`" for name in functions[:3]) + (" and others" if len(functions) > 3 else "")
    return f"only {where} use{'s' if len(functions) == 1 else ''} it: import it there, or hand it in"
