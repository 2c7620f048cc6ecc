"""``check`` as others call it: which files, relative to what, in which order."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from archwise.check import check, discover
from archwise.cli.main import run as command
from archwise.engine.analysis import Analysis
from archwise.findings import Finding, Report
from archwise.rules.async_ import blocking_call_on_event_loop
from archwise.settings import Settings, load

BLOCKS = "import time\n\n\nasync def handler():\n    time.sleep(1)\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("pyproject.toml", "app/__init__.py", "app/views.py", "scripts/run.py", "build/out.py", "venv/x.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(BLOCKS if name.endswith(".py") else "")
    return tmp_path


def run(*paths: Path, **values: object) -> Report:
    settings = load(paths[0]).override(cache=False, **values)
    return check(paths, settings)


def names(report: Report) -> list[str]:
    return [finding.path for finding in report.findings]


def listed(root: Path, *paths: Path, **values: object) -> list[str]:
    settings = Settings(root=root, **values)  # type: ignore[arg-type]
    return [Path(path).relative_to(root).as_posix() for path in discover(paths or (root,), settings)]


def test_what_is_built_or_installed_is_left_out(root: Path) -> None:
    assert listed(root) == ["app/__init__.py", "app/views.py", "scripts/run.py"]
    assert listed(root, extend_exclude=("scripts",)) == ["app/__init__.py", "app/views.py"]
    assert listed(root, exclude=("app/v*",)) == ["app/__init__.py", "build/out.py", "scripts/run.py", "venv/x.py"]


def test_a_file_that_is_named_is_taken(root: Path) -> None:
    assert listed(root, root / "build" / "out.py") == ["build/out.py"]


def test_each_file_once_and_sorted(root: Path) -> None:
    twice = (root / "scripts", root / "app" / "views.py", root, root / "app")
    assert listed(root, *twice) == ["app/__init__.py", "app/views.py", "scripts/run.py"]


def test_paths_are_relative_to_the_project(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = ["app/__init__.py", "app/views.py", "scripts/run.py"]
    assert names(run(root)) == everything
    assert names(run(root / "app" / "views.py")) == ["app/views.py"]
    monkeypatch.chdir(root / "app")
    assert names(run(Path())) == everything[:2]
    assert names(run(Path(".."))) == everything
    assert names(run(Path("../scripts/../app"), Path("../scripts"))) == everything
    assert names(run(Path("views.py"))) == ["app/views.py"]


def test_the_same_project_through_a_link(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    link = tmp_path_factory.mktemp("elsewhere") / "link"
    try:
        link.symlink_to(root, target_is_directory=True)
    except OSError:
        pytest.skip("no links here")
    (root / "pyproject.toml").write_text('[tool.archwise]\nper-file-ignores = { "scripts/*" = ["AW201"] }\n')
    assert run(link).findings == run(root).findings
    assert names(run(link / "app" / "views.py")) == ["app/views.py"]


def test_paths_outside_the_project_are_relative_to_what_holds_them(tmp_path: Path) -> None:
    for name in ("one/a.py", "two/b.py"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(BLOCKS)
    (tmp_path / "one" / "pyproject.toml").touch()
    report = run(tmp_path / "one", tmp_path / "two")
    assert (report.root, names(report)) == (str(tmp_path), ["one/a.py", "two/b.py"])


def test_progress_is_told_to_its_end(root: Path) -> None:
    told: list[tuple[str, int, int]] = []
    check([root], Settings(root=root, cache=False), lambda *step: told.append(step))
    reading = [step[1:] for step in told if step[0] == "reading"]
    assert reading == [(1, 3), (2, 3), (3, 3)]
    assert [stage for stage, done, total in told if done == total] == ["reading", "checking"]


def test_files_that_git_ignores(root: Path) -> None:
    (root / ".gitignore").write_text("scripts/\n")
    if os.system(f"git -C '{root}' init -q"):
        pytest.skip("no Git here")
    assert listed(root) == ["app/__init__.py", "app/views.py"]
    assert listed(root, root / "scripts") == ["scripts/run.py"]
    assert listed(root, respect_gitignore=False) == ["app/__init__.py", "app/views.py", "scripts/run.py"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_to_folders_are_not_followed(root: Path) -> None:
    (root / "app" / "again").symlink_to(root)
    (root / "linked.py").symlink_to(root / "app" / "views.py")
    assert listed(root) == ["app/__init__.py", "app/views.py", "linked.py", "scripts/run.py"]


# -- comments that silence


def silenced(root: Path, line: str) -> list[tuple[int, str]]:
    (root / "app" / "views.py").write_text(f"import time\n\n\nasync def handler(x):\n    {line}\n")
    report = check([root / "app" / "views.py"], Settings(root=root, cache=False, severity="info"))
    return [(finding.line, finding.rule) for finding in report.findings]


@pytest.mark.parametrize(
    "comment",
    [
        "# archwise: ignore[AW201]",
        "# archwise: ignore",
        "#archwise:ignore[ aw201 ]",
        "# archwise: ignore[AW205, AW201]",
        "# noqa: AW201",
        "# noqa",
        "# NOQA:E501,AW201",
        "# type: ignore # archwise: ignore[AW201]",
    ],
)
def test_a_comment_silences_its_line(comment: str, root: Path) -> None:
    assert (5, "AW201") not in silenced(root, f"time.sleep(1)  {comment}")


@pytest.mark.parametrize(
    "comment", ["# archwise: ignore[AW205]", "# noqa: E501", "# archwise ignore", "# ignore[AW201]"]
)
def test_a_comment_about_something_else_does_not(comment: str, root: Path) -> None:
    assert (5, "AW201") in silenced(root, f"time.sleep(1)  {comment}")


def test_text_in_a_string_is_no_comment(root: Path) -> None:
    assert silenced(root, "x('# archwise: ignore[AW201]')") == []
    assert silenced(root, "'''\n# archwise: ignore[AW202]\n'''") == []
    assert silenced(root, "time.sleep(len('# archwise: ignore[AW201]'))") == [(5, "AW201")]


def test_a_comment_at_the_end_of_a_call_of_several_lines(root: Path) -> None:
    assert silenced(root, "time.sleep(\n        1,\n    )  # archwise: ignore[AW201]") == []


# -- a project's own knowledge

FACTS = (
    '[library]\nname = "acme"\nsource = "https://acme.example"\n[[function]]\nnames = ["acme.fetch"]\nblocks = "{}"\n'
)
IN_PLACE = """[tool.archwise.knowledge]
library = { name = "acme", source = "https://acme.example" }
function = [{ names = ["acme.fetch"], blocks = "network" }]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text("import acme\n\n\nasync def handler():\n    acme.fetch()\n")
    (tmp_path / "facts.toml").write_text(FACTS.format("network"))
    (tmp_path / "pyproject.toml").write_text('[tool.archwise]\nknowledge = ["facts.toml"]\n')
    return tmp_path


