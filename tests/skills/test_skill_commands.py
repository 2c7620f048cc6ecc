"""The skill commands, from adding to removing, on a repository laid out like a marketplace."""

import json
import os
import sys
import zipfile
from pathlib import Path

import pytest
from marketplace import FRONT, LETTERS, SUMS, Repository, Skills, contents, git

from archwise.cli.main import run
from archwise.skills.agents import agents

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # where tests run in several threads

ASKED = ("--agent", "claude-code", "--yes")


def lock_of(folder: Path) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = json.loads((folder / "skills.lock").read_bytes())["skills"]
    return found


@pytest.mark.parametrize("agent", agents())
@pytest.mark.parametrize("of_user", [False, True], ids=["project", "global"])
def test_from_add_to_remove(agent: str, of_user: bool, skills: Skills, repository: Repository) -> None:
    scope = ("--global",) if of_user else ()
    folder = skills.home / agents()[agent].user if of_user else skills.project / agents()[agent].project
    skills.done("add", str(repository.bare), LETTERS, "--agent", agent, "--yes", *scope)
    assert contents(folder / "letters") == repository.files(LETTERS)
    assert (folder / "letters" / "scripts" / "post.sh").stat().st_mode & 0o100
    assert "letters  as installed" in skills.done("list", *scope)
    assert skills.done("verify", *scope) == "1 skill, 0 differences\n"

    repository.commit({f"{LETTERS}/SKILL.md": FRONT.format(name="letters") + "Now in ink.\n"})
    updated = skills.done("update", "--yes", *scope)
    assert "+Now in ink." in updated
    assert contents(folder / "letters") == repository.files(LETTERS)

    (folder / "letters" / "references" / "GOTCHAS.md").unlink()
    (folder / "letters" / "references").rmdir()
    assert skills("verify", *scope).code == 1
    skills.done("sync", "--force", *scope)
    assert contents(folder / "letters") == repository.files(LETTERS)

    skills.done("remove", "letters", *scope)
    assert list(folder.iterdir()) == []
    assert skills.done("list", *scope) == "0 skills\n"


def test_of_all_skills_those_that_cannot_be_told_apart_are_left_out(skills: Skills, repository: Repository) -> None:
    repository.commit({"plugins/other/skills/more-sums/SKILL.md": FRONT.format(name="sums")})
    done = skills("add", str(repository.bare), "--all", "--agent", "claude-code", "--yes")
    assert done.code == 1
    assert done.out.count(f"left out: sums is in two folders, {SUMS} and plugins/other/skills/more-sums\n") == 1
    assert list(lock_of(skills.project)) == ["letters"]


def test_sync_reproduces_the_lock_elsewhere(skills: Skills, repository: Repository) -> None:
    skills.done("add", str(repository.bare), "--all", "--agent", "claude-code", "--agent", "windsurf", "--yes")
    before = contents(skills.project)
    repository.commit({f"{SUMS}/SKILL.md": FRONT.format(name="sums") + "Later.\n"})
    for agent in (".claude", ".windsurf"):
        for file in sorted((skills.project / agent).rglob("*"), reverse=True):
            file.rmdir() if file.is_dir() else file.unlink()
    skills.done("sync")
    assert contents(skills.project) == before
    assert skills.done("sync") == "2 skills in the lock, 2 up to date already\n"


def test_the_lock_names_source_commit_files_and_scan(skills: Skills, repository: Repository) -> None:
    commit = repository.commit({"README.md": "# More\n"})
    skills.done("add", str(repository.bare), "sums", *ASKED)
    entry = lock_of(skills.project)["sums"]
    assert entry["commit"] == commit
    assert entry["source"] == {"kind": "repository", "location": "../skills.git", "ref": "", "path": ""}
    assert entry["path"] == SUMS
    assert entry["agents"] == ["claude-code"]
    assert list(entry["files"]) == ["SKILL.md"]  # type: ignore[call-overload]
    assert entry["scan"]["specification"]["status"] == "clean"  # type: ignore[index]


def test_a_marker_above_the_front_matter_is_named_and_repaired_on_request(
    skills: Skills, repository: Repository
) -> None:
    said = skills.done("add", str(repository.bare), "letters", *ASKED)
    assert "loadable with warnings" in said and "--repair moves it below" in said
    said = skills.done("add", str(repository.bare), "letters", *ASKED, "--repair")
    assert "strictly valid" in said and "repaired" in said
    text = (skills.project / ".claude/skills/letters/SKILL.md").read_text()
    assert text.startswith("---\nname: letters\n") and "---\n\n<!-- AUTO-GENERATED" in text
    assert lock_of(skills.project)["letters"]["original"]
    assert skills.done("verify") == "1 skill, 0 differences\n"
    assert skills.done("update") == "letters is up to date\n"


