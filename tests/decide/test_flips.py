"""What would flip a decision does, and nothing smaller would."""

from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st
from space import Context

from archwise.decide.context import domains, possible
from archwise.decide.flips import flips
from archwise.decide.rank import factors_of, resolve
from archwise.guide.load import guide


@st.composite
def briefs(draw: st.DrawFn) -> Context:
    """Complete answers that can hold together."""
    known: Context = {}
    for name in draw(st.permutations(list(guide().factors))):
        left = domains(guide(), known)
        assert left is not None
        known[name] = draw(st.sampled_from(left[name]))
    return known


def outcome(values: Context, decision: str) -> str:
    return resolve(guide(), values, [decision])[decision]


@settings(max_examples=60, deadline=None)
@given(brief=briefs(), decision=st.sampled_from(list(guide().decisions)))
def test_by_brute_force(brief: Context, decision: str) -> None:
    choice = outcome(brief, decision)
    found = flips(guide(), brief, decision, choice)
    assert all(outcome({**brief, **flip.changes}, decision) == flip.to != choice for flip in found)

    smallest = len(found[0].changes) if found else 4
    leading_away = {
        tuple(sorted(changes.items()))
        for size in range(1, min(smallest, 2) + 1)
        for changes in all_changes(brief, decision, size)
        if outcome({**brief, **changes}, decision) != choice
    }
    told = {tuple(sorted(flip.changes.items())) for flip in found}
    assert {changes for changes in leading_away if len(changes) < smallest} == set()
    assert {changes for changes in leading_away if len(changes) == smallest} == {
        changes for changes in told if len(changes) == min(smallest, 2)
    }


def all_changes(brief: Context, decision: str, size: int) -> list[Context]:
    """Every change of that many answers, of all factors that could matter, that leaves a possible brief."""
    return [
        changes
        for names in combinations(factors_of(guide(), [decision]), size)
        for values in product(*(guide().factors[name].values for name in names))
        for changes in [dict(zip(names, values, strict=True))]
        if all(brief[name] != value for name, value in changes.items()) and possible(guide(), {**brief, **changes})
    ]


@settings(max_examples=30, deadline=None)
@given(brief=briefs(), data=st.data())
def test_flips_of_a_partial_brief_hold_whatever_is_missing(brief: Context, data: st.DataObject) -> None:
    kept = data.draw(st.sets(st.sampled_from(list(brief)), min_size=6))
    known = {name: value for name, value in brief.items() if name in kept}
    choice = outcome(brief, "framework")
    for flip in flips(guide(), known, "framework", choice):
        after = {**brief, **flip.changes}
        if possible(guide(), after):
            assert outcome(after, "framework") == flip.to
