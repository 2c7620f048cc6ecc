"""What there is little or nothing to say of."""

from collections.abc import Callable
from pathlib import Path

import pytest
from small_programs import API, Reviewed

from archwise.cli.main import run


def failed(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert run(["review", *arguments]) == 2
    return capsys.readouterr().err


def test_a_folder_without_python(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert failed([str(tmp_path)], capsys) == f"archwise: no Python files in {tmp_path}\n"


def test_files_none_of_which_can_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.py").write_text("def (:\n")
    (tmp_path / "b.py").write_bytes(b"\xff\xff")
    error = failed([str(tmp_path)], capsys)
    assert error.startswith(f"archwise: no file in {tmp_path} could be read; the first is ")
    assert "a.py: " in error
    assert error.count("\n") == 1


def test_files_some_of_which_cannot_be_read_are_named_first(reviewed: Callable[..., Reviewed]) -> None:
    review, _ = reviewed(API | {"shop/new.py": "def (:\n"})
    assert review.sentence.endswith("1 of 7 files could not be read and is left out.")


def test_a_file_that_shows_nothing(reviewed: Callable[..., Reviewed]) -> None:
    review, _ = reviewed({"one.py": "print(1)\n"})
    assert review.sentence == "A tool; it shows none of the decisions yet."
