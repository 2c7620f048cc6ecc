"""Decisions that a project has on record, in the forms that tools and people write them in."""

from pathlib import Path

import pytest

from archwise.decide.written import Written, written

OURS = """---
status: accepted
date: 2026-11-01
decision: framework
choice: fastapi
---

# Framework: FastAPI
"""
NYGARD = """# 2. Use FastAPI

Date: 2026-11-01

## Status

Accepted

## Context
"""
MADR_2 = "# Use PostgreSQL\n\n* Status: accepted\n* Deciders: somebody\n"
EDX = "3. Tasks go to Celery\n#####################\n\nTasks\n=====\n\nStatus\n******\n\nAccepted\n"


def project(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def test_a_record_of_decide_names_decision_and_choice(tmp_path: Path) -> None:
    root = project(tmp_path, {"docs/decisions/0001-framework-fastapi.md": OURS})
    path = "docs/decisions/0001-framework-fastapi.md"
    assert written(root) == (Written(path, "Framework: FastAPI", "framework", "fastapi"),)


@pytest.mark.parametrize("folder", ["docs/adr", "doc/adr", "doc/architecture/decisions", "docs/decisions"])
def test_plain_records_have_a_title(tmp_path: Path, folder: str) -> None:
    root = project(tmp_path, {f"{folder}/0002-use-fastapi.md": NYGARD, f"{folder}/0003-database.md": MADR_2})
    assert [each.title for each in written(root)] == ["Use FastAPI", "Use PostgreSQL"]


@pytest.mark.parametrize(
    "text",
    [
        OURS.replace("accepted", "superseded by 0007-framework-django.md"),
        NYGARD.replace("Accepted", "Superseded by [9](0009-django.md)"),
        MADR_2.replace("accepted", "deprecated"),
        EDX.replace("Accepted", "**Rejected**"),
    ],
)
def test_what_no_longer_stands_is_left_out(tmp_path: Path, text: str) -> None:
    assert written(project(tmp_path, {"docs/adr/0002-record.rst": text})) == ()


def test_what_is_no_record_is_left_out(tmp_path: Path) -> None:
    files = {"docs/adr/README.md": "# Records", "docs/adr/template.md": NYGARD, "docs/adr/0001-picture.png": ""}
    assert written(project(tmp_path, files)) == ()


def test_bytes_that_are_no_text_do_no_harm(tmp_path: Path) -> None:
    folder = tmp_path / "docs" / "adr"
    folder.mkdir(parents=True)
    (folder / "0001-use-fastapi.md").write_bytes(b"# Use \xff\xfe FastAPI\n")
    assert len(written(tmp_path)) == 1
