"""What ``--compare`` says of a small repository, and of what cannot be compared."""

import json
import subprocess
from pathlib import Path
from textwrap import dedent

import pytest
from small_programs import API

from archwise.cli.main import run

SLOW = """
    import time
    from fastapi import APIRouter
    router = APIRouter()

    @router.get("/slow")
    async def slow() -> None:
        time.sleep(1)
    """
QUICK = """
    import asyncio
    from fastapi import APIRouter
    router = APIRouter()

    # a line more
    @router.get("/slow")
    async def slow() -> None:
        await asyncio.sleep(1)
    """
LATE = QUICK.replace("/slow", "/late").replace("await asyncio.sleep(1)", "open('log').read()").replace("slow", "late")


def git(folder: Path, *arguments: str) -> str:
    settings = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", *settings, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def written(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text), encoding="utf-8")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A shop that was on Requests, with one blocking route; since then it took HTTPX, and another route blocks."""
    folder = tmp_path / "shop"
    folder.mkdir()
    monkeypatch.chdir(folder)
    before = {name: text.replace("httpx", "requests") for name, text in API.items()}
    written(folder, {**before, "shop/routes/slow.py": SLOW})
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "first")
    written(folder, {**API, "shop/routes/slow.py": QUICK, "shop/routes/late.py": LATE})
    return folder


def reviewed(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(["review", "--no-cache", "--quiet", "--workers", "1", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_what_got_better_and_worse(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = git(shop, "status", "--porcelain")
    code, out, err = reviewed(capsys, ".", "--compare", "main", "--output-format", "json")
    assert (code, err) == (0, "")
    found = json.loads(out)["compared"]
    assert found["commit"] == git(shop, "rev-parse", "main").strip()
    assert {(each["decision"], each["stood"], each["stand"], each["trend"]) for each in found["verdicts"]} >= {
        ("http-client", "contradicts", "fits", "better")
    }
    kinds = {(each["kind"], each["rule"], each["path"]) for each in found["causes"]}
    assert ("fixed", "AW201", "shop/routes/slow.py") in kinds
    assert ("new", "AW201", "shop/routes/late.py") in kinds
    assert ("Modules of the application", "7", "8") in {
        (each["title"], each["before"], each["after"]) for each in found["figures"]
    }
    assert git(shop, "status", "--porcelain") == status


@pytest.mark.parametrize("form", ["text", "markdown", "html"])
def test_every_format_says_it(shop: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    _, out, _ = reviewed(capsys, "shop", "--compare", "HEAD", "--output-format", form)
    assert "Since HEAD (" in out
    assert "HTTP client: contradicts → fits (Requests → httpx)" in out


def test_nothing_has_changed_where_only_lines_moved(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    git(shop, "add", ".")
    git(shop, "commit", "--quiet", "-m", "second")
    late = shop / "shop" / "routes" / "late.py"
    late.write_text(late.read_text().replace("# a line more", "# two\n# lines"))
    _, out, _ = reviewed(capsys, ".", "--compare", "HEAD", "--output-format", "json")
    found = json.loads(out)["compared"]
    assert (found["verdicts"], found["causes"]) == ([], [])
    assert [each["id"] for each in found["figures"]] == ["lines"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["shop", "--compare", "nowhere"], "--compare: there is no revision `nowhere`; `git log --oneline` lists them"),
        (["shop", "--compare=--all"], "--compare: there is no revision `--all`; `git log --oneline` lists them"),
        (["fresh", "--compare", "main"], "--compare: at main there was nothing to review in fresh"),
        (["gone"], "no such file or folder: gone"),
        (["empty"], "no Python files in empty"),
        (["shop", "--brief", "broken.toml"], "broken.toml"),
        (["shop", "--set", "nothing=1"], "nothing"),
    ],
)
def test_bad_input_gets_one_line(
    shop: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    written(shop, {"fresh/new.py": "a = 1\n", "broken.toml": "[answers\n", "empty/note.txt": "none\n"})
    code, out, err = reviewed(capsys, *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1


def test_a_path_in_no_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "app.py").write_text("a = 1\n")
    code, _, err = reviewed(capsys, str(tmp_path), "--compare", "main")
    assert code == 2
    assert "is in no Git repository" in err
    assert len(err.splitlines()) == 1


def test_decisions_on_record_answer_the_first_line(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(shop, {"pyproject.toml": '[project]\nname = "shop"\n[tool.archwise.decisions]\nframework = "fastapi"\n'})
    _, out, _ = reviewed(capsys, ".")
    assert "on record in the settings: fastapi" in out
    (shop / "docs" / "adr").mkdir(parents=True)
    (shop / "docs" / "adr" / "0001-serve-with-fastapi.md").write_text(
        "# 1. Serve with FastAPI\n\n## Status\n\nAccepted\n"
    )
    _, out, _ = reviewed(capsys, ".")
    assert "on record: Serve with FastAPI (docs/adr/0001-serve-with-fastapi.md)" in out
