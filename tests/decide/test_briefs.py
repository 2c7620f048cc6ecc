"""The guide's own answers come out for the guide's own cases, for the guide's reasons."""

import datetime
import tomllib
from pathlib import Path
from typing import Any

import pytest

from archwise.decide.context import Answer
from archwise.decide.verdict import Reason, Verdict, advise
from archwise.decide.words import why
from archwise.guide.load import guide

BRIEFS = tomllib.loads(Path(__file__).with_name("briefs.toml").read_text(encoding="utf-8"))["brief"]
TODAY = datetime.date(2026, 11, 30)


@pytest.mark.parametrize("brief", BRIEFS, ids=lambda brief: brief["says"])
def test_the_guide_answers(brief: dict[str, Any]) -> None:
    answers = {name: Answer(value, "brief") for name, value in brief["answers"].items()}
    advice = advise(guide(), answers, TODAY)
    assert advice.contradictions == ()
    verdicts = {verdict.decision.id: verdict for verdict in advice.verdicts}
    for decision, expected in brief["expect"].items():
        verdict = verdicts[decision]
        assert verdict.choice == expected["choice"], (decision, verdict.candidates, verdict.missing)
        assert set(expected["because"]) <= sources(why(verdict)), decision
        for option, claim in expected.get("not", {}).items():
            assert claim in sources(blocking(verdict, option)), (decision, option)


def sources(reasons: list[Reason]) -> set[str]:
    return {source for each in reasons for source in (*each.row.claims, *each.row.facts)}


def blocking(verdict: Verdict, option: str) -> list[Reason]:
    return [each for other in verdict.alternatives if other.option == option for each in other.blocked]


def test_there_are_enough_of_them() -> None:
    assert len(BRIEFS) >= 60
    decided = {(decision, expected["choice"]) for brief in BRIEFS for decision, expected in brief["expect"].items()}
    assert {decision for decision, _ in decided} == set(guide().decisions) - set()


def test_every_claim_that_weighs_is_a_reason_of_some_brief() -> None:
    """Each claim that a decision has to carry is given as a reason for or against in these briefs."""
    told = {
        source
        for brief in BRIEFS
        for expected in brief["expect"].values()
        for source in (*expected["because"], *expected.get("not", {}).values())
    }
    weighed = {claim for decision in guide().decisions.values() for row in decision.row for claim in row.claims}
    due = {claim.id for claim in guide().claims.values() if "decide" in claim.carriers and claim.id in weighed}
    assert due - told == set()
