"""A review on a terminal, and as Markdown for a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.findings import Report
    from archwise.review.model import Review, Verdict

MARKS = {"fits": "✓", "drifts": "~", "contradicts": "✗", "undecided": "?"}
_WORDS = {"fits": "fits", "drifts": "drifts", "contradicts": "contradicts", "undecided": "undecided"}
_REASONS = 3


def markdown(review: Review, report: Report) -> str:
    """The review as Markdown."""
    return "\n".join(_markdown(review, report)) + "\n"


def _markdown(review: Review, report: Report) -> Iterator[str]:
    yield f"# Review of {review.name}"
    yield ""
    counted = f"{review.files:,} files, {review.lines:,} lines, {len(causes(report))} causes found by `check`."
    yield f"**{review.sentence}** {counted}"
    yield ""
    yield "| decision | taken | advised | verdict |"
    yield "|---|---|---|---|"
    for verdict in review.verdicts:
        mark = f"{MARKS[verdict.stand]} {_WORDS[verdict.stand]}"
        yield f"| {verdict.title} | {verdict.taken or '—'} | {verdict.advised} | {mark} |"
    for verdict in review.verdicts:
        if verdict.stand != "fits":
            yield from ("", f"## {verdict.title}: {_WORDS[verdict.stand]}", "")
            yield from _explained(verdict, "- ")
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


def _explained(verdict: Verdict, bullet: str) -> Iterator[str]:
    if verdict.evidence is not None:
        yield f"{bullet}taken: {verdict.taken}: {verdict.evidence.why}"
        for place in verdict.evidence.places[:_REASONS]:
            yield f"{bullet}{place.path}:{place.line} {place.what}"
    else:
        yield f"{bullet}nothing in the code says"
    if verdict.advised:
        yield f"{bullet}advised: {verdict.advised}"
    for against in (False, True):
        for reason in [each for each in verdict.reasons if each.against is against][:_REASONS]:
            claims = f" ({', '.join(reason.claims)})" if reason.claims else ""
            yield f"{bullet}{'against' if against else 'for'} {reason.option}: {reason.text}{claims}"
    if verdict.cost is not None:
        cost = verdict.cost
        where = f"{cost.functions:,} functions of {cost.files:,} files"
        yield f"{bullet}moving would touch {cost.calls:,} places in {where}"
    for question in verdict.open[:2]:
        yield f"{bullet}still open: {question}"


def text(review: Review, report: Report) -> str:
    """The review for a terminal, without colour."""
    return "\n".join(_text(review, report)) + "\n"


def _text(review: Review, report: Report) -> Iterator[str]:
    yield f"{review.name}: {review.sentence}"
    yield ""
    width = max((len(verdict.title) for verdict in review.verdicts), default=0)
    for verdict in review.verdicts:
        advised = "" if verdict.stand == "fits" else f"   advised: {verdict.advised}"
        yield f"  {MARKS[verdict.stand]} {verdict.title:<{width}}  {verdict.taken or 'not seen'}{advised}"
    for verdict in review.verdicts:
        if verdict.stand in ("drifts", "contradicts"):
            yield from ("", f"{verdict.title} {_WORDS[verdict.stand]}")
            yield from _explained(verdict, "    ")
    yield from ("", "Checklist")
    for line in review.checklist:
        yield f"  {MARKS[line.answer]} {line.text}: {line.because}"
    yield from ("", "Figures")
    for figure in review.figures:
        yield f"  {figure.value:>16}  {figure.title}"
    found = causes(report)
    if found:
        yield from ("", f"Found by check: {len(found)} causes at {sum(found.values())} places; the three widest")
        widest = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:3]
        for (rule, message), count in widest:
            yield f"  {rule} at {count} places: {message}"
    if review.blind:
        yield from ("", "Not looked into")
        for figure in review.blind:
            yield f"  {figure.value:>16}  {figure.title}"


def causes(report: Report) -> dict[tuple[str, str], int]:
    """How many places each cause of an error or warning has, by rule and words."""
    found: dict[tuple[str, str], int] = {}
    for finding in report.findings:
        if finding.severity != "info":
            key = finding.rule, finding.cause_message
            found[key] = found.get(key, 0) + 1
    return found
