"""The checklist of section 10 of the guide, each line answered from the code and from the decisions on record."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from archwise.report.style import plural
from archwise.review.model import Line, Stand
from archwise.review.uses import frameworks

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from archwise.decide.written import Written
    from archwise.guide.model import Guide
    from archwise.review.model import Seen, Verdict

_BY_DECISION = {
    "G10.2": ("framework",),
    "G10.3": ("concurrency",),
    "G10.4": ("typing",),
    "G10.5": ("layout", "grouping"),
    "G10.6": ("errors",),
    "G10.7": ("background",),
}
_WORST: tuple[Stand, ...] = ("contradicts", "drifts", "undecided", "fits")
_NOT_ARISING = "does not arise in a program of this kind"
_NONE_BESIDE = "no work apart from the requests is seen"


def checklist(
    guide: Guide,
    verdicts: Iterable[Verdict],
    options: Mapping[str, Seen],
    recorded: Mapping[str, str],
    records: Collection[Written],
) -> tuple[Line, ...]:
    """The seven lines.

    ``options`` are those that the code shows, ``recorded`` those that the settings hold, ``records`` the decision
    records.
    """
    by_decision = {verdict.decision: verdict for verdict in verdicts}
    kept = {each.decision: each.choice for each in records if each.decision} | dict(recorded)
    return tuple(_lines(guide, by_decision, options, kept, records))


def _lines(
    guide: Guide,
    verdicts: Mapping[str, Verdict],
    options: Mapping[str, Seen],
    kept: Mapping[str, str],
    records: Collection[Written],
) -> Iterator[Line]:
    answer, because = _asked(kept, records) if "framework" in verdicts else ("fits", _NOT_ARISING)
    yield Line("G10.1", guide.claims["G10.1"].text, answer, because)
    for claim, decisions in _BY_DECISION.items():
        found = [verdicts[name] for name in decisions if name in verdicts]
        if not found:
            answer, because = "fits", _NOT_ARISING
            if "framework" in verdicts:
                answer, because = _without_advice(guide, decisions[0], options.get(decisions[0]))
            yield Line(claim, guide.claims[claim].text, answer, because)
            continue
        worst = min((_stand(verdict, kept) for verdict in found), key=_WORST.index)
        yield Line(claim, guide.claims[claim].text, worst, "; ".join(_said(guide, verdict, kept) for verdict in found))


def _without_advice(guide: Guide, decision: str, seen: Seen | None) -> tuple[Stand, str]:
    """What the code shows of a decision that got no verdict, in a program that serves requests."""
    if seen is None or seen.value == "none":
        return "fits", _NONE_BESIDE if decision == "background" else _NOT_ARISING
    table = guide.decisions[decision]
    taken = seen.name or next((option.title for option in table.option if option.id == seen.value), seen.value)
    return "undecided", f"{table.title.lower()}: {taken} ({seen.why}); on this framework the guide has no advice"


def _asked(kept: Mapping[str, str], records: Collection[Written]) -> tuple[Stand, str]:
    """Whether it is on record that somebody weighed the framework."""
    about = [each for each in records if each.decision == "framework" or (not each.decision and _names_one(each.title))]
    if about:
        return "fits", f"on record: {', '.join(f'{each.title} ({each.path})' for each in about[:2])}"
    if "framework" in kept:
        return "fits", f"on record in the settings: {kept['framework']}"
    if not (kept or records):
        return "undecided", "no decision is on record; `archwise decide --write` writes them down"
    folders = Counter(each.path.rpartition("/")[0] for each in records)
    where = " and ".join(f"{plural(count, 'record')} in {folder}" for folder, count in folders.items())
    return "undecided", f"{where or 'decisions are on record'}, and none is about the framework"


def _names_one(title: str) -> bool:
    words = set(re.findall(r"[\w.]+", title.lower()))
    return "framework" in words or not words.isdisjoint(
        {name.lower() for pair in frameworks().items() for name in pair}
    )


def _stand(verdict: Verdict, kept: Mapping[str, str]) -> Stand:
    return "drifts" if verdict.stand == "fits" and _departs(verdict, kept) else verdict.stand


def _departs(verdict: Verdict, kept: Mapping[str, str]) -> bool:
    """Whether the code does otherwise than what the project has decided."""
    seen = verdict.evidence
    return seen is not None and verdict.decision in kept and kept[verdict.decision] != seen.value


def _said(guide: Guide, verdict: Verdict, kept: Mapping[str, str]) -> str:
    if verdict.evidence is None:
        return f"{verdict.title.lower()}: nothing in the code says"
    advised = "" if verdict.stand == "fits" or not verdict.advised else f", advised: {verdict.advised}"
    departed = f", on record: {_option(guide, verdict, kept)}" if _departs(verdict, kept) else ""
    return f"{verdict.title.lower()}: {verdict.taken} ({verdict.evidence.why}){departed}{advised}"


def _option(guide: Guide, verdict: Verdict, kept: Mapping[str, str]) -> str:
    options = guide.decisions[verdict.decision].option
    choice = kept[verdict.decision]
    return next((option.title for option in options if option.id == choice), choice)
