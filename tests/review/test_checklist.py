"""The checklist, answered from the code and from what the project has written down."""

from collections.abc import Callable

import pytest
from small_programs import API, LIBRARY, Reviewed

from archwise.decide.written import Written
from archwise.guide.load import guide
from archwise.review.checklist import checklist
from archwise.review.model import Line, Review


def line(review: Review, claim: str, recorded: dict[str, str], *records: Written) -> Line:
    return next(each for each in checklist(guide(), review.verdicts, {}, recorded, records) if each.claim == claim)


def test_a_record_of_decide_answers_the_first_line(reviewed: Callable[..., Reviewed]) -> None:
    review, _ = reviewed(API)
    record = Written("docs/decisions/0001-framework-fastapi.md", "Framework: FastAPI", "framework", "fastapi")
    found = line(review, "G10.1", {}, record)
    assert found.answer == "fits"
    assert found.because == "on record: Framework: FastAPI (docs/decisions/0001-framework-fastapi.md)"


@pytest.mark.parametrize(("title", "answer"), [("Use FastAPI", "fits"), ("Use tabs", "undecided")])
def test_a_plain_record_counts_when_it_names_a_framework(
    reviewed: Callable[..., Reviewed], title: str, answer: str
) -> None:
    found = line(reviewed(API)[0], "G10.1", {}, Written("docs/adr/0001-x.md", title))
    assert found.answer == answer
    assert "docs/adr" in found.because


def test_code_that_departs_from_what_was_decided_drifts(reviewed: Callable[..., Reviewed]) -> None:
    found = line(reviewed(API)[0], "G10.2", {"framework": "flask"})
    assert found.answer == "drifts"
    assert "on record: Flask" in found.because


def test_a_library_is_not_asked_for_a_framework(reviewed: Callable[..., Reviewed]) -> None:
    assert line(reviewed(LIBRARY)[0], "G10.1", {}).answer == "fits"


def test_the_review_says_so_when_nothing_is_written_down(reviewed: Callable[..., Reviewed]) -> None:
    found = line(reviewed(API)[0], "G10.1", {})
    assert (found.answer, found.because[:26]) == ("undecided", "no decision is on record; ")
