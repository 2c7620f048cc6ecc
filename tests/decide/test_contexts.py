"""Answers that cannot hold together, and answers that follow."""

import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from archwise.decide import data, matrix, pages, text
from archwise.decide.context import Answer, contradictions, domains
from archwise.decide.verdict import advise
from archwise.guide.load import guide

TODAY = datetime.date(2026, 11, 30)


def test_a_contradiction_names_both_answers_and_where_they_stand() -> None:
    said = {"kind": Answer("worker", "brief.toml:2"), "admin": Answer("yes", "brief.toml:7")}
    assert [str(each) for each in contradictions(guide(), said)] == [
        "kind = worker (brief.toml:2) and admin = yes (brief.toml:7) cannot hold together: "
        "an admin site is a web application"
    ]
    assert advise(guide(), said, TODAY).verdicts == ()


def test_answers_that_break_no_clause_but_leave_nothing() -> None:
    values = {"size": "small", "kind": "worker", "broker": "none", "database": "none"}
    said = {name: Answer(value, "test") for name, value in values.items()}
    assert [str(each) for each in contradictions(guide(), said)] == [
        "kind = worker (test) and broker = none (test) and database = none (test) cannot hold together: a worker runs "
        "jobs that must not be lost; work that must not be lost has to be kept somewhere: in a broker or in a database"
    ]


@settings(max_examples=25, deadline=None)
@given(
    st.fixed_dictionaries(
        {}, optional={name: st.sampled_from([*each.values]) for name, each in guide().factors.items()}
    )
)
def test_every_set_of_answers_is_either_decided_on_or_refused(values: dict[str, str]) -> None:
    advice = advise(guide(), {name: Answer(value, "test") for name, value in values.items()}, TODAY)
    assert bool(advice.contradictions) != bool(advice.verdicts)
    for verdict in advice.verdicts:
        assert (verdict.choice is None) == bool(verdict.missing)
    if advice.verdicts:
        assert text.render(guide(), advice)
        assert pages.overview(guide(), advice, {})
        assert matrix.render(advice)
        assert data.as_data(guide(), advice)


def test_a_choice_that_is_the_same_for_different_reasons_names_them() -> None:
    said = {name: Answer(value, "test") for name, value in {"connections": "real-time", "endpoints": "rest"}.items()}
    verdicts = {verdict.decision.id: verdict for verdict in advise(guide(), said, TODAY).verdicts}
    assert verdicts["framework"].choice is None
    assert verdicts["validation"].choice == "pydantic"
    assert {"fastapi", "ninja"} <= {each.row.id for each in verdicts["validation"].reasons}


def test_the_margin_is_the_least_that_it_can_be() -> None:
    values = {"kind": "api", "admin": "no", "existing": "nothing"}
    few = advise(guide(), {name: Answer(value, "test") for name, value in values.items()}, TODAY).verdicts[0]
    values["connections"] = "many"
    many = advise(guide(), {name: Answer(value, "test") for name, value in values.items()}, TODAY).verdicts[0]
    assert (few.choice, few.margin) == (many.choice, many.margin) == ("fastapi", "clear")


def test_what_follows_is_not_asked() -> None:
    left = domains(guide(), {"kind": "tool"})
    assert left is not None
    assert (left["admin"], left["jobs"], left["connections"]) == (("no",), ("none",), ("few",))
    advice = advise(guide(), {"kind": Answer("tool", "test")}, TODAY)
    assert advice.implied["jobs"] == "none"


def test_answers_that_leave_no_value_are_told_from_others() -> None:
    values = {"kind": "tool", "jobs": "reliable"}
    assert domains(guide(), values) is None
    assert len(contradictions(guide(), {name: Answer(value, "test") for name, value in values.items()})) == 1


def test_no_clause_follows_from_another() -> None:
    for clause in guide().impossible:
        for other in guide().impossible:
            narrower = all(
                name in clause.when and set(clause.when[name]) <= set(values) for name, values in other.when.items()
            )
            assert clause is other or not narrower, (clause.id, other.id)


def test_a_stale_fact_says_so() -> None:
    answers = {name: Answer(value, "test") for name, value in {"kind": "library", "size": "medium"}.items()}
    layout = next(v for v in advise(guide(), answers, datetime.date(2030, 1, 1)).verdicts if v.decision.id == "layout")
    assert "due for review since 2028-11-01" in layout.requirements[0].facts[0]
