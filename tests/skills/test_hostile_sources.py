"""A source that means harm: it is refused with one line, nothing of it runs, and nothing is written."""

import io
import json
import os
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest
from marketplace import FRONT, LETTERS, SUMS, Repository, Skills, git

from archwise.skills import archive, folder

ASKED = ("--agent", "claude-code", "--yes")
MANIFEST = FRONT.format(name="sums")


@pytest.fixture
def sums(skills: Skills) -> Path:
    """A skill in a folder beside the project."""
    folder = skills.project.parent / "sums"
    folder.mkdir()
    (folder / "SKILL.md").write_text(MANIFEST)
    return folder


def untouched(skills: Skills) -> bool:
    return [each.name for each in skills.project.iterdir()] == ["pyproject.toml"] and not list(skills.home.iterdir())


def refused(skills: Skills, source: str, *path: str) -> str:
    said = skills.refused("add", source, *path, *ASKED)
    assert untouched(skills)
    return said


def zipped(folder: Path, members: dict[str, bytes], mode: int = 0o100644) -> str:
    with zipfile.ZipFile(folder / "evil.zip", "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("sums/SKILL.md", MANIFEST)
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            made.writestr(info, data, zipfile.ZIP_DEFLATED)
    return str(folder / "evil.zip")


def tarred(folder: Path, member: tarfile.TarInfo) -> str:
    with tarfile.open(folder / "evil.tar.gz", "w:gz") as made:
        manifest = tarfile.TarInfo("sums/SKILL.md")
        manifest.size = len(MANIFEST)
        made.addfile(manifest, io.BytesIO(MANIFEST.encode()))
        made.addfile(member)
    return str(folder / "evil.tar.gz")


@pytest.mark.parametrize("name", ["sums/../../../evil", "sums//evil", "sums/a\\..\\..\\evil", "sums/.git/hooks/x",
                                  "sums/C:evil", "sums/a\x1b]0;title\x07.md", "sums/\u202egpj.md", "sums/CON.md",
                                  "sums/aux", "sums/dot.", "sums/" + "x" * 250, "sums/" + "d/" * 20 + "x"])  # fmt: skip
def test_paths_that_no_system_should_write(skills: Skills, tmp_path: Path, name: str) -> None:
    said = refused(skills, zipped(tmp_path, {name: b"evil"}), "sums")
    assert "\x1b" not in said and "\u202e" not in said
    assert not list(tmp_path.rglob("*evil"))


def test_a_path_that_leaves_the_folder_in_git(skills: Skills, repository: Repository) -> None:
    blob = repository.blob(b"evil")
    manifest = repository.blob(MANIFEST.encode())
    up = repository.tree({"evil": ("100644", blob)})
    inner = repository.tree({"..": ("40000", up), "SKILL.md": ("100644", manifest)})
    repository.commit_tree(repository.tree({"sums": ("40000", inner)}))
    assert "may not be absolute, empty, or hold `.` or `..`" in refused(skills, str(repository.bare), "sums")


def test_links_that_lead_out_of_the_folder(skills: Skills, repository: Repository, sums: Path, tmp_path: Path) -> None:
    (sums / "secret").symlink_to("/etc/passwd")
    assert "secret is a link to /etc/passwd, which is no file of the skill" in refused(skills, str(sums))
    repository.index("120000", f"{SUMS}/secret", b"../../../../../.ssh/id_rsa")
    repository.commit_index()
    assert "is a link to ../../../../../.ssh/id_rsa" in refused(skills, str(repository.bare), "sums")
    assert "is a link to" in refused(skills, zipped(tmp_path, {"sums/x": b"../../x"}, stat.S_IFLNK | 0o777), "sums")
    link = tarfile.TarInfo("sums/x")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    assert "is a link to /etc/passwd" in refused(skills, tarred(tmp_path, link), "sums")


def test_a_link_inside_the_folder_arrives_as_the_file(skills: Skills, sums: Path) -> None:
    (sums / "AGENTS.md").symlink_to("SKILL.md")
    skills.done("add", str(sums), *ASKED)
    copy = skills.project / ".claude/skills/sums/AGENTS.md"
    assert not copy.is_symlink() and copy.read_text() == MANIFEST


def test_devices_and_pipes(skills: Skills, sums: Path, tmp_path: Path) -> None:
    os.mkfifo(sums / "pipe")
    assert "pipe is no file: devices, sockets and pipes are not taken" in refused(skills, str(sums))
    device = tarfile.TarInfo("sums/disk")
    device.type, device.devmajor, device.devminor = tarfile.BLKTYPE, 8, 0
    assert "disk is no file" in refused(skills, tarred(tmp_path, device), "sums")


@pytest.mark.parametrize(
    "pair", [("a.md", "A.md"), ("\u00e9.md", "e\u0301.md"), ("a", "A/b"), ("b/x", "B/y"), ("\ufb01", "fi")]
)
def test_names_that_are_one_file_elsewhere(skills: Skills, repository: Repository, pair: tuple[str, str]) -> None:
    for name in pair:
        repository.index("100644", f"{SUMS}/{name}", b"text")
    repository.commit_index()
    assert "on some systems" in refused(skills, str(repository.bare), "sums")


def test_bombs(skills: Skills, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = zipped(tmp_path, {"sums/zeros": bytes(10_000_001)})
    assert Path(bomb).stat().st_size < 20_000
    assert "zeros unpacks to more than 10,000,000 bytes" in refused(skills, bomb, "sums")
    monkeypatch.setattr(archive, "_MOST_UNPACKED", 1_000_000)
    many = zipped(tmp_path, {f"sums/{number}": bytes(100_000) for number in range(11)})
    assert "may unpack to 1,000,000 bytes" in refused(skills, many, "sums")
    header = tarfile.TarInfo("sums/x")
    header.pax_headers = {"comment": "0" * 2_000_000}
    assert "unpacks to more than 1,000,000 bytes" in refused(skills, tarred(tmp_path, header), "sums")


def test_archives_that_nobody_can_read(skills: Skills, tmp_path: Path) -> None:
    for name in ("broken.zip", "broken.tar.gz", "broken.tar.xz"):
        (tmp_path / name).write_bytes(b"\xfd7zXZ\0 nonsense" if name.endswith("xz") else b"nonsense")
        assert "not an archive that can be read" in refused(skills, str(tmp_path / name))


def test_a_million_files(skills: Skills, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trees that hold one another: ten levels of ten make ten thousand million files of one object."""
    tree = repository.tree({str(number): ("100644", repository.blob(b"x")) for number in range(10)})
    for _ in range(9):
        tree = repository.tree({str(number): ("40000", tree) for number in range(10)})
    repository.commit_tree(tree)
    assert repository.size() < 1_000_000
    assert "stopped after" in refused(skills, str(repository.bare))


def test_too_many_files(skills: Skills, sums: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(2_000):
        (sums / str(number)).touch()
    assert "has 2,001 files; a skill may have 2,000" in refused(skills, str(sums))
    monkeypatch.setattr(folder, "MOST_ENTRIES", 1_000)
    assert "more than 1,000 files" in refused(skills, str(sums))


def test_huge_files(skills: Skills, repository: Repository, sums: Path) -> None:
    with (sums / "sparse").open("wb") as file:
        file.truncate(10_000_000_000)
    assert "sparse has 10,000,000,000 bytes" in refused(skills, str(sums))
    repository.commit({f"{SUMS}/big": bytes(10_000_001)})
    assert "big has 10,000,001 bytes" in refused(skills, str(repository.bare), "sums")
    assert "for Claude Code" in skills.done("add", str(repository.bare), LETTERS, *ASKED), "others can still be had"


def test_hooks_and_settings_of_a_repository_do_not_run(skills: Skills, repository: Repository) -> None:
    trace = repository.bare.parent / "ran"
    script = f"#!/bin/sh\ntouch {trace}\n"
    for hook in ("post-checkout", "post-merge", "pre-receive", "fsmonitor-watchman", "reference-transaction"):
        file = repository.bare / "hooks" / hook
        file.parent.mkdir(exist_ok=True)
        file.write_text(script)
        file.chmod(0o755)
    git(repository.bare, "config", "uploadpack.packObjectsHook", str(repository.bare / "hooks/post-checkout"))
    git(repository.bare, "config", "core.fsmonitor", str(repository.bare / "hooks/fsmonitor-watchman"))
    skills.done("add", str(repository.bare), "sums", *ASKED)
    assert not trace.exists()


def test_submodules(skills: Skills, repository: Repository) -> None:
    repository.commit({".gitmodules": '[submodule "x"]\n\tpath = x\n\turl = ext::sh -c touch% ran\n'})
    repository.link_module(f"{SUMS}/vendored")
    assert "vendored is a Git submodule" in refused(skills, str(repository.bare), "sums")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("file:///srv/skills.git", "file: URLs are not fetched from: give the path itself"),
        ("ext::sh -c touch% ran", "`ext::` would run a program"),
        ("fd::17/x", "`fd::` would run a program"),
        ("http://example.org/skills.git", "http: URLs are not fetched from"),
        ("git://example.org/skills.git", "git: URLs are not fetched from"),
        ("https://user:secret@example.org/skills.git", "a URL may not hold a user or password"),
        ("https://token@example.org/skills.git", "a URL may not hold a user or password"),
        ("ssh://git:secret@example.org/skills.git", "a URL may not hold a user or password"),
        ("ssh://-oProxyCommand=touch/x", "not the URL of a repository"),
        ("https://example.org/a/../b", "not the URL of a repository"),
        ("owner/repo@--upload-pack=touch", "is no branch, tag or commit"),
        ("owner/repo@main:refs/heads/x", "is no branch, tag or commit"),
        ("owner/repo\x1b[2J", "names no source"),
    ],
)
def test_transports_and_passwords(skills: Skills, source: str, said: str) -> None:
    line = refused(skills, source)
    assert said in line and "secret" not in line and "token" not in line and "\x1b" not in line


def test_a_lock_is_somebody_s_file_too(skills: Skills, repository: Repository) -> None:
    skills.done("add", str(repository.bare), "sums", *ASKED)
    good = json.loads((skills.project / "skills.lock").read_text())
    for entry in (
        {"source": {"kind": "git", "location": "ext::sh -c touch% ran"}},
        {"source": {"kind": "git", "location": "--upload-pack=touch ran"}},
        {"source": {"kind": "repository", "location": "../skills.git", "ref": "--upload-pack=touch ran"}},
        {"commit": "--upload-pack=touch ran"},
        {"name": "../../evil"},
    ):
        bad = json.loads(json.dumps(good))
        bad["skills"]["sums"] |= entry
        bad["skills"]["sums"]["digest"] = "0" * 64
        (skills.project / "skills.lock").write_text(json.dumps(bad))
        skills.refused("sync", "--force")
    assert not list(skills.project.parent.rglob("ran"))


def test_escapes_in_texts_do_not_reach_the_terminal(skills: Skills, sums: Path) -> None:
    evil = 'name: sums\ndescription: "\\e[2Jgone\\u202Eevil"\nlicense: "\\e]0;x\\a"'
    (sums / "SKILL.md").write_text(f"---\n{evil}\n---\n\n\x1b[2J\n")
    for said in (skills.done("add", str(sums), *ASKED), skills.done("show", "sums"), skills.done("list")):
        assert "\x1b" not in said and "\u202e" not in said
    (sums / "SKILL.md").write_text(f"---\n{evil}\n---\n\n\x1b[3J changed\n")
    assert "\x1b" not in skills.done("update", "--yes")


def test_what_was_scanned_is_what_is_installed(skills: Skills, sums: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from archwise.cli.skill.desk import Desk

    def agree(*_: object, **__: object) -> bool:
        (sums / "SKILL.md").write_text(MANIFEST + "Now do something else.\n")
        (sums / "evil.sh").write_text("rm -rf ~\n")
        return True

    monkeypatch.setattr(Desk, "agree", agree)
    skills.done("add", str(sums), *ASKED)
    installed = skills.project / ".claude/skills/sums"
    assert [file.name for file in installed.iterdir()] == ["SKILL.md"]
    assert (installed / "SKILL.md").read_text() == MANIFEST
