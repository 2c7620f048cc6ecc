"""How many questions it takes, and which come first."""

import pytest
from space import Context

from archwise.decide.context import domains
from archwise.decide.interview import Interview
from archwise.decide.outlook import completions, settled
from archwise.decide.questions import next_question
from archwise.decide.rank import factors_of
from archwise.guide.load import guide

HEADLINES = [name for name, decision in guide().decisions.items() if decision.headline]
COMMON: dict[str, Context] = {
    "API": {"kind": "api", "admin": "no", "existing": "nothing", "team-async": "yes", "workload": "waiting"},
    "microservice": {"kind": "api", "admin": "no", "existing": "fastapi", "team-async": "yes", "connections": "many"},
    "site": {"kind": "full-stack", "admin": "yes", "existing": "nothing", "team-async": "no", "connections": "few"},
    "CMS": {"kind": "full-stack", "admin": "yes", "existing": "django", "team-async": "no", "connections": "few"},
    "prototype": {"kind": "simple", "admin": "no", "existing": "nothing", "team-async": "no", "connections": "few"},
    "model": {"kind": "model-serving", "admin": "no", "existing": "nothing", "workload": "computing"},
    "worker": {"kind": "worker", "existing": "nothing", "team-async": "no", "workload": "waiting"},
    "script": {"kind": "tool", "existing": "nothing", "team-async": "no", "workload": "waiting"},
    "library": {"kind": "library", "existing": "nothing", "team-async": "yes", "workload": "waiting"},
}


def asked(brief: Context) -> list[str]:
    """The questions put until framework and async are settled, each answered as in the brief."""
    known: Context = {}
    questions: list[str] = []
    while True:
        left = domains(guide(), known)
        assert left is not None
        known |= {name: each[0] for name, each in left.items() if len(each) == 1}
        waiting = [name for name in HEADLINES if settled(guide(), known, name) is None]
        if not waiting:
            return questions
        question = next_question(guide(), known, waiting)
        assert question is not None
        assert question not in known
        questions.append(question)
        known[question] = brief[question]


@pytest.mark.parametrize("name", COMMON)
def test_common_projects_are_decided_in_seven_questions(name: str) -> None:
    [brief] = completions(guide(), COMMON[name], 1)
    assert len(asked(brief)) <= 7


def test_no_project_takes_more() -> None:
    """Framework and async hang on seven factors, the guide's four among them; drawn projects are asked no more."""
    reaching = factors_of(guide(), HEADLINES)
    assert len(reaching) == 7
    assert {name for name, factor in guide().factors.items() if factor.first} < set(reaching)
    counts = [len(asked(brief)) for brief in completions(guide(), {}, 20)]
    assert max(counts) <= 7
    assert sum(counts) / len(counts) < 6


def whole(brief: Context) -> int:
    """The questions put until each decision is settled or told in a few cases, answered as in the brief."""
    interview = Interview(guide())
    while not interview.is_whole:
        factor = interview.question()
        assert factor is not None
        interview.answer(factor, brief[factor.id])
    return len(interview.steps)


def test_common_projects_have_a_whole_answer_after_about_seven_questions() -> None:
    """All decisions of them, not the headlines alone; jobs are none, as in most, but for a worker."""
    counts = []
    for name, context in COMMON.items():
        [brief] = completions(guide(), {"jobs": "reliable" if name == "worker" else "none", **context}, 1)
        counts.append(whole(brief))
    assert max(counts) <= 8
    assert sum(counts) / len(counts) <= 7


def test_every_project_has_a_whole_answer_after_a_few_more() -> None:
    """Over the space, where half of all projects have work that must not be lost: it hangs on broker and database."""
    counts = {
        kind: [whole(brief) for brief in completions(guide(), {"kind": kind}, 2)]
        for kind in guide().factors["kind"].values
    }
    assert max(map(max, counts.values())) <= 11
    assert sum(map(sum, counts.values())) / sum(map(len, counts.values())) <= 7.5
    assert max(counts["tool"]) <= 4


def test_the_guide_asks_first() -> None:
    """Claim G1.7: its four questions come before others, for as long as their answers can change something."""
    first = {name for name, factor in guide().factors.items() if factor.first}
    for brief in completions(guide(), {}, 10):
        questions = asked(brief)
        leading = [name in first for name in questions]
        assert leading == sorted(leading, reverse=True)


def test_what_was_skipped_is_not_asked_again() -> None:
    waiting = list(guide().decisions)
    assert next_question(guide(), {"kind": "api"}, waiting, skipped=guide().factors) is None
    question = next_question(guide(), {}, waiting)
    assert question is not None
    assert next_question(guide(), {}, waiting, skipped=[question]) != question
