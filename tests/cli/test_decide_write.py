"""``archwise decide --write``: records that are superseded and never overwritten, and the project's settings."""

import json
import os
import tomllib
from pathlib import Path

import pytest
from stand_in import Run

from archwise.decide import keep

ANSWERS = [
    *("--set", "kind=api"), *("--set", "admin=no"), *("--set", "existing=nothing"), *("--set", "team-async=yes"),
    *("--set", "workload=waiting"), *("--set", "connections=many"), *("--set", "sync-only=no"),
]  # fmt: skip
SYNC = ["sync-only=yes" if each == "sync-only=no" else each for each in ANSWERS]
PYPROJECT = """\
# the project
[project]
name = "storefront"  # for now

[tool.archwise]
# on rules
ignore = ["AW209"]

[tool.ruff]
line-length = 100
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("pyproject.toml").write_text(PYPROJECT)
    return tmp_path


def records() -> dict[str, str]:
    return {file.name: file.read_text() for file in sorted(Path("docs/decisions").glob("*"))}


def test_a_record_has_the_form_of_madr(archwise: Run) -> None:
    code, _, err = archwise("decide", *ANSWERS, "--write")
    assert code == 0
    assert "archwise: wrote docs/decisions/0002-concurrency-async.md\n" in err
    text = records()["0002-concurrency-async.md"]
    assert text.startswith("---\nstatus: accepted\ndate: ")
    assert "\ndecision: concurrency\nchoice: async\n---\n\n# Async or sync: Async\n" in text
    headings = [line for line in text.splitlines() if line.startswith(("## ", "### Co"))]
    assert headings == [
        "## Context and Problem Statement",
        "## Decision Drivers",
        "## Considered Options",
        "## Decision Outcome",
        "### Consequences",
        "### Confirmation",
        "## Pros and Cons of the Options",
        "## More Information",
    ]
    confirmation, _, rest = text.partition("### Confirmation\n\n")[2].partition("\n## ")
    assert "- `archwise check` holds it by AW201 (blocking-call-on-event-loop).\n" in confirmation
    assert "What would flip it:\n\n- sync-only = yes → Sync, in threads\n" in rest


def test_what_is_open_or_does_not_arise_is_not_recorded(archwise: Run) -> None:
    archwise("decide", *ANSWERS, "--write")
    assert [name[5:-3] for name in records()] == [
        "framework-fastapi", "concurrency-async", "validation-pydantic", "tests-async-client",
    ]  # fmt: skip


def test_settings_keep_their_comments(archwise: Run) -> None:
    archwise("decide", *ANSWERS, "--write")
    text = Path("pyproject.toml").read_text()
    assert [line for line in text.splitlines() if line in PYPROJECT.splitlines() and line] == [
        line for line in PYPROJECT.splitlines() if line
    ]
    assert text.endswith("\n\n[tool.ruff]\nline-length = 100\n")
    assert tomllib.loads(text)["tool"]["archwise"]["decisions"] == {
        "framework": "fastapi", "concurrency": "async", "validation": "pydantic", "tests": "async-client",
    }  # fmt: skip


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_written_twice_is_written_once(archwise: Run, newline: str) -> None:
    Path("pyproject.toml").write_bytes(PYPROJECT.replace("\n", newline).encode())
    archwise("decide", *ANSWERS, "--write")
    before = {file: file.read_bytes() for file in Path().rglob("*") if file.is_file()}
    assert archwise("decide", *ANSWERS, "--write")[2].endswith("what is settled is recorded already\n")
    assert {file: file.read_bytes() for file in Path().rglob("*") if file.is_file()} == before
    settings = before[Path("pyproject.toml")]
    assert settings.count(newline.encode()) == settings.count(b"\n")


def test_an_accepted_record_is_superseded(archwise: Run) -> None:
    archwise("decide", *ANSWERS, "--write")
    old = Path("docs/decisions/0002-concurrency-async.md")
    old.write_text(old.read_text() + "\nA note of our own.\n")
    before = records()
    archwise("decide", *SYNC, "--write")
    after = records()
    assert after["0005-concurrency-sync.md"].startswith("---\nstatus: accepted\n")
    assert "\nsupersedes: 0002-concurrency-async.md\n" in after["0005-concurrency-sync.md"]
    assert after[old.name] == before[old.name].replace(
        "status: accepted", "status: superseded by 0005-concurrency-sync.md"
    )
    assert after["0001-framework-fastapi.md"] == before["0001-framework-fastapi.md"]
    archwise("decide", *ANSWERS, "--write")
    assert "0007-concurrency-async.md" in records(), "going back is a decision as well"


def test_numbers_go_on_after_the_records_of_others(archwise: Run) -> None:
    Path("docs/decisions").mkdir(parents=True)
    mine = Path("docs/decisions/0041-use-postgresql.md")
    mine.write_text("# Use PostgreSQL\n")
    archwise("decide", *ANSWERS, "--write")
    assert "0042-framework-fastapi.md" in records()
    assert mine.read_text() == "# Use PostgreSQL\n"


def test_without_any_settings_a_file_is_made(archwise: Run) -> None:
    Path("pyproject.toml").unlink()
    archwise("decide", *ANSWERS, "--write")
    assert tomllib.loads(Path("archwise.toml").read_text())["decisions"]["framework"] == "fastapi"


def test_nothing_is_left_half_written(archwise: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    archwise("decide", *ANSWERS, "--write")
    before = {file: file.read_bytes() for file in Path().rglob("*") if file.is_file()}
    replaced = Path.replace

    def full(source: Path, target: Path) -> Path:
        if target.name == "pyproject.toml":
            raise OSError(28, "No space left on device", str(target))
        return replaced(source, target)

    monkeypatch.setattr(keep.Path, "replace", full)
    code, _, err = archwise("decide", *SYNC, "--write")
    assert code == 2
    assert "pyproject.toml: No space left on device" in err
    assert {file: file.read_bytes() for file in Path().rglob("*") if file.is_file()} == before


@pytest.mark.skipif(os.name == "nt", reason="modes are those of POSIX")
def test_a_file_keeps_its_mode(archwise: Run) -> None:
    Path("pyproject.toml").chmod(0o600)
    archwise("decide", *ANSWERS, "--write")
    assert Path("pyproject.toml").stat().st_mode & 0o777 == 0o600


def test_a_record_that_cannot_be_read(archwise: Run) -> None:
    Path("docs/decisions").mkdir(parents=True)
    Path("docs/decisions/0001-x.md").write_bytes(b"\xff")
    code, _, err = archwise("decide", *ANSWERS, "--write")
    assert code == 2
    assert err.startswith("archwise: ")
    assert "0001-x.md: cannot be read" in err
    assert Path("pyproject.toml").read_text() == PYPROJECT


def test_a_supposition_is_not_written(archwise: Run) -> None:
    code, _, err = archwise("decide", *ANSWERS, "--what-if", "sync-only=yes", "--write")
    assert code == 2
    assert "--what-if is only a question" in err
    assert not Path("docs").exists()


def test_check_holds_the_code_to_what_was_decided(archwise: Run) -> None:
    def codes(*options: str) -> dict[str, object]:
        settings: dict[str, object] = json.loads(archwise("check", "--show-settings", *options)[1])
        return settings

    assert codes()["decisions"] == {}
    archwise("decide", *ANSWERS, "--write")
    assert codes()["decisions"] == {
        "framework": "fastapi", "concurrency": "async", "validation": "pydantic", "tests": "async-client",
    }  # fmt: skip
