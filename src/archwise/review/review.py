"""Reviews a program: measures it, sets what it shows beside the guide's advice, and prices the difference."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.review.checklist import checklist
from archwise.review.cost import Costs
from archwise.review.measure import measure
from archwise.review.model import Figure, Measured, Place, Review
from archwise.review.serving import Serving, figure, title_of
from archwise.review.uses import Uses
from archwise.review.verdicts import verdicts

if TYPE_CHECKING:
    import datetime
    from collections.abc import Callable, Collection, Iterator, Mapping

    from archwise.decide.context import Answer
    from archwise.decide.written import Written
    from archwise.engine.analysis import Analysis
    from archwise.findings import Report
    from archwise.guide.model import Guide
    from archwise.review.model import Seen, Verdict

VERSION = 1
_KINDS = {
    "api": "An HTTP API", "full-stack": "A web application with pages", "model-serving": "A service around models",
    "simple": "A small service", "worker": "A background worker", "tool": "A tool", "library": "A library",
}  # fmt: skip
_ONE = "the one decision seen fits its context."
_UNREAD = 0.02
"""Share of files that could not be read, from which on that is said first."""
_IMPORTING = ("import_module", "__import__", "load_entry_point", "entry_points")
_RUNNING = ("exec", "eval")
"""Builtins that run text as code; methods of the same names do something else."""


class Program(msgspec.Struct, frozen=True):
    """All that a review takes from a program: what was measured, its costs, and what could not be looked into."""

    measured: Measured
    costs: Costs
    blind: tuple[Figure, ...]


def measured(analysis: Analysis, shown: Callable[[str], str]) -> Program:
    """Measures a program; ``shown`` turns its paths into those for people."""
    uses = Uses(analysis, shown)
    serving = Serving(analysis, uses)
    return Program(measure(analysis, uses, serving), Costs(analysis, uses, serving), tuple(_dynamic(uses)))


def review(
    program: Program,
    report: Report,
    guide: Guide,
    *,
    name: str,
    said: Mapping[str, Answer],
    recorded: Mapping[str, str],
    records: Collection[Written] = (),
    today: datetime.date,
) -> Review:
    """The review of a program.

    ``said`` are answers that somebody gave to factors (they go before what is measured), ``recorded`` the options of
    decisions that the settings hold, ``records`` the decision records of the project, ``today`` the day on which dated
    facts are looked at.
    """
    found = verdicts(guide, program.measured, said, today, program.costs)
    seen = program.measured
    return Review(
        VERSION,
        name,
        report.files,
        report.lines,
        _sentence(seen.factors["kind"], seen.options.get("framework"), found) + _partly(report),
        seen.figures,
        seen.factors,
        found,
        checklist(guide, found, seen.options, recorded, records),
        seen.map,
        (*_unread(report), *program.blind),
    )


def _sentence(kind: Seen, framework: Seen | None, found: tuple[Verdict, ...]) -> str:
    value = framework.value if framework is not None else "none"
    on = f" on {title_of(value)}" if value != "none" and kind.value != "tool" else ""
    stands = Counter(verdict.stand for verdict in found)
    what = f"{kind.name or _KINDS[kind.value]}{on}"
    decided = len(found) - stands["undecided"]
    fit = f"{stands['fits']} fit"
    if stands["contradicts"]:
        against = [_in_words(verdict.title) for verdict in found if verdict.stand == "contradicts"]
        verb = "contradict" if len(against) > 1 else "contradicts"
        return f"{what}; of {decided} decisions seen, {fit}, and {' and '.join(against)} {verb} the advice."
    if stands["drifts"]:
        verb = "drift" if stands["drifts"] > 1 else "drifts"
        return f"{what}; of {decided} decisions seen, {fit} and {stands['drifts']} {verb} from the advice."
    if not decided:
        return f"{what}; it shows none of the decisions yet."
    return f"{what}; the {decided} decisions seen fit its context." if decided > 1 else f"{what}; {_ONE}"


def _partly(report: Report) -> str:
    """What a reader has to know first, where a good deal of the files could not be read."""
    if len(report.unread) < _UNREAD * report.files:
        return ""
    verb = "is" if len(report.unread) == 1 else "are"
    return f" {len(report.unread):,} of {report.files:,} files could not be read and {verb} left out."


def _in_words(title: str) -> str:
    """A title within a sentence; what is written in capitals stays so."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]


def _unread(report: Report) -> Iterator[Figure]:
    if report.unread:
        places = [Place(each.path, each.line or 1, each.reason) for each in report.unread]
        yield figure("unread", "Files that could not be read", places)


def _dynamic(uses: Uses) -> Iterator[Figure]:
    """What no reader of the text can follow."""
    places = [
        uses.place(module, op.line, f"calls {name}")
        for module in uses.application
        for name in (*_IMPORTING, *_RUNNING)
        for code, index in module.calls(name)
        for op in (code.scope.ops[index],)
        if isinstance(op, ir.Call) and (name in _IMPORTING or isinstance(code.scope.ops[op.function], ir.Name))
    ]
    if places:
        yield figure("dynamic", "Imports and code made at run time", sorted(places))
