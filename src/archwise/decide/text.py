"""Decisions for people, on a terminal."""

import textwrap
from collections.abc import Iterable, Iterator

from archwise.decide import words
from archwise.decide.verdict import Advice, Verdict
from archwise.guide.model import Guide

_WIDTH = 110
_INDENT = 12


def render(guide: Guide, advice: Advice) -> str:
    """First what was decided, a line each; then why, for every decision that was not forced."""
    return "\n".join([*_overview(guide, advice), "", *_cases(guide, advice), *_details(advice)]).rstrip() + "\n"


def _overview(guide: Guide, advice: Advice) -> Iterator[str]:
    width = max(len(verdict.decision.title) for verdict in advice.verdicts) + 2
    choices = [_choice(verdict) for verdict in advice.verdicts]
    column = max(len(choice) for choice in choices) + 2
    for verdict, choice in zip(advice.verdicts, choices, strict=True):
        remark = _remark(verdict) if verdict.choice is not None else words.depends_on(guide, advice, verdict)
        yield f"{verdict.decision.title:<{width}}{choice:<{column}}{remark}".rstrip()
    if advice.question is not None:
        yield ""
        yield f"Next question: {words.question(guide, advice.question)}"


def _choice(verdict: Verdict) -> str:
    return "open" if verdict.choice is None else words.title(verdict.decision, verdict.choice)


def _remark(verdict: Verdict) -> str:
    return words.because(verdict) if _forced(verdict) else str(verdict.margin)


def _forced(verdict: Verdict) -> bool:
    """Whether rules alone left this option: there was nothing to weigh."""
    return not verdict.reasons and verdict.runner_up is None


def _cases(guide: Guide, advice: Advice) -> Iterator[str]:
    for verdict in advice.verdicts:
        if verdict.choice is None and (lines := words.told(guide, advice, verdict)):
            yield f"{verdict.decision.title}: open"
            yield from _part("if", lines)
            yield ""


def _details(advice: Advice) -> Iterator[str]:
    for verdict in advice.verdicts:
        if verdict.choice is not None and not _forced(verdict):
            option = verdict.decision.named(verdict.choice)
            yield f"{verdict.decision.title}: {option.title} ({verdict.margin})"
            yield from _part("why", (words.reason(each) for each in words.why(verdict)))
            yield from _part("against", words.against(verdict))
            yield from _part("costs", [option.bad])
            yield from _part("not", _others(verdict))
            yield from _part("flips", (words.flip(verdict.decision, each) for each in verdict.flips[:4]))
            yield from _part("facts", words.facts(verdict))
            yield ""


def _others(verdict: Verdict) -> Iterator[str]:
    for other in verdict.alternatives:
        if verdict.decision.named(other.option).moot:
            continue
        take = f"; take it when {words.answers(other.flip.changes)}" if other.flip else ""
        yield f"{words.title(verdict.decision, other.option)}: {words.why_not(verdict, other)}{take}"


def _part(name: str, lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        lead = f"  {name:<{_INDENT - 2}}"
        yield textwrap.fill(
            line, _WIDTH, initial_indent=lead, subsequent_indent=" " * (_INDENT + 2), break_on_hyphens=False
        )
        name = ""