def said(project: Path) -> list[tuple[str, int, str]]:
    """Rule, line and severity of each finding of a run that keeps a cache."""
    report = check([project], load(project))
    return [(finding.rule, finding.line, finding.severity) for finding in report.findings]


def test_a_fact_of_the_project_is_used(project: Path) -> None:
    assert said(project) == [("AW201", 5, "error")]
    (project / "pyproject.toml").write_text(IN_PLACE)
    assert said(project) == [("AW201", 5, "error")]
    (project / "pyproject.toml").write_text("")
    assert said(project) == []


def test_a_fact_of_the_project_replaces_a_known_one(project: Path) -> None:
    (project / "app.py").write_text(BLOCKS)
    assert said(project) == [("AW201", 5, "error")]
    (project / "facts.toml").write_text(FACTS.format("file").replace("acme.fetch", "time.sleep"))
    assert said(project) == [("AW201", 5, "warning")]


def test_a_changed_fact_makes_a_new_report(project: Path) -> None:
    before = [said(project), said(project)]
    (project / "facts.toml").write_text(FACTS.format("file"))
    assert [*before, said(project)] == [[("AW201", 5, kind)] for kind in ("error", "error", "warning")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read: "),
        (b"\xff", "cannot be read: "),
        (b"x = [", "Invalid value"),
        (b'[[function]]\nnames = ["acme.fetch"]\n', "Object missing required field `library`"),
        (FACTS.format("magic").encode(), "Invalid enum value 'magic' - at `$.function[0].blocks`"),
    ],
)
def test_knowledge_that_cannot_be_used(
    content: bytes | None, reason: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(project), "a kept report must not hide the mistake"
    facts = project / "facts.toml"
    facts.unlink() if content is None else facts.write_bytes(content)
    assert command(["check", str(project)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"archwise: facts.toml: {reason}")
    assert err.count("\n") == 1


def test_a_changed_setting_of_the_tests_makes_a_new_report(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\nasyncio_mode = "auto"\n')
    (tmp_path / "test_orders.py").write_text("async def test_order():\n    assert False\n")
    settings = load(tmp_path).override(select=("AW901",))
    assert not check([tmp_path], settings).findings
    (tmp_path / "pytest.ini").write_text("")
    assert [finding.rule for finding in check([tmp_path], settings).findings] == ["AW901"]


def test_declared_modules_that_are_not_there_are_named(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "archwise.toml").write_text('[layers]\nroutes = ["app.views", "app.*"]\nservices = ["app.servces"]\n')
    monkeypatch.chdir(root)
    assert run(root).unmatched == (("layers.services", "app.servces"),)
    command(["check", "--no-cache"])
    said = "archwise: warning: `layers.services`: no module is called `app.servces`: correct or remove it\n"
    assert capsys.readouterr().err == said
    command(["check", "--no-cache", "app/views.py"])
    assert capsys.readouterr().err == "", "a part of the project need not hold all that is declared"


def test_settings_of_a_project_inside_are_named(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "pyproject.toml").write_text('[tool.archwise]\nignore = ["AW001"]\n')
    inside = root / "app" / "pyproject.toml"
    inside.write_text('[tool.archwise]\nselect = ["AW2"]\n')
    monkeypatch.chdir(root)
    said = "archwise: warning: app/pyproject.toml: settings not read here: run `archwise check app` for them\n"
    command(["check", "--no-cache"])
    assert capsys.readouterr().err == said
    command(["check", "--no-cache", "app"])
    assert capsys.readouterr().err == ""
    inside.write_text('[tool.ruff]\nselect = ["ASYNC"]\n')
    command(["check", "--no-cache"])
    assert capsys.readouterr().err == ""


def test_a_rule_that_fails_takes_no_other_with_it(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(analysis: Analysis) -> Iterator[Finding]:
        raise KeyError("x")
        yield

    monkeypatch.delenv("ARCHWISE_DEBUG", raising=False)
    with monkeypatch.context() as broken:
        broken.setattr(blocking_call_on_event_loop, "check", fails)
        (root / "app" / "loop.py").write_text("import asyncio\n\n\nasync def f():\n    asyncio.run(f())\n")
        assert command(["check", str(root), "--select", "AW2", "--output-format", "json"]) == 2
        out, err = capsys.readouterr()
        assert [finding["rule"] for finding in json.loads(out)["findings"]] == ["AW204"]
        assert err.startswith("archwise: internal error: what AW201 finds is missing: KeyError: 'x' (please report it")
        broken.setenv("ARCHWISE_DEBUG", "1")
        with pytest.raises(KeyError):
            command(["check", str(root), "--select", "AW2"])
    assert command(["check", str(root), "--select", "AW2"]) == 1
    assert "AW201" in capsys.readouterr().out, "what is incomplete is not kept"
