"""A home, a project and a repository of skills, all made for one test."""

import os
from pathlib import Path

import pytest
from marketplace import FRONT, LETTERS, MARKER, SUMS, Repository, Skills

from archwise.skills import panel


@pytest.fixture
def skills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Skills:
    project, home = tmp_path / "project", tmp_path / "home"
    for folder in (project, home):
        folder.mkdir()
    (project / "pyproject.toml").write_text("")
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "CLAUDE_CONFIG_DIR", "CODEX_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(
        panel, "SCANNERS", ("specification",)
    )  # the others have tests of their own, and take their time
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(project)
    return Skills(project, home, capsys)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Two skills, laid out as in a marketplace; one with references, a script, a picture and an exporter's marker."""
    found = Repository(tmp_path)
    found.commit(
        {
            f"{SUMS}/SKILL.md": FRONT.format(name="sums"),
            f"{LETTERS}/SKILL.md": MARKER + FRONT.format(name="letters"),
            f"{LETTERS}/references/GOTCHAS.md": "# Gotchas\r\n\r\nNone.\r\n",
            f"{LETTERS}/scripts/post.sh": "echo post\n",
            f"{LETTERS}/assets/stamp.png": b"\x89PNG\r\n\x1a\n\0\xff\xfe",
            "README.md": "# Skills\n",
        }
    )
    return found
