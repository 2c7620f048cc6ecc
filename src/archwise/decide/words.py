"""Reasons and changes in words, the same for every output."""

from collections.abc import Mapping

from archwise.decide.cases import cases
from archwise.decide.flips import Flip
from archwise.decide.verdict import Advice, Alternative, Reason, Verdict
from archwise.guide.model import Condition, Decision, Guide


def title(decision: Decision, option: str) -> str:
    """An option's title."""
    return decision.named(option).title


def reason(each: Reason) -> str:
    """Why, with what stands behind it: ``… (G1.1; kind = api)``."""
    source = ", ".join((*each.row.claims, *each.row.facts))
    return f"{each.row.because} ({source}; {answers(each.because_of)})"


def answers(values: Mapping[str, str]) -> str:
    """Answers and earlier choices: ``kind = api, admin = no``."""
    return ", ".join(f"{name} = {value}" for name, value in values.items())


def flip(decision: Decision, each: Flip) -> str:
    """A change, and what it leads to: ``size = large → A src layout``."""
    return f"{answers(each.changes)} → {title(decision, each.to)}"


def why_not(verdict: Verdict, other: Alternative) -> str:
    """Why an option was not taken: the row that rules it out, or how far it is behind."""
    if other.blocked:
        return f"ruled out: {reason(other.blocked[0])}"
    behind = verdict.points - len(other.preferred)
    if behind:
        return f"{points(len(other.preferred))}, {behind} fewer"
    return f"{points(len(other.preferred))} as well; the simpler option is taken"


def points(count: int) -> str:
    """A number of reasons."""
    return f"{count or 'no'} reason{'' if count == 1 else 's'}"


def against(verdict: Verdict) -> list[str]:
    """The reasons for options that were allowed and not taken, each with those options."""
    allowed = [other for other in verdict.alternatives if not other.blocked]
    rows = {
        each.row.id: each for other in allowed for each in other.preferred if verdict.choice not in each.row.prefers
    }
    return [
        f"for {_titles(verdict.decision, [other.option for other in allowed if other.option in each.row.prefers])}: "
        + reason(each)
        for each in rows.values()
    ]


def _titles(decision: Decision, options: list[str]) -> str:
    return ", ".join(title(decision, option) for option in options)


def facts(verdict: Verdict) -> list[str]:
    """The dated facts that the choice leans on."""
    return list(dict.fromkeys(fact for each in (*verdict.reasons, *verdict.requirements) for fact in each.facts))


def why(verdict: Verdict) -> list[Reason]:
    """What speaks for the choice: the rows that require it, then those that prefer it."""
    found = [*verdict.requirements, *verdict.reasons]
    return found or [other.blocked[0] for other in verdict.alternatives if other.blocked]


def because(verdict: Verdict) -> str:
    """The first thing that speaks for the choice, in a clause."""
    speaking = why(verdict)
    return speaking[0].row.because if speaking else "nothing speaks for another option more"


def question(guide: Guide, factor: str) -> str:
    """A factor as it is asked, with its values: ``Where does the time go? (workload: waiting, …)``."""
    asked = guide.factors[factor]
    return f"{asked.question} ({factor}: {', '.join(asked.values)})"


def told(guide: Guide, advice: Advice, verdict: Verdict) -> list[str]:
    """What an open decision comes to, case by case: ``size = large → A src layout``."""
    return [
        f"{conditions(case.when)} → {title(verdict.decision, case.option)}"
        for case in cases(guide, advice.values, verdict.decision.id)
    ]


def depends_on(guide: Guide, advice: Advice, verdict: Verdict) -> str:
    """The answers that an open decision depends on."""
    read = [name for case in cases(guide, advice.values, verdict.decision.id) for name in case.when]
    return f"depends on {', '.join(dict.fromkeys(read) or verdict.missing)}"


def conditions(when: Condition) -> str:
    """Values that answers may have: ``size = medium or large``."""
    return ", ".join(f"{name} = {' or '.join(values)}" for name, values in when.items())
