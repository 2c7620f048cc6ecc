"""A baseline on the command line: made once, hidden behind, shrunk, never grown."""

import json
from pathlib import Path

from msgspec.structs import replace
from stand_in import Engine, Run, finding

OPTIONS = ("check", "--output-format", "concise", "--baseline", "agreed.json")


def marks(file: Path) -> list[str]:
    return [mark for entry in json.loads(file.read_text())["entries"] for mark in entry["fingerprints"]]


def test_the_life_of_a_baseline(engine: Engine, archwise: Run, tmp_path: Path) -> None:
    file = tmp_path / "agreed.json"
    old, fixed, new = finding(5, 1), finding(6, 1), finding(7, 1)

    engine.report = replace(engine.report, findings=(old, fixed))
    code, out, err = archwise(*OPTIONS, "--write-baseline")
    assert (code, err) == (0, "archwise: wrote 2 findings to agreed.json\n")
    assert out == "No findings in 1 file, 0.0 s.\n"
    assert archwise(*OPTIONS) == (0, "No findings in 1 file, 0.0 s.\n", "")

    engine.report = replace(engine.report, findings=(old, new))
    code, out, err = archwise(*OPTIONS)
    assert code == 1
    assert out.startswith("app.py:7:1: AW201 [error] it waits\n")
    said = "agreed.json is out of date, 1 finding fixed: AW201 in app.py; --write-baseline removes them"
    assert err == f"archwise: {said}\n"
    assert marks(file) == ["f5", "f6"]

    code, out, err = archwise(*OPTIONS, "--write-baseline")
    assert (code, err) == (1, "archwise: removed 1 fixed finding from agreed.json, 1 left\n")
    assert out.startswith("app.py:7:1:")
    assert marks(file) == ["f5"]


def test_a_fix_alone_fails_until_the_baseline_knows(engine: Engine, archwise: Run) -> None:
    archwise(*OPTIONS, "--write-baseline")
    engine.report = replace(engine.report, findings=())
    assert archwise(*OPTIONS)[0] == 1
    assert archwise(*OPTIONS, "--ignore", "AW201")[0] == 0
    assert archwise(*OPTIONS, "--exit-zero")[0] == 0
    assert archwise(*OPTIONS, "--write-baseline")[0] == 0
    assert archwise(*OPTIONS)[0] == 0


def test_only_what_is_shown_is_agreed(engine: Engine, archwise: Run, tmp_path: Path) -> None:
    archwise(*OPTIONS, "--write-baseline")
    assert marks(tmp_path / "agreed.json") == ["f5"]
    _, out, _ = archwise(*OPTIONS, "--severity", "info")
    assert out.startswith("app.py:9:5: AW201 [info] it waits\n")


def test_a_baseline_of_the_settings_lies_beside_them(engine: Engine, archwise: Run, tmp_path: Path) -> None:
    (tmp_path / "archwise.toml").write_text('baseline = "agreed.json"\n')
    archwise("check", "--write-baseline")
    assert marks(tmp_path / "agreed.json") == ["f5"]
    assert archwise("check", str(tmp_path))[0] == 0
