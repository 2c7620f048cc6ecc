"""Small programs, measured and reviewed."""

import datetime
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
from small_programs import Reviewed

from archwise.check import check
from archwise.decide.context import Answer
from archwise.guide.load import guide
from archwise.review.review import measured, review
from archwise.settings import load


@pytest.fixture
def reviewed(tmp_path: Path) -> Callable[..., Reviewed]:
    """Writes files, and reviews the program that they are; keywords are answers to factors."""

    def make(files: dict[str, str], **said: str) -> Reviewed:
        for name, text in files.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(dedent(text), encoding="utf-8")
        found: list[object] = []
        settings = load(tmp_path, None).override(cache=False, workers=1)
        report = check([tmp_path], settings, None, lambda a, shown: found.append(measured(a, shown)))
        answers = {name.replace("_", "-"): Answer(value, "said") for name, value in said.items()}
        day = datetime.date(2026, 11, 1)
        done = review(found[0], report, guide(), name="shop", said=answers, recorded={}, today=day)  # type: ignore[arg-type]
        return done, report

    return make
