"""An open decision told in cases: whatever is answered, one case holds, and says what comes out."""

from hypothesis import given, settings
from hypothesis import strategies as st
from space import Context
from test_flips import briefs

from archwise.decide.cases import cases
from archwise.decide.context import domains, holds
from archwise.decide.outlook import completions, settled
from archwise.decide.rank import resolve
from archwise.guide.load import guide


@settings(max_examples=25, deadline=None)
@given(brief=briefs(), data=st.data())
def test_one_case_holds_whatever_is_answered(brief: Context, data: st.DataObject) -> None:
    open_ = data.draw(st.sets(st.sampled_from(list(guide().factors)), min_size=1, max_size=6))
    known = {name: value for name, value in brief.items() if name not in open_}
    for decision in guide().decisions:
        told = cases(guide(), known, decision)
        for end in completions(guide(), known, 6) if told else ():
            outcome = resolve(guide(), end)[decision]
            assert [case.option for case in told if holds(case.when, end)] == [outcome]


def test_a_decision_that_hangs_on_one_answer_has_a_case_for_each_outcome() -> None:
    known = {"kind": "api", "admin": "no", "existing": "nothing", "team-async": "no", "connections": "few"}
    known |= {"workload": "waiting", "outgoing-http": "none"}
    assert settled(guide(), known, "redis-client") is None
    assert [(case.when, case.option) for case in cases(guide(), known, "redis-client")] == [
        ({"redis": ("yes",)}, "redis-py"),
        ({"redis": ("no",)}, "none"),
    ]


def test_what_is_settled_is_one_case_without_conditions() -> None:
    [case] = cases(guide(), {"kind": "tool"}, "framework")
    assert (case.when, case.option) == ({}, "none")


def test_what_takes_many_cases_is_not_told() -> None:
    assert cases(guide(), {"kind": "api", "jobs": "reliable"}, "background") == ()


def test_a_condition_that_everything_meets_is_not_said() -> None:
    left = domains(guide(), {"kind": "api"})
    assert left is not None
    for decision in guide().decisions:
        for case in cases(guide(), {"kind": "api"}, decision):
            assert all(set(values) < set(left[name]) for name, values in case.when.items())
