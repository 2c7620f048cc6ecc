"""Keys that ask for one another have the same values, whichever is asked first."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from archwise.engine.orm.fixpoint import Fixpoint

GRAPHS = st.integers(1, 12).flatmap(
    lambda size: st.lists(st.lists(st.integers(0, size - 1), max_size=3), min_size=size, max_size=size)
)


def reached(graph: list[list[int]], start: int) -> frozenset[int]:
    found = {start}
    waiting = [start]
    while waiting:
        for each in graph[waiting.pop()]:
            if each not in found:
                found.add(each)
                waiting.append(each)
    return frozenset(found)


@given(GRAPHS, st.randoms(use_true_random=False))
def test_values_are_the_least_that_fit_in_whatever_order(graph: list[list[int]], random: Random) -> None:
    fixpoint: Fixpoint[int, frozenset[int]] = Fixpoint(
        lambda key: frozenset({key}).union(*(fixpoint.of(each) for each in graph[key])), frozenset()
    )
    order = list(range(len(graph)))
    random.shuffle(order)
    for key in order:
        assert fixpoint.of(key) == reached(graph, key)


def test_a_long_chain_is_followed_to_its_end() -> None:
    fixpoint: Fixpoint[int, int] = Fixpoint(lambda key: fixpoint.of(key + 1) + 1 if key < 500 else 0, 0)
    assert fixpoint.of(0) == 500
    assert fixpoint.of(250) == 250


def test_a_long_circle_comes_to_an_end() -> None:
    fixpoint: Fixpoint[int, frozenset[int]] = Fixpoint(
        lambda key: fixpoint.of((key + 1) % 150) | {key % 2}, frozenset()
    )
    assert fixpoint.of(7) == {0, 1}
