"""The checklist of section 10 of the guide, each line answered from the code and from the decisions on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.review.model import Line, Stand

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from archwise.guide.model import Guide
    from archwise.review.model import Verdict

_BY_DECISION = {
    "G10.2": ("framework",),
    "G10.3": ("concurrency",),
    "G10.4": ("typing",),
    "G10.5": ("layout", "grouping"),
    "G10.6": ("errors",),
    "G10.7": ("background",),
}
_WORST: tuple[Stand, ...] = ("contradicts", "drifts", "undecided", "fits")


def checklist(guide: Guide, verdicts: Iterable[Verdict], recorded: Mapping[str, str]) -> tuple[Line, ...]:
    """The seven lines. ``recorded`` are decisions that the project has written down, by decision."""
    by_decision = {verdict.decision: verdict for verdict in verdicts}
    return tuple(_lines(guide, by_decision, recorded))


def _lines(guide: Guide, verdicts: Mapping[str, Verdict], recorded: Mapping[str, str]) -> Iterator[Line]:
    asked: Stand = "fits" if recorded else "undecided"
    because = (
        f"decisions are on record: {', '.join(sorted(recorded))}"
        if recorded
        else "no decision is on record; `archwise decide --write` writes them down"
    )
    yield Line("G10.1", guide.claims["G10.1"].text, asked, because)
    for claim, decisions in _BY_DECISION.items():
        found = [verdicts[name] for name in decisions if name in verdicts]
        if not found:
            yield Line(claim, guide.claims[claim].text, "fits", "does not arise in a program of this kind")
            continue
        worst = min((verdict.stand for verdict in found), key=_WORST.index)
        yield Line(claim, guide.claims[claim].text, worst, "; ".join(map(_said, found)))


def _said(verdict: Verdict) -> str:
    if verdict.evidence is None:
        return f"{verdict.title.lower()}: nothing in the code says"
    advised = "" if verdict.stand == "fits" else f", advised: {verdict.advised}"
    return f"{verdict.title.lower()}: {verdict.taken} ({verdict.evidence.why}){advised}"
