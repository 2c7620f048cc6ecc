"""A decision is settled exactly when no answer could change it."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from space import Context, answers
from test_flips import briefs, outcome

from archwise.decide.context import domains, possible
from archwise.decide.outlook import bounds, completions, settled
from archwise.decide.questions import influence
from archwise.decide.rank import factors_of, resolve
from archwise.guide.load import guide
from archwise.guide.model import Row

HEADLINES = [name for name, decision in guide().decisions.items() if decision.headline]


@settings(max_examples=60, deadline=None)
@given(brief=briefs(), data=st.data())
def test_settled_is_exact(brief: Context, data: st.DataObject) -> None:
    """Checked against every way to complete the answers that can reach the headline decisions."""
    names = factors_of(guide(), HEADLINES)
    known = {name: brief[name] for name in data.draw(st.sets(st.sampled_from(names), min_size=2))}
    for decision in HEADLINES:
        missing = [name for name in names if name not in known]
        ends = {
            outcome({**known, **rest}, decision) for rest in answers(missing) if possible(guide(), {**known, **rest})
        }
        assert settled(guide(), known, decision) == (ends.copy().pop() if len(ends) == 1 else None)
        left = domains(guide(), known)
        assert left is not None
        assert ends <= set(bounds(guide(), left, [decision])[decision])


@settings(max_examples=25, deadline=None)
@given(brief=briefs())
def test_complete_answers_settle_everything(brief: Context) -> None:
    assert {name: settled(guide(), brief, name) for name in guide().decisions} == resolve(guide(), brief)
    assert completions(guide(), brief, 5) == [brief]


@settings(max_examples=25, deadline=None)
@given(brief=briefs(), data=st.data())
def test_what_cannot_matter_is_not_asked(brief: Context, data: st.DataObject) -> None:
    """An answer that reaches none of the wanted decisions has no influence on them, and changes none."""
    decision = data.draw(st.sampled_from(list(guide().decisions)))
    known = {name: value for name, value in brief.items() if name not in factors_of(guide(), [decision])}
    assert set(influence(guide(), known, [decision])) <= set(factors_of(guide(), [decision]))
    for name in set(guide().factors) - set(factors_of(guide(), [decision])):
        for value in guide().factors[name].values:
            other = {**brief, name: value}
            if possible(guide(), other):
                assert outcome(other, decision) == outcome(brief, decision)


def test_the_same_completions_each_time() -> None:
    assert completions(guide(), {"kind": "api"}, 5) == completions(guide(), {"kind": "api"}, 5)


@pytest.mark.parametrize("factor", guide().factors)
def test_every_value_can_be_answered(factor: str) -> None:
    for value in guide().factors[factor].values:
        assert domains(guide(), {factor: value}) is not None


def test_decisions_that_contradict_each_other_settle_nothing() -> None:
    """A code base may have taken a style of Django's beside another framework."""
    style = guide().decisions["django-style"]
    taken = msgspec.structs.replace(style, row=(Row(id="taken", when={}, must=("viewsets",), because="it is there"),))
    program = msgspec.structs.replace(guide(), decisions={**guide().decisions, "django-style": taken})
    found = [settled(program, context, "validation") for context in completions(guide(), {}, 40)]
    assert None in found
    assert len(set(found)) > 1
