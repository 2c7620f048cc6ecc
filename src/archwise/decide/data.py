"""Decisions for programs: see ``schema/decisions-1.json``."""

from typing import Any

import msgspec

from archwise.decide.cases import cases
from archwise.decide.flips import Flip
from archwise.decide.verdict import Advice, Alternative, Reason, Verdict
from archwise.guide.model import Guide


def as_data(guide: Guide, advice: Advice) -> dict[str, Any]:
    """All of it, as plain data."""
    factor = guide.factors[advice.question] if advice.question else None
    return {
        "version": 1,
        "answers": {name: {"value": each.value, "source": each.source} for name, each in advice.answers.items()},
        "implied": advice.implied,
        "decisions": [_verdict(guide, advice, verdict) for verdict in advice.verdicts],
        "question": factor
        and {"factor": factor.id, "question": factor.question, "why": factor.why, "values": factor.values},
    }


def _verdict(guide: Guide, advice: Advice, verdict: Verdict) -> dict[str, Any]:
    decision = verdict.decision
    told = () if verdict.choice is not None else cases(guide, advice.values, decision.id)
    return {
        "id": decision.id,
        "title": decision.title,
        "question": decision.question,
        "claims": decision.claims,
        "options": [msgspec.to_builtins(option) for option in decision.option],
        "choice": verdict.choice,
        "choice_title": verdict.choice and decision.named(verdict.choice).title,
        "margin": verdict.margin,
        "candidates": verdict.candidates,
        "missing": verdict.missing,
        "cases": [{"when": case.when, "option": case.option} for case in told],
        "reasons": [_reason(each) for each in verdict.reasons],
        "requirements": [_reason(each) for each in verdict.requirements],
        "runner_up": verdict.runner_up and verdict.runner_up.option,
        "alternatives": [_alternative(each) for each in verdict.alternatives],
        "flips": [_flip(each) for each in verdict.flips],
    }


def _alternative(each: Alternative) -> dict[str, Any]:
    return {
        "option": each.option,
        "reasons": [_reason(reason) for reason in each.preferred],
        "blocked_by": [_reason(reason) for reason in each.blocked],
        "taken_when": each.flip and each.flip.changes,
    }


def _reason(each: Reason) -> dict[str, Any]:
    return {
        "row": each.row.id,
        "because": each.row.because,
        "claims": each.row.claims,
        "facts": each.facts,
        "because_of": each.because_of,
    }


def _flip(each: Flip) -> dict[str, Any]:
    return {"changes": each.changes, "to": each.to}
