"""Whatever goes wrong in the middle, skills are as before or as after, and nothing of the user's is lost."""

import errno
import io
import json
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from marketplace import FRONT, LETTERS, SUMS, Repository, Skills, contents

from archwise.cli.main import run
from archwise.skills import exchange, install, replace
from archwise.skills import lock as locks

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # where tests run in several threads

TWO = ("--agent", "claude-code", "--agent", "cursor", "--yes")
NEW = FRONT.format(name="sums") + "Later.\n"


@pytest.fixture
def installed(skills: Skills, repository: Repository) -> list[Path]:
    """Two places of a skill whose source has moved on."""
    skills.done("add", str(repository.bare), "sums", *TWO)
    repository.commit({f"{SUMS}/SKILL.md": NEW, f"{SUMS}/more.md": "more"})
    return [skills.project / ".claude/skills/sums", skills.project / ".cursor/skills/sums"]


def failing_once(count: int, real: Callable[..., Any], fail: Callable[[], Any]) -> Callable[..., Any]:
    left = [count]

    def call(*args: Any, **kwargs: Any) -> Any:
        left[0] -= 1
        return fail() if left[0] == -1 else real(*args, **kwargs)

    return call


def staging(skills: Skills) -> list[Path]:
    return list(skills.project.rglob(".archwise-*"))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process of its own is killed")
@pytest.mark.parametrize("count", range(3))
@pytest.mark.parametrize(
    "step", [(install, "exchange"), (locks, "write"), (install, "_stage")], ids=lambda step: step[1]
)
def test_killed_in_the_middle(
    step: tuple[Any, str], count: int, installed: list[Path], skills: Skills, repository: Repository
) -> None:
    old = contents(installed[0])
    child = os.fork()
    if child == 0:
        module, name = step
        setattr(module, name, failing_once(count, getattr(module, name), lambda: os.kill(os.getpid(), signal.SIGKILL)))
        os._exit(run(["skill", "update", "--yes"]))
    os.waitpid(child, 0)
    new = repository.files(SUMS)
    assert all(contents(place) in (old, new) for place in installed)
    skills.done("sync")
    assert contents(installed[0]) == contents(installed[1])
    assert skills("verify").code == 0
    skills.done("update", "--yes")
    assert [contents(place) for place in installed] == [new, new]
    assert not staging(skills)


@pytest.mark.parametrize("step", ["exchange", "_stage"])
def test_an_error_halfway_leaves_everything_as_it_was(
    step: str, installed: list[Path], skills: Skills, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(skills.project)

    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "SKILL.md")

    with monkeypatch.context() as patch:
        patch.setattr(install, step, failing_once(1, getattr(install, step), full))
        assert "No space left on device" in skills.refused("update", "--yes")
    assert contents(skills.project) == before
    assert not staging(skills)


