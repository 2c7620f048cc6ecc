"""A decision as a record in the form of MADR 4.0 (https://adr.github.io/madr/), and all of them as one page."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from archwise.decide import words
from archwise.decide.context import Answer
from archwise.decide.verdict import Advice, Verdict
from archwise.guide.model import Guide

Rules = Mapping[str, tuple[str, tuple[str, ...]]]
"""The name and the claims of each rule, by its code."""


def overview(guide: Guide, advice: Advice, rules: Rules) -> str:
    """A table of the decisions, then each as in its record, one heading lower."""
    rows = [
        f"| {verdict.decision.title} | {_choice(verdict)} | {_state(guide, advice, verdict)} |"
        for verdict in advice.verdicts
    ]
    lines = ["# Decisions", "", "| decision | choice | margin |", "|---|---|---|", *rows, ""]
    if advice.question is not None:
        lines += [f"Next question: {words.question(guide, advice.question)}", ""]
    for verdict in advice.verdicts:
        if verdict.choice is None and (told := words.told(guide, advice, verdict)):
            lines += [f"## {verdict.decision.title}: open", "", *_bullets(told), ""]
        if verdict.choice is not None:
            lines += [body(guide, verdict, advice.answers, rules, level=2)]
    return "\n".join(lines).rstrip() + "\n"


def body(guide: Guide, verdict: Verdict, answers: Mapping[str, Answer], rules: Rules, *, level: int = 1) -> str:
    """A settled decision: context, drivers, options, outcome with consequences and confirmation, pros and cons."""
    decision, head = verdict.decision, "#" * level
    chosen = decision.named(str(verdict.choice))
    lines = [f"{head} {decision.title}: {chosen.title}", "", f"{head}# Context and Problem Statement", ""]
    lines += [decision.question, "", *_context(guide, verdict, answers), ""]
    lines += [f"{head}# Decision Drivers", "", *_bullets(words.reason(each) for each in words.why(verdict)), ""]
    lines += [f"{head}# Considered Options", "", *_bullets(option.title for option in decision.option), ""]
    lines += [f"{head}# Decision Outcome", "", _outcome(verdict), ""]
    lines += [f"{head}## Consequences", "", f"- Good, because: {chosen.good}", f"- Bad, because: {chosen.bad}", ""]
    lines += [f"{head}## Confirmation", "", *_confirmation(guide, verdict, rules), ""]
    lines += [f"{head}# Pros and Cons of the Options", "", *_options(verdict, f"{head}##")]
    lines += [f"{head}# More Information", "", *_more(verdict), ""]
    return "\n".join(lines)


def _choice(verdict: Verdict) -> str:
    return "open" if verdict.choice is None else words.title(verdict.decision, verdict.choice)


def _state(guide: Guide, advice: Advice, verdict: Verdict) -> str:
    return verdict.margin or words.depends_on(guide, advice, verdict)


def _context(guide: Guide, verdict: Verdict, answers: Mapping[str, Answer]) -> Iterator[str]:
    for name in verdict.decision.inputs:
        if name in answers:
            factor = guide.factors[name]
            yield f"- {factor.question} {factor.values[answers[name].value]}. (`{name} = {answers[name].value}`)"


def _outcome(verdict: Verdict) -> str:
    chosen = words.title(verdict.decision, str(verdict.choice))
    second = verdict.runner_up
    after = f", ahead of {words.title(verdict.decision, second.option)}" if second else ", the only option left"
    return f'Chosen option: "{chosen}", because {words.because(verdict)}. It is {_margins(verdict)}{after}.'


def _margins(verdict: Verdict) -> str:
    return {"clear": "a clear choice", "close": "a close choice"}.get(str(verdict.margin), "a toss-up")


def _confirmation(guide: Guide, verdict: Verdict, rules: Rules) -> Sequence[str]:
    weighed = {claim for each in words.why(verdict) for claim in each.row.claims} | set(verdict.decision.claims)
    claims = {claim for claim in weighed if "check" in guide.claims[claim].carriers}
    holding = verdict.decision.named(str(verdict.choice)).holds
    found = [
        f"`archwise check` holds it by {code} ({name})."
        for code, (name, of) in rules.items()
        if claims & set(of) or any(code.startswith(each) for each in holding)
    ]
    return _bullets(found) or ["No rule of `archwise check` holds it; review it when it is touched."]


def _options(verdict: Verdict, head: str) -> Iterator[str]:
    for option in verdict.decision.option:
        yield from (f"{head} {option.title}", "", f"- Good, because: {option.good}", f"- Bad, because: {option.bad}")
        for other in verdict.alternatives:
            if other.option == option.id:
                yield f"- Not taken: {words.why_not(verdict, other)}."
        yield ""


def _more(verdict: Verdict) -> list[str]:
    if verdict.flips:
        lines = ["What would flip it:", "", *_bullets(words.flip(verdict.decision, each) for each in verdict.flips)]
    else:
        lines = ["No change of up to three answers would flip it."]
    if facts := words.facts(verdict):
        lines += ["", "It leans on:", "", *_bullets(facts)]
    return lines


def _bullets(lines: Iterable[str]) -> list[str]:
    return [f"- {line}" for line in lines]
