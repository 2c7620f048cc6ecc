"""``archwise review``: where its text goes."""

import sys
from pathlib import Path

import pytest
from stand_in import Run

APPLICATION = """
from fastapi import FastAPI
app = FastAPI()
@app.get("/orders")
def orders() -> list[int]:
    return []
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "shop.py").write_text(APPLICATION, encoding="utf-8")
    return tmp_path


def test_a_pipe_gets_whole_lines_without_colour(project: Path, archwise: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    code, plain, _ = archwise("review", "-q", "--no-cache", str(project))
    assert code == 0
    assert "\x1b" not in plain
    assert max(map(len, plain.splitlines())) > 60
    assert "\x1b[1m" in archwise("review", "-q", "--no-cache", "--color", "always", str(project))[1]


def test_a_page_is_called_as_the_folder_that_is_reviewed(
    tmp_path: Path, archwise: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = tmp_path / "services" / "shop"
    shop.mkdir(parents=True)
    (shop / "main.py").write_text(APPLICATION, encoding="utf-8")
    (tmp_path / "elsewhere").mkdir()
    for folder, path in ((tmp_path, "services/shop"), (shop, "."), (tmp_path / "elsewhere", str(shop / "main.py"))):
        monkeypatch.chdir(folder)
        assert archwise("review", "-q", "--no-cache", path)[1].startswith("shop: ")
    (tmp_path / "services" / "pyproject.toml").touch()
    assert archwise("review", "-q", "--no-cache", str(shop))[1].startswith("services: ")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_a_terminal_gets_lines_that_fit(project: Path) -> None:
    from terminal import Terminal

    with Terminal("review", "-q", "--no-cache", folder=project) as terminal:
        code, shown = terminal.end()
    assert code == 0
    assert "Checklist" in shown
    assert max(map(len, shown.splitlines())) <= 120
