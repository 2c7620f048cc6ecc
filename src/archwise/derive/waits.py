"""What calling a function of a library does, whoever calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine.reach import steps, weight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.analysis import Analysis
    from archwise.engine.program import Code
    from archwise.engine.reach import Reach
    from archwise.knowledge.schema import Kind

_KINDS: tuple[Kind, ...] = ("network", "database", "subprocess", "dns", "sleep", "file")
"""The kinds that are derived, the worst first."""
_LIKELY = frozenset({"network", "database"})
"""Those that are also derived where there is one doubt: what else a client or a driver does leads there, too."""
_FARTHEST = 8


class Wait(msgspec.Struct, frozen=True):
    """What a call waits for; ``surely`` where neither a condition nor what it is given decides."""

    kind: Kind
    surely: bool


def wait_of(analysis: Analysis, code: Code) -> Wait | None:
    """The worst that calling a function comes to; None where nothing is known, or it only makes a coroutine."""
    if code.scope.is_async or code.scope.is_generator or "opaque" in analysis.inference.decorators.kinds(code):
        return None
    found = [(_is_sure(each), each) for each in _effects(analysis, code) if _counts(each)]
    if not found:
        return None
    sure, best = min(found, key=lambda pair: (not pair[0], _KINDS.index(pair[1].effect.kind), weight(pair[1])))
    return Wait(best.effect.kind, sure)


def _effects(analysis: Analysis, code: Code) -> Iterator[Reach]:
    """The effects of a function, and those of what its object was made with; not those of what it is given itself."""
    found = analysis.effects.of(code)
    yield from found.reaches.values()
    for pending in found.pendings.values():
        if pending.demand.symbol.code is not code:
            settled = analysis.effects.settled(pending, ())
            yield from (each for each in settled if each.effect.kind in _LIKELY)


def _counts(reach: Reach) -> bool:
    if reach.effect.kind not in _KINDS or reach.once or reach.open or reach.length > _FARTHEST:
        return False
    most = 1 if reach.effect.kind in _LIKELY else 0
    doubts = reach.guarded + (not reach.certain)
    return not reach.needs and doubts <= most and not any(step.code.module.is_test for step in steps(reach.path))


def _is_sure(reach: Reach) -> bool:
    return reach.certain and not reach.guarded