def test_a_branch_a_tag_and_a_commit_can_be_named(skills: Skills, repository: Repository) -> None:
    repository.tag("v1")
    first = lock_commit(skills, repository, "v1")
    repository.commit({f"{SUMS}/SKILL.md": FRONT.format(name="sums") + "Later.\n"})
    assert lock_commit(skills, repository, "v1") == first
    assert lock_commit(skills, repository, first) == first
    assert skills.done("update", "--yes") == ""
    assert lock_commit(skills, repository, "main") != first
    assert "no branch, tag or commit v9" in skills.refused("add", f"{repository.bare}@v9", "sums", *ASKED)


def lock_commit(skills: Skills, repository: Repository, ref: str) -> object:
    skills.done("add", f"{repository.bare}@{ref}", "sums", *ASKED)
    return lock_of(skills.project)["sums"]["commit"]


def test_from_a_folder_and_from_an_archive(skills: Skills, repository: Repository, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", str(repository.bare), "copy")
    skills.done("add", "../copy", "sums", *ASKED)
    assert lock_of(skills.project)["sums"]["source"]["location"] == "../copy"  # type: ignore[index]
    skills.done("remove", "sums", "--yes")
    with zipfile.ZipFile(tmp_path / "skills.zip", "w") as archive:
        archive.write(tmp_path / "copy" / SUMS / "SKILL.md", "skills-1.0/sums/SKILL.md")
    skills.done("add", "../skills.zip", *ASKED)
    assert contents(skills.project / ".claude/skills/sums") == repository.files(SUMS)
    assert lock_of(skills.project)["sums"]["archive"]


def test_several_skills_are_listed_rather_than_guessed(skills: Skills, repository: Repository) -> None:
    assert f"holds 2 skills ({SUMS}, {LETTERS})" in skills.refused("add", str(repository.bare), *ASKED)
    assert f"did you mean {LETTERS}?" in skills.refused("add", str(repository.bare), "leters", *ASKED)
    assert "installed letters" in skills.done("add", str(repository.bare), "plugins/office", *ASKED)


def test_agents_are_detected_and_never_invented(skills: Skills, repository: Repository) -> None:
    source = (str(repository.bare), "sums", "--yes")
    assert "no coding agent was found here" in skills.refused("add", *source)
    (skills.home / ".cursor").mkdir()
    assert "for Cursor in" in skills.done("add", *source)
    (skills.project / ".windsurf").mkdir()
    skills.done("remove", "sums")
    assert "for Windsurf in" in skills.done("add", *source)
    assert not (skills.project / ".claude").exists()
    assert "no agent is called 'vim'" in skills.refused("add", *source, "--agent", "vim")


def test_a_second_agent_joins_the_first_and_leaves_alone(skills: Skills, repository: Repository) -> None:
    skills.done("add", str(repository.bare), "sums", *ASKED)
    skills.done("add", str(repository.bare), "sums", "--agent", "codex", "--agent", "agents", "--yes")
    assert lock_of(skills.project)["sums"]["agents"] == ["claude-code", "codex", "agents"]
    skills.done("remove", "sums", "--agent", "codex")
    assert (skills.project / ".agents/skills/sums").is_dir(), "the shared folder is still somebody's"
    skills.done("remove", "sums", "--agent", "agents")
    assert not (skills.project / ".agents/skills/sums").exists()
    assert (skills.project / ".claude/skills/sums").is_dir()


def test_without_a_terminal_and_yes_nothing_is_installed(skills: Skills, repository: Repository) -> None:
    said = skills.refused("add", str(repository.bare), "sums", "--agent", "claude-code")
    assert "--yes goes on with what the policy lets through" in said
    assert not (skills.project / ".claude").exists() and not (skills.project / "skills.lock").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("answer", ["y", "n"])
def test_on_a_terminal_it_asks(answer: str, skills: Skills, repository: Repository) -> None:
    import pty

    child, terminal = pty.fork()
    if child == 0:
        sys.stdin, sys.stdout = os.fdopen(0), os.fdopen(1, "w")  # pytest has put its own in their place
        code = run(["skill", "add", str(repository.bare), "sums", "--agent", "claude-code"])
        sys.stdout.flush()
        os._exit(code)
    said = b""
    while b"Install sums for Claude Code? [y/N]: " not in said:
        said += os.read(terminal, 4096)
    assert b"reported clean" in said, "the panel comes before the question"
    assert not (skills.project / ".claude").exists()
    os.write(terminal, f"{answer}\n".encode())
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == (0 if answer == "y" else 1)
    os.close(terminal)
    assert (skills.project / ".claude/skills/sums").exists() == (answer == "y")


def test_verify_names_every_kind_of_difference(skills: Skills, repository: Repository) -> None:
    skills.done("add", str(repository.bare), "--all", *ASKED)
    letters = skills.project / ".claude/skills/letters"
    (letters / "SKILL.md").write_text("changed")
    (letters / "more.md").write_text("more")
    (letters / "assets/stamp.png").unlink()
    (letters / "scripts/post.sh").chmod(0o644)
    (skills.project / ".claude/skills/sums/SKILL.md").unlink()
    (skills.project / ".claude/skills/sums").rmdir()
    answer = skills("verify", "--output-format", "json")
    assert answer.code == 1
    assert [(each["skill"], each["change"], each["path"]) for each in json.loads(answer.out)] == [
        ("letters", "changed", "SKILL.md"),
        ("letters", "removed", "assets/stamp.png"),
        ("letters", "added", "more.md"),
        ("letters", "mode", "scripts/post.sh"),
        ("sums", "missing", ""),
    ]


def test_show_lists_without_installing(skills: Skills, repository: Repository) -> None:
    said = skills.done("show", str(repository.bare), "letters")
    assert "Helps with letters." in said and "category: office" in said and "references/GOTCHAS.md" in said
    assert "reported clean" in said
    assert list(skills.project.iterdir()) == [skills.project / "pyproject.toml"]
    data = json.loads(skills.done("show", str(repository.bare), "sums", "--output-format", "json"))
    assert data["form"] == "strictly valid" and data["files"] == {"SKILL.md": len(repository.files(SUMS)["SKILL.md"])}


def test_what_is_not_installed_is_named(skills: Skills, repository: Repository) -> None:
    skills.done("add", str(repository.bare), "sums", *ASKED)
    assert "sum is not installed: did you mean sums?" in skills.refused("remove", "sum")
    (skills.project / "skills.lock").write_text("{}}")
    assert "skills.lock: not a lock of skills" in skills.refused("list")


def test_a_skill_from_elsewhere_does_not_take_a_name_over(skills: Skills, repository: Repository) -> None:
    skills.done("add", str(repository.bare), "sums", *ASKED)
    other = skills.project / "vendored" / "sums"
    other.mkdir(parents=True)
    (other / "SKILL.md").write_text(FRONT.format(name="sums"))
    assert "sums is installed already, from ../skills.git" in skills.refused("add", "./vendored", *ASKED)


def test_policy(skills: Skills, repository: Repository) -> None:
    (skills.project / "pyproject.toml").write_text('[tool.archwise.skills]\nsources = ["github.com/acme/*"]\n')
    answer = skills("add", str(repository.bare), "sums", *ASKED)
    assert answer.code == 1 and "blocked: ../skills.git is none of the sources allowed" in answer.out
    assert not (skills.project / ".claude").exists()
    (skills.project / "pyproject.toml").write_text('[tool.archwise.skills]\nlicenses = ["MIT"]\nblock = "low"\n')
    answer = skills("add", str(repository.bare), "letters", *ASKED)
    assert "its licence is not stated; allowed: MIT" in answer.out
    assert "specification raised 1 alarm of severity low or worse" in answer.out
    (skills.project / "pyproject.toml").write_text('[tool.archwise.skills]\nblock = "low"\n')
    skills.done("add", str(repository.bare), "letters", *ASKED, "--accept", "specification")
    assert skills("audit").code == 0
    (skills.project / "pyproject.toml").write_text('[tool.archwise.skills]\nblocks = "low"\n')
    assert "unknown key `blocks`: did you mean `block`?" in skills.refused("list")


def test_a_scanner_that_there_is_not_cannot_be_accepted(skills: Skills, repository: Repository) -> None:
    assert "'secret' is not one of 'specification'" in skills.refused(
        "add", str(repository.bare), "letters", *ASKED, "--accept", "secret"
    )
