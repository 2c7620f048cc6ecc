"""``archwise check``, from options to exit code."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace
from stand_in import Engine, Run

from archwise.findings import Report, Unread

TEXT = """\
error[AW201]: it waits
 --> app.py:5:12 in app.read
  |
5 |    return requests.get("https://a.example")
  |           ^^^^^^^^^^^^ waits

Found 1 cause at 1 place (1 error) in 1 file, 0.0 s.
1 finding of lower severity not shown (--severity info).
"""


def test_findings_are_shown_and_exit_with_one(engine: Engine, archwise: Run) -> None:
    assert archwise("check") == (1, TEXT, "")
    assert engine.paths == (Path(),)


def test_nothing_found_exits_with_zero(engine: Engine, archwise: Run) -> None:
    engine.report = replace(engine.report, findings=())
    assert archwise("check", "app.py") == (0, "No findings in 1 file, 0.0 s.\n", "")


def test_information_is_no_failure(engine: Engine, archwise: Run) -> None:
    engine.report = replace(engine.report, findings=engine.report.findings[1:])
    code, out, _ = archwise("check", "--severity", "info", "--output-format", "concise")
    assert code == 0
    assert out.startswith("app.py:9:5: AW201 [info] it waits\n")


def test_exit_zero(engine: Engine, archwise: Run) -> None:
    assert archwise("check", "--exit-zero") == (0, TEXT, "")


def test_options_reach_the_engine(engine: Engine, archwise: Run, tmp_path: Path) -> None:
    (tmp_path / "archwise.toml").write_text('ignore = ["AW209"]\nextend-select = ["AW208"]\nworkers = 9\n')
    archwise("check", "--ignore", "aw202,AW203", "--ignore", "client-per-request", "--workers", "3", "--no-cache")
    assert engine.settings.ignore == ("AW209", "AW202", "AW203", "client-per-request")
    assert engine.settings.extend_select == ("AW208",)
    assert (engine.settings.workers, engine.settings.cache) == (3, False)
    archwise("check", "--select", "AW2", "--cache-dir", "kept")
    assert (engine.settings.select, engine.settings.ignore, engine.settings.extend_select) == (("AW2",), (), ())
    assert engine.settings.cache_dir == str(tmp_path / "kept")


def test_what_is_left_out_adds_to_the_settings(engine: Engine, archwise: Run, tmp_path: Path) -> None:
    (tmp_path / "archwise.toml").write_text('extend-exclude = ["generated"]\n')
    archwise("check", "--exclude", "tests", "--extend-exclude", "*_pb2.py")
    assert engine.settings.extend_exclude == ("generated", "tests", "*_pb2.py")
    assert ".venv" in engine.settings.exclude


def test_show_settings(engine: Engine, archwise: Run) -> None:
    code, out, _ = archwise("check", "--show-settings", "--select", "AW201")
    assert code == 0
    assert json.loads(out)["select"] == ["AW201"]


def test_show_files(engine: Engine, archwise: Run) -> None:
    assert archwise("check", "--show-files") == (0, "app.py\nb.py\n", "")


def test_output_file(engine: Engine, archwise: Run, tmp_path: Path) -> None:
    assert archwise("check", "--output-format", "json", "--output-file", "out.json", "--color", "always") == (1, "", "")
    assert json.loads((tmp_path / "out.json").read_text())["summary"]["findings"] == 1
    code, _, err = archwise("check", "--output-file", "none/out.json")
    assert (code, err) == (2, "archwise: none/out.json: No such file or directory\n")


@pytest.mark.parametrize("name", ["text", "concise", "json", "sarif", "github", "gitlab", "junit"])
def test_every_format_ends_its_last_line(name: str, engine: Engine, archwise: Run) -> None:
    code, out, err = archwise("check", "--output-format", name)
    assert (code, err) == (1, "")
    assert out.endswith("\n")


def test_statistics(engine: Engine, archwise: Run) -> None:
    _, out, _ = archwise("check", "--statistics")
    assert out.splitlines()[1] == "      1        1  AW201  blocking-call-on-event-loop"
    for other in ("--add-ignore", "--diff"):
        code, _, err = archwise("check", "--statistics", other)
        assert (code, err.splitlines()[-1]) == (
            2,
            "archwise: --statistics counts what is reported, and --add-ignore and --diff report nothing",
        )
    code, _, err = archwise("check", "--statistics", "--output-format", "sarif")
    assert (code, err) == (2, "archwise: --statistics has no sarif format: take text or json\n")


def test_colour_is_asked_for_or_a_terminals(engine: Engine, archwise: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in archwise("check")[1]
    assert "\x1b" in archwise("check", "--color", "always")[1]
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" in archwise("check")[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in archwise("check")[1]


def test_a_folder_without_python_is_a_warning(engine: Engine, archwise: Run) -> None:
    engine.report = Report(str(engine.root), (), files=0, lines=0)
    assert archwise("check", "--output-format", "github") == (0, "", "archwise: warning: no Python files in .\n")
    assert archwise("check", "-q", "--output-format", "github") == (0, "", "")


def test_nothing_readable_is_a_failure(engine: Engine, archwise: Run) -> None:
    engine.report = replace(engine.report, findings=(), unread=(Unread("app.py", "permission denied"),))
    code, out, err = archwise("check", "--exit-zero")
    assert (code, err) == (2, "archwise: none of the files could be read\n")
    assert "1 file could not be read (AW001).\n" in out


def test_places_are_seen_from_the_working_folder(
    engine: Engine, archwise: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    concise = ("check", "--output-format", "concise", str(tmp_path))
    (tmp_path / "inner").mkdir()
    monkeypatch.chdir(tmp_path / "inner")
    assert archwise(*concise)[1].startswith("../app.py:5:12: ")
    monkeypatch.chdir(tmp_path.parent)
    assert archwise(*concise)[1].startswith(f"{tmp_path.name}/app.py:5:12: ")
    monkeypatch.chdir("/")
    assert archwise(*concise)[1].startswith(f"{tmp_path.relative_to('/')}/app.py:5:12: ")
    elsewhere = tmp_path.with_name("elsewhere")
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert archwise(*concise)[1].startswith(f"{tmp_path}/app.py:5:12: ")


@pytest.mark.parametrize(("name", "top"), [("github", "GITHUB_WORKSPACE"), ("gitlab", "CI_PROJECT_DIR")])
def test_a_ci_finds_the_files_of_a_root_inside_its_checkout(
    name: str, top: str, engine: Engine, archwise: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        monkeypatch.delenv(variable, raising=False)
    inside = f"{tmp_path.name}/app.py"
    assert inside not in archwise("check", "--output-format", name)[1]
    monkeypatch.setenv(top, str(tmp_path.parent))
    assert inside in archwise("check", "--output-format", name)[1]
    monkeypatch.setenv(top, str(tmp_path / "elsewhere"))
    assert inside not in archwise("check", "--output-format", name)[1]
