"""Whatever goes wrong is one clear line, the right exit code and never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from stand_in import Engine, Run

from archwise.knowledge.loader import KnowledgeError


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "gone", "app.py", "lost.py"], "no such file or folder: gone, lost.py"),
        (["check", "--select", "AW299"], "command line: `select`: unknown rule `AW299`: did you mean `AW209`?"),
        (["check", "--config", "gone.toml"], "gone.toml: No such file or directory"),
        (["check", "--baseline", "gone.json"], "gone.json: there is no baseline yet; --write-baseline makes it"),
        (["check", "--write-baseline"], "--write-baseline needs the file's name: --baseline FILE"),
        (["check", "--workers", "0"], "Invalid value for '--workers': 0 is not in the range x>=1."),
        (["check", "--select", "AW999"], "command line: `select`: unknown rule `AW999`; `archwise rules` lists them"),
        (["check", "--select", ","], "Invalid value for '--select': it names no rule"),
        (["check", "--output-file", "app.py"], "app.py: the report would overwrite a file of code: name another"),
        (["chekc"], "no such command: chekc: did you mean `check`?"),
        (["skill", "lits"], "no such command: lits: did you mean `list`?"),
        (["app.py"], "no such command: app.py: did you mean `archwise check app.py`?"),
        (["explain", "nested"], "nothing is called `nested`: did you mean `nested-event-loop`?"),
        (["explain", "AW299"], "nothing is called `AW299`: did you mean `AW209`?"),
    ],
)
def test_a_mistake_is_one_line(arguments: list[str], said: str, engine: Engine, archwise: Run, tmp_path: Path) -> None:
    code, out, err = archwise(*arguments)
    assert (code, out, err) == (2, "", f"archwise: {said}\n")


def test_broken_settings(engine: Engine, archwise: Run, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.archwise]\nselect = 'AW2'\n")
    said = f"archwise: {tmp_path}/pyproject.toml: `select`: expected an array, got a string\n"
    assert archwise("check") == (2, "", said)


def test_nothing_is_left_to_look_for(engine: Engine, archwise: Run) -> None:
    _, _, err = archwise("check", "--select", "AW201", "--ignore", "AW201")
    assert err == "archwise: warning: all rules that are selected are ignored as well: none is on\n"


@pytest.mark.skipif(sys.platform == "win32", reason="there a folder in use cannot be removed")
def test_a_folder_that_is_gone(engine: Engine, archwise: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert archwise("check") == (2, "", "archwise: the folder that this was started in is gone\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_an_error_that_cannot_be_told_keeps_its_code() -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "archwise", "check", "gone"]
        assert subprocess.run(command, stderr=full, check=False).returncode == 2


def test_broken_knowledge(engine: Engine, archwise: Run) -> None:
    engine.raises = KnowledgeError("facts.toml: Object contains unknown field `blok`")
    assert archwise("check") == (2, "", "archwise: facts.toml: Object contains unknown field `blok`\n")


def test_interrupted(engine: Engine, archwise: Run) -> None:
    engine.raises = KeyboardInterrupt()
    assert archwise("check") == (130, "", "archwise: interrupted\n")


def test_an_error_of_our_own(engine: Engine, archwise: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.raises = KeyError("x\ny")
    code, out, err = archwise("check")
    assert (code, out) == (2, "")
    assert err.startswith("archwise: internal error: KeyError: 'x\\ny' (please report it")
    assert err.count("\n") == 1
    monkeypatch.setenv("ARCHWISE_DEBUG", "1")
    with pytest.raises(KeyError):
        archwise("check")


def test_unknown_commands_and_options(archwise: Run) -> None:
    code, _, err = archwise("chek")
    assert (code, err.count("\n")) == (2, 1)
    code, _, err = archwise("check", "--frob")
    assert (code, err.count("\n")) == (2, 1)


def test_no_command_is_help(archwise: Run) -> None:
    code, out, err = archwise()
    assert (code, out) == (2, "")
    assert err.startswith("Usage: archwise [OPTIONS] ")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="pipes that break are POSIX")
def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -c 'from archwise.cli.main import main; main()' rules --output-format json"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} | true"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
