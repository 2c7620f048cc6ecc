"""Options side by side for one context: their traits, what speaks for each, what rules it out."""

from collections.abc import Sequence

from archwise.decide import words
from archwise.decide.verdict import Advice, Reason, Verdict


def render(advice: Advice) -> str:
    """A Markdown table for each decision whose options have traits to compare."""
    return "\n".join(table(verdict) for verdict in advice.verdicts if _traits(verdict))


def table(verdict: Verdict) -> str:
    """A decision's options side by side; while it is open, only their traits."""
    decision = verdict.decision
    options = [option for option in decision.option if option.traits]
    rows = [[name, *(option.traits.get(name, "") for option in options)] for name in _traits(verdict)]
    if verdict.choice is not None:
        rows += [[name, *(cells[option.id] for option in options)] for name, cells in _standing(verdict).items()]
    head = [decision.title, *(option.title for option in options)]
    lines = [_line(head), _line(["---"] * len(head)), *(_line(row) for row in rows)]
    return "\n".join(lines) + "\n"


def _traits(verdict: Verdict) -> list[str]:
    return list(dict.fromkeys(name for option in verdict.decision.option for name in option.traits))


def _standing(verdict: Verdict) -> dict[str, dict[str, str]]:
    cells: dict[str, dict[str, str]] = {"speaks for it here": {}, "ruled out here by": {}, "taken when": {}}

    def fill(option: str, preferred: Sequence[Reason], blocked: Sequence[Reason], taken: str) -> None:
        for cell, text in zip(cells.values(), (_said(preferred), _said(blocked), taken), strict=True):
            cell[option] = text

    assert verdict.choice is not None
    fill(verdict.choice, verdict.reasons, (), f"now ({verdict.margin})")
    for other in verdict.alternatives:
        taken = words.answers(other.flip.changes) if other.flip else "more than two answers change"
        fill(other.option, other.preferred, other.blocked, taken)
    return cells


def _said(reasons: Sequence[Reason]) -> str:
    listed = "; ".join(f"{each.row.because} ({', '.join((*each.row.claims, *each.row.facts))})" for each in reasons)
    return f"{len(reasons)}: {listed}" if reasons else "nothing"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
