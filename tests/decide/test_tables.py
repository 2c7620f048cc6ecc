"""The tables are proven over every context that they can meet."""

from collections import Counter
from pathlib import Path

import msgspec
import pytest
from space import contexts

from archwise import decide
from archwise.decide.context import holds
from archwise.decide.rank import Standing, choose, rank
from archwise.guide.load import guide
from archwise.guide.model import Decision, Row

DECISIONS = [pytest.param(decision, id=name) for name, decision in guide().decisions.items()]
every_decision = pytest.mark.parametrize("decision", DECISIONS)


@every_decision
def test_every_context_has_an_answer(decision: Decision) -> None:
    for context in contexts(decision.id):
        assert choose(decision, context) == rank(decision, context)[0].option


@every_decision
def test_every_option_wins_somewhere(decision: Decision) -> None:
    won = {choose(decision, context) for context in contexts(decision.id)}
    assert won == {option.id for option in decision.option}


@every_decision
def test_every_option_wins_somewhere_without_a_tie(decision: Decision) -> None:
    won = set()
    for context in contexts(decision.id):
        first, second = rank(decision, context)[:2]
        if second.blocked or first.points > second.points:
            won.add(first.option)
    assert won == {option.id for option in decision.option}


@every_decision
def test_no_row_is_dead(decision: Decision) -> None:
    """Without a row, some context would have other leaders; without one that must or forbids, other options allowed."""
    dead = []
    for row in decision.row:
        rest = msgspec.structs.replace(decision, row=tuple(other for other in decision.row if other is not row))
        outcome = _leaders if row.prefers else _allowed
        met = (context for context in contexts(decision.id) if holds(row.when, context))
        if not any(outcome(rest, context) != outcome(decision, context) for context in met):
            dead.append(row.id)
    assert dead == []


def _allowed(decision: Decision, context: dict[str, str]) -> dict[str, int]:
    return {standing.option: standing.points for standing in rank(decision, context) if not standing.blocked}


def _leaders(decision: Decision, context: dict[str, str]) -> set[str]:
    allowed = _allowed(decision, context)
    return {option for option, points in allowed.items() if points == max(allowed.values())}


@every_decision
def test_no_two_rows_say_the_same(decision: Decision) -> None:
    """Two rows of one condition and one effect would be a weight in disguise."""
    said = Counter(
        (frozenset((name, frozenset(values)) for name, values in row.when.items()), row.must, row.forbids, row.prefers)
        for row in decision.row
    )
    assert [key for key, count in said.items() if count > 1] == []


@every_decision
def test_no_reason_points_both_ways(decision: Decision) -> None:
    """What a row asks for can be had in some context where it holds; in none is all that must be ruled out as well."""
    for row in decision.row:
        met = [context for context in contexts(decision.id) if holds(row.when, context)]
        for option in (*row.prefers, *row.must):
            assert any(not _standing(decision, context, option).blocked for context in met), (row.id, option)
    for context in contexts(decision.id):
        required = [row.must for row in decision.row if row.must and holds(row.when, context)]
        forbidden = {option for row in decision.row if holds(row.when, context) for option in row.forbids}
        for must in required:
            assert set(must) - forbidden, context


def _standing(decision: Decision, context: dict[str, str], option: str) -> Standing:
    return next(standing for standing in rank(decision, context) if standing.option == option)


@every_decision
def test_every_question_can_change_something(decision: Decision) -> None:
    for name in decision.inputs:
        if name in guide().factors:
            won: dict[tuple[str, ...], set[str]] = {}
            for context in contexts(decision.id):
                others = tuple(value for key, value in context.items() if key != name)
                won.setdefault(others, set()).add(choose(decision, context))
            assert any(len(options) > 1 for options in won.values()), name


def test_no_framework_wins_by_default() -> None:
    """Claim G0.4: none has more than half of all contexts."""
    framework = guide().decisions["framework"]
    won = Counter(choose(framework, context) for context in contexts("framework"))
    assert max(won.values()) <= sum(won.values()) / 2, won


@every_decision
def test_a_reason_more_never_lowers_an_option(decision: Decision) -> None:
    for context in contexts(decision.id)[::17]:
        before = [standing.option for standing in rank(decision, context)]
        for option in before:
            more = Row(id="more", when={}, because="a reason more", prefers=(option,), claims=("G0.1",))
            stronger = msgspec.structs.replace(decision, row=(*decision.row, more))
            after = [standing.option for standing in rank(stronger, context)]
            assert after.index(option) <= before.index(option)


def test_the_engine_knows_no_framework() -> None:
    """What the tables are about stands in the tables alone."""
    words = {option.id for decision in guide().decisions.values() for option in decision.option if len(option.id) > 7}
    words |= {option.id for option in guide().decisions["framework"].option} - {"none"}
    sources = {file.name: file.read_text("utf-8").lower() for file in Path(decide.__file__).parent.glob("*.py")}
    assert [(name, word) for name, text in sources.items() for word in words if word in text] == []
