"""What calling a function of a library does, whoever calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.reach import steps, weight
from archwise.engine.truth import meets
from archwise.engine.values import Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.analysis import Analysis
    from archwise.engine.conditions import Need
    from archwise.engine.program import Code
    from archwise.engine.reach import Reach
    from archwise.knowledge.schema import Kind

_KINDS: tuple[Kind, ...] = ("network", "database", "subprocess", "dns", "sleep", "file")
"""The kinds that are derived, the worst first."""
_CONDITIONAL = frozenset({"network", "database"})
"""Those that are also derived where a condition decides: what else a client or a driver does leads there."""
_MOST_CONDITIONS = 3
_FARTHEST = 8


class Wait(msgspec.Struct, frozen=True):
    """What a call waits for; ``surely`` where neither a condition nor what it is given decides."""

    kind: Kind
    surely: bool


def wait_of(analysis: Analysis, code: Code) -> Wait | None:
    """The worst that calling a function comes to; None where nothing is known, or it only makes a coroutine."""
    if code.scope.is_async or code.scope.is_generator or "opaque" in analysis.inference.decorators.kinds(code):
        return None
    found = [(_is_sure(each), each) for each in _effects(analysis, code) if _counts(analysis, each)]
    found = [(sure, each) for sure, each in found if sure or each.effect.kind in _CONDITIONAL]
    if not found:
        return None
    sure, best = min(found, key=lambda pair: (not pair[0], _KINDS.index(pair[1].effect.kind), weight(pair[1])))
    return Wait(best.effect.kind, sure)


def _effects(analysis: Analysis, code: Code) -> Iterator[Reach]:
    found = analysis.effects.of(code)
    yield from found.reaches.values()
    for pending in found.pendings.values():
        yield from analysis.effects.settled(pending, ())


def _counts(analysis: Analysis, reach: Reach) -> bool:
    if reach.effect.kind not in _KINDS or reach.once or reach.open or reach.length > _FARTHEST:
        return False
    if reach.guarded > _MOST_CONDITIONS or any(step.code.module.is_test for step in steps(reach.path)):
        return False
    return not any(_fails_by_default(analysis, need) for need in reach.needs)


def _is_sure(reach: Reach) -> bool:
    return reach.certain and not reach.guarded and not reach.needs and not reach.effect.likely


def _fails_by_default(analysis: Analysis, need: Need) -> bool:
    """Whether a condition on a parameter does not hold where nothing is given for it."""
    parent = need.code.parent
    parameter = next((each for each in need.code.scope.parameters if each.name == need.path), None)
    default = parent.scope.ops[parameter.default] if parameter and parameter.default and parent else None
    if not isinstance(default, ir.Constant):
        return False
    return meets(need, Literal(default.kind, default.text), analysis.inference.classes) is False