def test_a_disk_that_is_full_while_files_are_written(
    skills: Skills, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(skills.project)
    real, written = Path.open, []

    def opened(self: Path, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if mode == "xb":
            written.append(self)
            if len(written) == 3:
                raise OSError(errno.ENOSPC, "No space left on device", str(self))
        return real(self, mode, *args, **kwargs)

    monkeypatch.setattr(Path, "open", opened)
    assert "No space left on device" in skills.refused("add", str(repository.bare), "letters", *TWO)
    assert contents(skills.project) == before and not staging(skills)


def test_a_disk_that_is_full_while_a_skill_is_removed(
    skills: Skills, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    skills.done("add", str(repository.bare), "letters", *TWO)
    before = contents(skills.project)

    class Full(io.BytesIO):
        def write(self, _: Any, /) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    real = os.fdopen

    def opened(descriptor: int, mode: str = "r", *args: Any) -> Any:
        if mode != "wb":
            return real(descriptor, mode, *args)
        os.close(descriptor)
        return Full()

    monkeypatch.setattr(replace.os, "fdopen", opened)
    assert skills.refused("remove", "letters") == f"archwise: {skills.project}/skills.lock: No space left on device\n"
    assert contents(skills.project) == before
    assert not staging(skills)


def test_a_home_that_cannot_be_written(skills: Skills, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    def read_only(*_: Any, **__: Any) -> str:
        raise OSError(errno.EROFS, "Read-only file system", str(skills.home / ".claude/skills"))

    monkeypatch.setattr(install.tempfile, "mkdtemp", read_only)
    said = skills.refused("add", str(repository.bare), "sums", *TWO, "--global")
    assert said == f"archwise: {skills.home}/.claude/skills: Read-only file system\n"
    assert contents(skills.home) == {}


def test_systems_without_an_exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "_swapped", lambda *_: errno.ENOSYS)
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        (folder / "file").write_text(folder.name)
    exchange.exchange(one, other)
    assert (one / "file").read_text() == "other" and (other / "file").read_text() == "one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "other"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="each install is a process of its own")
def test_two_installs_at_once(skills: Skills, repository: Repository) -> None:
    source = str(repository.bare)
    commands = [
        ["add", source, name, "--agent", agent, "--yes"]
        for name in ("sums", "letters")
        for agent in ("cursor", "codex")
    ]
    children = []
    for command in commands:
        if (child := os.fork()) == 0:
            os._exit(run(["skill", *command]))
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0, 0]
    lock = json.loads((skills.project / "skills.lock").read_text())["skills"]
    assert {name: entry["agents"] for name, entry in lock.items()} == {
        "letters": ["cursor", "codex"],
        "sums": ["cursor", "codex"],
    }
    assert skills.done("verify") == "2 skills, 0 differences\n"


def test_a_run_that_waits_says_for_what(
    skills: Skills, monkeypatch: pytest.MonkeyPatch, repository: Repository
) -> None:
    monkeypatch.setattr(locks, "_PATIENCE", 0.1)
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with locks.held(skills.project):
            inside.set()
            leave.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    inside.wait(30)
    try:
        assert "another run has been changing skills here" in skills.refused("add", str(repository.bare), "sums", *TWO)
    finally:
        leave.set()
        holder.join()


@pytest.mark.parametrize("command", [("update", "--yes"), ("sync",), ("remove", "sums")], ids=lambda each: each[0])
def test_edits_are_kept(command: tuple[str, ...], installed: list[Path], skills: Skills) -> None:
    (installed[0] / "SKILL.md").write_text("mine")
    (installed[0] / "notes.md").write_text("mine too")
    before = contents(skills.project)
    assert "--force replaces it and keeps a copy" in skills.refused(*command)
    assert contents(skills.project) == before
    out = skills.done(*command, "--force")
    kept = list((skills.home / ".local/state/archwise/edited-skills").iterdir())
    assert len(kept) == 1 and str(kept[0]) in out
    assert contents(kept[0])["SKILL.md"] == b"mine" and contents(kept[0])["notes.md"] == b"mine too"
    assert not (installed[0] / "notes.md").exists()


def test_a_folder_of_somebody_else_s_is_left_alone(skills: Skills, repository: Repository) -> None:
    place = skills.project / ".claude/skills/sums"
    place.mkdir(parents=True)
    (place / "SKILL.md").write_text("mine")
    said = skills.refused("add", str(repository.bare), "sums", *TWO)
    assert f"{place} is there already, and archwise did not put it there" in said
    assert contents(skills.project / ".claude") == {"skills/sums/SKILL.md": b"mine"}
    assert not (skills.project / ".cursor").exists() and not (skills.project / "skills.lock").exists()
    assert f"{place}: not installed by archwise" in skills.done("list")
    (place / "SKILL.md").write_bytes(repository.files(SUMS)["SKILL.md"])
    skills.done("add", str(repository.bare), "sums", *TWO)


def test_links_in_the_way(skills: Skills, repository: Repository) -> None:
    outside = skills.project.parent / "outside"
    outside.mkdir()
    (skills.project / ".claude").mkdir()
    (skills.project / ".claude/skills").symlink_to(outside)
    assert "leads out of the project" in skills.refused("add", str(repository.bare), "sums", *TWO)
    assert contents(outside) == {}
    (skills.project / ".claude/skills").unlink()
    (skills.project / "shared").mkdir()
    (skills.project / ".claude/skills").symlink_to("../shared")
    skills.done("add", str(repository.bare), "sums", *TWO)
    assert contents(skills.project / "shared/sums") == repository.files(SUMS)
    (skills.project / "shared/letters").symlink_to(outside)
    assert "is a link or a file" in skills.refused("add", str(repository.bare), "letters", *TWO, "--force")
    assert contents(outside) == {}


def test_what_running_a_script_leaves_behind_is_no_edit(skills: Skills, repository: Repository) -> None:
    repository.commit({f"{LETTERS}/scripts/__pycache__/shipped.pyc": b"\0\1"})
    skills.done("add", str(repository.bare), "letters", "--agent", "cursor", "--yes")
    place = skills.project / ".cursor/skills/letters"
    assert contents(place) == repository.files(LETTERS)
    (place / "scripts/__pycache__/post.pyc").write_bytes(b"\0")
    assert skills.done("verify") == "1 skill, 0 differences\n"
    (place / "scripts/__pycache__/shipped.pyc").write_bytes(b"\0")
    assert "shipped.pyc changed since it was installed" in skills("verify").out


def test_a_home_kept_elsewhere_is_followed(skills: Skills, repository: Repository) -> None:
    dotfiles = skills.project.parent / "dotfiles"
    dotfiles.mkdir()
    (skills.home / ".claude").symlink_to(dotfiles)
    skills.done("add", str(repository.bare), LETTERS, "--agent", "claude-code", "--yes", "--global")
    assert contents(dotfiles / "skills/letters") == repository.files(LETTERS)
    assert skills.done("verify", "--global") == "1 skill, 0 differences\n"
