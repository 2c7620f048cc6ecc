"""A review as Markdown for a pull request, and the words that it shares with the other forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.report.causes import Cause, causes
from archwise.report.style import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.findings import Report
    from archwise.review.model import Changed, Compared, Review, Shift, Verdict

MARKS = {"fits": "✓", "drifts": "~", "contradicts": "✗", "undecided": "?"}
_WORDS = {"fits": "fits", "drifts": "drifts", "contradicts": "contradicts", "undecided": "undecided"}
_REASONS = 3
UNREAD = "AW001"
_SHIFTS = ("new", "grown", "fixed", "shrunk")


def markdown(review: Review, report: Report) -> str:
    """The review as Markdown."""
    return "\n".join(_markdown(review, report)) + "\n"


def _markdown(review: Review, report: Report) -> Iterator[str]:
    yield f"# Review of {review.name}"
    yield ""
    counted = (
        f"{plural(review.files, 'file')}, {plural(review.lines, 'line')}, "
        f"{plural(len(shown_causes(report)), 'cause')} found by `check`."
    )
    yield f"**{review.sentence}** {counted}"
    yield ""
    yield "| decision | taken | advised | verdict |"
    yield "|---|---|---|---|"
    for verdict in review.verdicts:
        mark = f"{MARKS[verdict.stand]} {_WORDS[verdict.stand]}"
        yield f"| {verdict.title} | {verdict.taken or '—'} | {verdict.advised} | {mark} |"
    if review.compared is not None:
        yield from ("", f"## {since(review.compared)}")
        for title, lines in changes(review.compared):
            yield from ("", f"{title}:", "", *(f"- {line}" for line in lines))
    for verdict in review.verdicts:
        if verdict.stand != "fits":
            yield from ("", f"## {verdict.title}: {_WORDS[verdict.stand]}", "")
            yield from explained(verdict, "- ")
    yield from ("", "## Checklist", "")
    for line in review.checklist:
        yield f"- {MARKS[line.answer]} {line.text} ({line.claim}): {line.because}"
    yield from ("", "## Figures", "", "| figure | value | first seen |", "|---|---|---|")
    for figure in review.figures:
        first = f"`{figure.places[0].path}:{figure.places[0].line}`" if figure.places else ""
        yield f"| {figure.title} | {figure.value} | {first} |"
    if review.blind:
        yield from ("", "## Not looked into", "")
        for figure in review.blind:
            yield f"- {figure.title}: {figure.value}"


def explained(verdict: Verdict, bullet: str) -> Iterator[str]:
    if verdict.evidence is not None:
        yield f"{bullet}taken: {verdict.taken}: {verdict.evidence.why}"
        for place in verdict.evidence.places[:_REASONS]:
            yield f"{bullet}{place.path}:{place.line} {place.what}".rstrip()
    else:
        yield f"{bullet}nothing in the code says"
    if verdict.advised:
        yield f"{bullet}advised: {verdict.advised}"
    for against in (False, True):
        for reason in [each for each in verdict.reasons if each.against is against][:_REASONS]:
            claims = f" ({', '.join(reason.claims)})" if reason.claims else ""
            yield f"{bullet}{'against' if against else 'for'} {reason.option}: {reason.text}{claims}"
    if verdict.cost is not None:
        yield f"{bullet}moving would touch {verdict.cost.counted}"
    for question in verdict.open[:2]:
        yield f"{bullet}still open: {question}"


def beside(verdict: Verdict) -> str:
    """What stands beside what was taken: the advice, or what it hangs on where that leaves much open."""
    if verdict.stand == "fits":
        return ""
    if not verdict.advised:
        return "   the guide does not weigh it"
    if not verdict.taken and verdict.open and verdict.advised.count(" or ") > 1:
        return f"   depends on: {verdict.open[0]}"
    return f"   advised: {verdict.advised}"


def since(compared: Compared) -> str:
    """Since when, and whether anything changed at all."""
    same = "" if compared.verdicts or compared.figures or compared.causes else ": nothing has changed"
    return f"Since {compared.revision} ({compared.commit[:10]}){same}"


def changes(compared: Compared) -> Iterator[tuple[str, list[str]]]:
    """What has changed, in lines under titles, what got worse first."""
    for title, lines in (
        ("Decisions, worse", [_changed(each) for each in compared.verdicts if each.trend == "worse"]),
        ("Decisions, better", [_changed(each) for each in compared.verdicts if each.trend == "better"]),
        ("Decisions, taken otherwise", [_changed(each) for each in compared.verdicts if each.trend == "other"]),
        *((f"Causes, {kind}", [_shift(each) for each in compared.causes if each.kind == kind]) for kind in _SHIFTS),
        ("Figures", [f"{each.title}: {each.before} → {each.after}" for each in compared.figures]),
    ):
        if lines:
            yield title, lines


def _changed(each: Changed) -> str:
    had, taken = each.had or "not seen", each.taken or "not seen"
    stands = each.stand if each.stood == each.stand else f"{each.stood} → {each.stand}"
    return f"{each.title}: {stands} ({had if had == taken else f'{had} → {taken}'})"


def _shift(each: Shift) -> str:
    return f"{each.rule} {each.message}: {plural(each.places, 'place')}, {each.path}:{each.line}"


def shown_causes(report: Report) -> tuple[Cause, ...]:
    """The causes of errors and warnings; what could not be read is told apart from what was found."""
    return causes(finding for finding in report.findings if finding.severity != "info" and finding.rule != UNREAD)
