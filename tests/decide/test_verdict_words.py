"""What is said fits what is being built."""

import datetime

from archwise.decide import text
from archwise.decide.context import Answer
from archwise.decide.verdict import advise
from archwise.guide.load import guide


def said(**answers: str) -> str:
    given = {name.replace("_", "-"): Answer(value, "said") for name, value in answers.items()}
    return text.render(guide(), advise(guide(), given, datetime.date(2026, 11, 1)))


def test_a_tool_is_not_told_of_routes() -> None:
    for size in ("small", "medium", "large"):
        told = said(kind="tool", workload="waiting", lifetime="stays", size=size, areas="yes")
        assert "routes" not in told and "As many requests" not in told
        assert "Sync  " in told


def test_an_api_is_told_of_routes() -> None:
    assert "By feature: a package for each, with its routes" in said(kind="api", size="medium", areas="yes")
