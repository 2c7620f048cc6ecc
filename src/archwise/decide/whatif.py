"""What other answers would change."""

from typing import Any

from archwise.decide import data, words
from archwise.decide.verdict import Advice, Verdict
from archwise.guide.model import Guide


def changed(before: Advice, after: Advice) -> list[tuple[Verdict, Verdict]]:
    """The decisions that come out another way, before and after."""
    pairs = zip(before.verdicts, after.verdicts, strict=True)
    return [(old, new) for old, new in pairs if old.choice != new.choice]


def render(before: Advice, after: Advice) -> str:
    """A line for each decision that changes, with its first reason."""
    found = changed(before, after)
    width = max((len(old.decision.title) for old, _ in found), default=0)
    lines = [f"{old.decision.title:<{width}}  {_choice(old)} → {_choice(new)}{_why(new)}" for old, new in found]
    kept = len(before.verdicts) - len(found)
    return "\n".join([*lines, f"{kept} of {len(before.verdicts)} decisions stay as they are"]) + "\n"


def as_data(guide: Guide, before: Advice, after: Advice) -> dict[str, Any]:
    """What would be decided, and what of it is different."""
    different = [{"id": old.decision.id, "from": old.choice, "to": new.choice} for old, new in changed(before, after)]
    return {**data.as_data(guide, after), "changed": different}


def _choice(verdict: Verdict) -> str:
    return "open" if verdict.choice is None else words.title(verdict.decision, verdict.choice)


def _why(verdict: Verdict) -> str:
    return "" if verdict.choice is None else f": {words.because(verdict)}"
