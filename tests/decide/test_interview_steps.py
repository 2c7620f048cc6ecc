"""The interview without a terminal."""

from archwise.decide.context import Answer
from archwise.decide.interview import Interview
from archwise.guide.load import guide


def test_an_answer_a_skip_and_the_way_back() -> None:
    interview = Interview(guide())
    kind = interview.question()
    assert kind is not None
    assert kind.id == "kind"
    interview.answer(kind, "api")
    assert interview.answers == {"kind": Answer("api", "answered")}
    admin = interview.question()
    assert admin is not None
    interview.skip(admin)
    third = interview.question()
    assert third is not None
    assert third.id not in ("kind", admin.id)
    interview.back()
    assert interview.question() == admin
    interview.back()
    assert interview.question() == kind
    interview.back()
    assert interview.answers == {}


def test_only_what_is_possible_is_offered() -> None:
    interview = Interview(guide())
    interview.answer(guide().factors["kind"], "worker")
    assert list(interview.values(guide().factors["jobs"])) == ["reliable", "workflows"]
    assert list(interview.values(guide().factors["consumers"])) == ["own", "others"]


def test_it_ends_when_everything_is_settled() -> None:
    interview = Interview(guide())
    while (factor := interview.question()) is not None:
        interview.answer(factor, next(iter(interview.values(factor))))
        assert len(interview.steps) <= len(guide().factors)
    assert None not in interview.choices().values()


def test_it_ends_when_everything_was_skipped() -> None:
    interview = Interview(guide())
    while (factor := interview.question()) is not None:
        interview.skip(factor)
    assert interview.answers == {}
    assert len(interview.steps) == len(guide().factors)
