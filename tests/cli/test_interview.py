"""The interview, in a real terminal."""

import sys
from pathlib import Path

import pytest
from stand_in import Run

from archwise.decide.interview import Interview
from archwise.guide.load import guide

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")

if sys.platform != "win32":
    from terminal import DOWN, ENTER, INTERRUPT, UP, Terminal

KIND = "What is being built?"
STOP, BACK, SKIP, WHY = (UP * count + ENTER for count in (1, 2, 3, 4))
"""The choices below the answers, from the bottom; upward from the first answer the list goes on at its end."""


def test_from_the_first_question_to_the_decisions(tmp_path: Path) -> None:
    with Terminal("decide", folder=tmp_path) as terminal:
        shown = terminal.until("Stop here")
        assert KIND in shown
        assert "An HTTP API or a microservice" in shown
        assert "Back" not in shown, "there is nothing to go back to"
        terminal.type(DOWN * 5 + ENTER)  # a script
        shown = terminal.until("Stop here")
        assert f"{KIND} A script or a command" in shown
        assert "Framework: No web framework" in shown
        assert "Where does the time go?" in shown, "what cannot matter to a script is not asked"
        assert "Back" in shown
        terminal.type(STOP)
        code, rest = terminal.end()
        assert code == 0
        assert "Error format         One clear line and an exit status" in rest
        assert "Background work      None" in rest
        assert "the same without questions: archwise decide --set kind=tool\n" in rest


def test_why_back_and_skip(tmp_path: Path) -> None:
    with Terminal("decide", folder=tmp_path) as terminal:
        terminal.until("Stop here")
        terminal.type(ENTER)  # an API
        second = terminal.until("Stop here")
        terminal.type(WHY)
        shown = terminal.until("Stop here")
        assert "Django generates one from its models" in shown
        assert shown.count("Will staff edit the data through an admin site?") == 2, "the question is put again"
        assert "Will staff edit" in second
        terminal.type(BACK)
        assert KIND in terminal.until("Stop here")
        terminal.type(UP * 2 + ENTER)  # skip: there is no way back from the first question
        third = terminal.until("Stop here")
        assert third.count(KIND) == 1
        terminal.type(STOP)
        code, rest = terminal.end()
        assert code == 0
        assert "--set kind" not in rest


def test_a_whole_answer_is_offered_before_the_rest_is_asked(tmp_path: Path) -> None:
    interview = Interview(guide())
    interview.answer(guide().factors["kind"], "tool")
    while not interview.is_whole:
        factor = interview.question()
        assert factor is not None
        interview.answer(factor, next(iter(interview.values(factor))))
    with Terminal("decide", folder=tmp_path) as terminal:
        terminal.until("Stop here")
        terminal.type(DOWN * 5 + ENTER)  # a script
        for _ in interview.steps[1:]:
            terminal.until("Stop here")
            terminal.type(ENTER)
        shown = terminal.until("Ask me the rest")
        assert "of 15 decisions are settled" in shown
        terminal.type(DOWN + ENTER)
        terminal.until("Stop here")
        terminal.type(STOP)
        code, rest = terminal.end()
        assert code == 0
        assert "redis = yes → " in rest, "what is open is told case by case"


def test_decisions_are_written_at_the_end(tmp_path: Path) -> None:
    with Terminal("decide", "--write", folder=tmp_path) as terminal:
        terminal.until("Stop here")
        terminal.type(UP * 4 + ENTER)  # the last answer: a library
        terminal.until("Stop here")
        terminal.type(STOP)
        assert terminal.end()[0] == 0
        assert (tmp_path / "docs" / "decisions" / "0001-framework-none.md").exists()


def test_interrupted(tmp_path: Path) -> None:
    with Terminal("decide", "--write", folder=tmp_path) as terminal:
        terminal.until("Stop here")
        terminal.type(INTERRUPT)
        code, rest = terminal.end()
        assert code == 130
        assert "Traceback" not in rest
        assert list(tmp_path.iterdir()) == []


def test_without_a_terminal(archwise: Run) -> None:
    code, out, err = archwise("decide")
    assert (code, out) == (2, "")
    assert err.startswith(
        "archwise: the interview needs a terminal: write the answers to a file and give it with --brief"
    )
