"""Conditions of several ways to one effect, as one: what has to hold for any of them."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from archwise.engine.extract import summarise
from archwise.engine.needs import Need, Needs, merged
from archwise.engine.program import Program
from archwise.engine.values import Literal

FUNCTION = Program({"m.py": summarise(b"def f(kind, provider): ...\n")}).modules["m"].codes[1]

_TEXTS = st.sampled_from([Literal("str", text) for text in "abcdefghijklmnop"])
_NEED = st.tuples(
    st.sampled_from(["kind", "provider"]),
    st.sampled_from(["among", "not-among"]),
    st.lists(_TEXTS, min_size=1, max_size=3, unique=True).map(tuple),
).map(lambda parts: Need(FUNCTION, *parts))
_NEEDS: st.SearchStrategy[Needs] = st.lists(_NEED, max_size=6, unique=True).map(tuple)


def one_of(path: str, *texts: str) -> Need:
    return Need(FUNCTION, path, "among", tuple(Literal("str", text) for text in texts))


def test_what_both_ways_need_is_needed() -> None:
    shared = one_of("kind", "a")
    assert merged((shared, one_of("provider", "b")), (shared,)) == (shared,)


def test_a_choice_is_widened_by_the_other_way() -> None:
    assert merged((one_of("kind", "a"),), (one_of("kind", "b", "a"),)) == (one_of("kind", "a", "b"),)


def test_a_choice_among_many_says_next_to_nothing() -> None:
    assert merged((one_of("kind", *"abcde"),), (one_of("kind", *"fghij"),)) == ()


@given(_NEEDS, st.lists(_NEEDS, max_size=8))
def test_merging_only_ever_loosens(first: Needs, others: list[Needs]) -> None:
    for other in others:
        before, first = first, merged(first, other)
        assert len(first) <= len(before)
        for need in first:
            assert any(
                msgspec.structs.replace(need, operand=()) == msgspec.structs.replace(was, operand=())
                and set(was.operand) <= set(need.operand)
                for was in before
            )
        assert merged(first, first) == first
