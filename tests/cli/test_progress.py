"""Progress is for a person who has waited a while, and for nobody else."""

import sys
from io import StringIO

import pytest

from archwise.cli import progress as module
from archwise.cli.progress import progress


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)  # not in a fixture: capturing puts its own back before the test
    monkeypatch.setenv("TERM", "xterm")
    return terminal


def test_none_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", StringIO())
    with progress() as tick:
        assert tick is None


def test_none_when_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    at_a_terminal(monkeypatch)
    with progress(quiet=True) as tick:
        assert tick is None


def test_a_short_run_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_a_terminal(monkeypatch)
    with progress() as tick:
        assert tick is not None
        tick("reading", 1, 2)
    assert terminal.getvalue() == ""


def test_a_long_run_shows_its_stage_and_cleans_up(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = at_a_terminal(monkeypatch)
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    with progress() as tick:
        assert tick is not None
        tick("reading", 1, 310)
        tick("reading", 310, 310)
    shown = terminal.getvalue()
    assert "reading" in shown
    assert "310/310" in shown
    assert shown.endswith("\x1b[2K")
