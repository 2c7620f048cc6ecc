"""A file that is named is judged as part of its project, and shown alone."""

import json
from pathlib import Path

import pytest
from stand_in import Run

MAIN = """\
from fastapi import FastAPI

from app.helper import fetch

app = FastAPI()


@app.get("/")
async def read() -> str:
    return fetch()


@app.get("/quiet")
async def quiet() -> str:
    return fetch()  # archwise: ignore[AW201]
"""
HELPER = """\
import time

import requests


def fetch() -> str:
    return requests.get("https://a.example", timeout=1).text


async def wait() -> None:
    time.sleep(1)
"""
SELECT = ("--select", "AW201,AW002", "--output-format", "concise")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in {"pyproject.toml": "", "src/app/__init__.py": "", "src/app/main.py": MAIN}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "src/app/helper.py").write_text(HELPER)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _places(out: str) -> list[str]:
    return [line.partition(": ")[0] for line in out.splitlines() if ": AW" in line]


def test_what_is_found_in_it_is_what_the_whole_run_finds_in_it(project: Path, archwise: Run) -> None:
    _, whole, _ = archwise("check", *SELECT)
    assert _places(whole) == ["src/app/helper.py:11:5", "src/app/main.py:10:12"]
    code, out, _ = archwise("check", "src/app/main.py", *SELECT)
    assert (code, _places(out)) == (1, ["src/app/main.py:10:12"])
    assert "in 1 of 3 files" in out
    assert archwise("check", "src/app/__init__.py", *SELECT)[0] == 0


def test_paths_are_shown_from_the_working_folder(project: Path, archwise: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project / "src/app")
    assert _places(archwise("check", "main.py", *SELECT)[1]) == ["main.py:10:12"]
    (project / "other").mkdir()
    monkeypatch.chdir(project / "other")
    assert _places(archwise("check", "../src/app/main.py", *SELECT)[1]) == ["../src/app/main.py:10:12"]


def test_a_file_outside_of_any_project_is_read_alone(
    tmp_path: Path, archwise: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "main.py").write_text("from helper import wait\n\n\nasync def run() -> None:\n    wait()\n")
    (tmp_path / "helper.py").write_text("import time\n\n\ndef wait() -> None:\n    time.sleep(1)\n")
    monkeypatch.chdir(tmp_path)
    code, out, _ = archwise("check", "main.py", *SELECT)
    assert (code, out.startswith("No findings in 1 file,")) == (0, True)


def test_files_of_two_projects_take_the_settings_above_both(tmp_path: Path, archwise: Run) -> None:
    (tmp_path / "archwise.toml").write_text('extend-select = ["AW208"]\n')
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "archwise.toml").write_text('ignore = ["AW201"]\n')
        (tmp_path / name / "code.py").write_text("")
    both = archwise("check", str(tmp_path / "one/code.py"), str(tmp_path / "two/code.py"), "--show-settings")
    assert json.loads(both[1])["extend-select"] == ["AW208"]
    one = archwise("check", str(tmp_path / "one/code.py"), "--show-settings")
    assert json.loads(one[1])["ignore"] == ["AW201"]


def test_a_baseline_keeps_the_entries_of_other_files(project: Path, archwise: Run) -> None:
    archwise("check", *SELECT, "--baseline", "agreed.json", "--write-baseline")
    assert archwise("check", "src/app/main.py", *SELECT, "--baseline", "agreed.json")[0] == 0


def test_what_is_no_code_is_left_out_and_said(project: Path, archwise: Run) -> None:
    (project / "notes.ipynb").write_text("{}")
    (project / "src/app/helper.pyi").write_text("def fetch() -> str: ...\n")
    code, _, err = archwise("check", "notes.ipynb", "src/app/helper.pyi", *SELECT)
    said = "archwise: warning: {} is left out: {} are not read\n"
    assert (code, err) == (0, said.format("notes.ipynb", "notebooks") + said.format("src/app/helper.pyi", "stubs"))


@pytest.mark.parametrize("option", ["--fix", "--diff", "--add-ignore"])
def test_a_baseline_is_not_written_while_code_is(option: str, project: Path, archwise: Run) -> None:
    code, _, err = archwise("check", option, "--write-baseline", "--baseline", "agreed.json")
    assert (code, err) == (
        2,
        "archwise: --write-baseline agrees to what is found: run --fix or --add-ignore before it\n",
    )
