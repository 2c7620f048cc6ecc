"""What carries each claim of the guide: rows and factors, rules, commands."""

from collections.abc import Collection, Mapping

from archwise.guide.model import Claim, Guide, Verb

_DOING: frozenset[Verb] = frozenset({"new", "skill"})
"""Commands that carry a claim only where the claim names what of them does."""

Carriers = dict[Verb, tuple[str, ...]]
"""What carries a claim, by the command that has to act on it; empty where nothing does yet."""


def carriers(guide: Guide, claim: Claim, rules: Mapping[str, Collection[str]], commands: Collection[str]) -> Carriers:
    """What carries a claim, beside these rules (each with its claims) and commands."""
    return {verb: _of(guide, claim, verb, rules, commands) for verb in claim.carriers}


def uncarried(guide: Guide, rules: Mapping[str, Collection[str]], commands: Collection[str]) -> list[str]:
    """The claims that nothing carries yet, each with the command that should: ``G5.3 check``."""
    return [
        f"{claim.id} {verb}"
        for claim in guide.claims.values()
        for verb, found in carriers(guide, claim, rules, commands).items()
        if not found
    ]


def _of(
    guide: Guide, claim: Claim, verb: Verb, rules: Mapping[str, Collection[str]], commands: Collection[str]
) -> tuple[str, ...]:
    if verb == "check":
        return tuple(code for code, claims in rules.items() if claim.id in claims)
    if verb == "decide" and (found := weighing(guide, claim.id)):
        return found
    if verb == "review" and verb in commands:  # it gives verdicts on decisions and shows what the rules find
        codes = tuple(code for code, claims in rules.items() if claim.id in claims)
        return weighing(guide, claim.id) or codes
    if verb in _DOING:  # that the command is there says nothing of what it does
        return tuple(f"archwise {each}" for each in claim.commands if each.split()[0] == verb and verb in commands)
    if verb == "decide" and claim.section != "0":  # how to decide is carried by deciding itself, what to decide is not
        return ()
    return (f"archwise {verb}",) if verb in commands else ()


def weighing(guide: Guide, claim: str) -> tuple[str, ...]:
    """The decisions that answer a claim, the rows that weigh it, and the questions asked because of it."""
    decisions = [decision.id for decision in guide.decisions.values() if claim in decision.claims]
    rows = [
        f"{decision.id}/{row.id}"
        for decision in guide.decisions.values()
        for row in decision.row
        if claim in row.claims
    ]
    return (*decisions, *rows, *(factor.id for factor in guide.factors.values() if claim in factor.claims))
