"""Whatever is wrong with the cache, a run goes on without it and says the same."""

import errno
import os
import random
import sys
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest
from project import BLOCKS, Project

from archwise.engine import read as reading
from archwise.findings import Report

FILES: dict[str, str | bytes] = {"a.py": BLOCKS, "b.py": "from a import handler\n", "bad.py": "print 'x'\n"}


@pytest.fixture
def kept(project: Project) -> Project:
    """A project with a cache."""
    project.write(FILES).check(cache=True)
    assert len(list(files(project))) == 3
    return project


def folder(project: Project) -> Path:
    return project.root / ".archwise_cache"


def files(project: Project) -> list[Path]:
    return sorted(path for path in folder(project).iterdir() if path.suffix in (".index", ".report", ".summaries"))


def without_report(project: Project) -> None:
    for path in folder(project).glob("*.report"):
        path.unlink()


def read_again(project: Project) -> tuple[Report, list[str]]:
    """The report, and the files that were read for it."""
    opened: list[str] = []

    def read(path: str) -> reading.Read:
        opened.append(Path(path).name)
        return reading.read(path)

    with patch("archwise.engine.workers.read", read):
        return project.check(cache=True), sorted(opened)


def truncated(content: bytes) -> bytes:
    return content[: len(content) // 2]


def noise(content: bytes) -> bytes:
    return random.Random(1).randbytes(len(content))


def one_bit(content: bytes) -> bytes:
    return content[:-9] + bytes([content[-9] ^ 16]) + content[-8:]


def empty(content: bytes) -> bytes:
    return b""


@pytest.mark.parametrize("damage", [truncated, noise, one_bit, empty])
@pytest.mark.parametrize("suffix", [".index", ".summaries", ".report"])
def test_damage(suffix: str, damage: Callable[[bytes], bytes], kept: Project) -> None:
    plain = kept.check()
    if suffix != ".report":
        without_report(kept)
    for path in files(kept):
        if path.suffix == suffix:
            path.write_bytes(damage(path.read_bytes()))
    assert kept.check(cache=True) == plain
    assert read_again(kept) == (plain, []), "the cache is whole again"


@pytest.mark.parametrize("suffix", [".index", ".summaries", ".report"])
def test_a_part_that_is_missing(suffix: str, kept: Project) -> None:
    without_report(kept)
    for path in files(kept):
        if path.suffix == suffix:
            path.unlink()
    assert kept.check(cache=True) == kept.check()


def test_only_what_has_changed_is_read_again(kept: Project) -> None:
    assert read_again(kept)[1] == []
    kept.write({"b.py": "from a import handler as h\n"})
    assert read_again(kept)[1] == ["b.py"]
    kept.write({"c.py": "x = 1\n"})
    assert read_again(kept)[1] == ["c.py"]
    (kept.root / "a.py").unlink()
    assert read_again(kept)[1] == []


def test_a_new_time_alone_is_no_change(kept: Project) -> None:
    for path in kept.root.glob("*.py"):
        os.utime(path, (1, 1))
    assert read_again(kept) == (kept.check(), [])


def test_another_version_is_not_read(kept: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archwise.check._version", lambda: "another")
    assert read_again(kept)[1] == ["a.py", "b.py", "bad.py"]


def test_another_installation_is_another_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from archwise.check import _version

    record = tmp_path / "archwise-0.1.0.dist-info" / "RECORD"
    record.parent.mkdir()
    record.write_text("archwise/check.py,sha256=one,1\n")
    monkeypatch.setattr("archwise.check.__file__", str(tmp_path / "archwise" / "check.py"))
    this = _version()
    record.write_text("archwise/check.py,sha256=two,1\n")
    assert _version() != this


def test_another_python_is_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    from archwise.check import _version

    this = _version()
    monkeypatch.setattr(sys, "version", "3.99")
    assert _version() != this


def test_the_cache_does_not_grow(kept: Project) -> None:
    for number in range(30):
        kept.write({"b.py": f"x{number} = 1\n"})
        kept.check(cache=True, select=("AW201",) if number % 2 else ("ALL",))
        stores = [path for path in files(kept) if path.suffix == ".summaries"]
        assert len(stores) <= 8 + 1
    assert len(files(kept)) - len(stores) <= 1 + 4
    assert not [path for path in folder(kept).iterdir() if path.name.startswith("tmp")]
    without_report(kept)
    assert read_again(kept) == (kept.check(), [])


def test_one_store_of_several_that_is_missing(kept: Project) -> None:
    earlier = {path for path in files(kept) if path.suffix == ".summaries"}
    kept.write({"b.py": "from a import handler as h\n"}).check(cache=True)
    (added,) = {path for path in files(kept) if path.suffix == ".summaries"} - earlier
    added.unlink()
    without_report(kept)
    assert read_again(kept) == (kept.check(), ["b.py"])
    without_report(kept)
    assert read_again(kept) == (kept.check(), []), "the cache is whole again"


def test_a_file_in_the_folders_place(project: Project) -> None:
    project.write({**FILES, ".archwise_cache": "no folder"})
    assert project.check(cache=True) == project.check()
    assert (project.root / ".archwise_cache").read_text() == "no folder"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS])
@pytest.mark.parametrize("call", ["os.fdopen", "tempfile.mkstemp", "pathlib.Path.replace", "pathlib.Path.mkdir"])
def test_a_disk_that_takes_nothing(call: str, number: int, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: object, **options: object) -> None:
        raise OSError(number, os.strerror(number))

    plain = project.write(FILES).check()
    monkeypatch.setattr(call, refuse)
    assert project.check(cache=True) == plain
    assert not folder(project).exists() or not list(folder(project).glob("tmp*"))


def test_a_disk_that_fills_up_halfway(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = project.write(FILES).check()
    real = os.fdopen

    class Full:
        def __init__(self, handle: int, mode: str) -> None:
            self.file = real(handle, mode)

        def __enter__(self) -> "Full":
            return self

        def __exit__(self, *error: object) -> None:
            self.file.close()

        def write(self, content: bytes) -> None:
            self.file.write(content[:10])
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fdopen", Full)
    assert project.check(cache=True) == plain
    assert sorted(path.name for path in folder(project).iterdir()) == [".gitignore", "CACHEDIR.TAG"]


def test_an_interrupt_leaves_no_litter(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pathlib.Path.replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        project.write(FILES).check(cache=True)
    assert not list(folder(project).glob("tmp*"))


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(project: Project) -> None:
    project.write(FILES)
    project.root.chmod(0o500)
    try:
        assert project.check(cache=True) == project.check()
    finally:
        project.root.chmod(0o700)


def test_a_user_without_a_home(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    project.write(FILES)
    (project.root / "pyproject.toml").unlink()
    monkeypatch.setattr(Path, "home", homeless)
    assert project.check(cache=True) == project.check()
    assert not folder(project).exists()


def test_outside_a_project_the_users_folder_keeps_the_cache(project: Project, tmp_path: Path) -> None:
    project.write(FILES)
    (project.root / "pyproject.toml").unlink()
    project.check(cache=True)
    assert not folder(project).exists()
    assert len(list((tmp_path / "caches" / "archwise").iterdir())) == 1


def test_a_folder_of_choice_is_marked_as_a_cache(project: Project, tmp_path: Path) -> None:
    chosen = tmp_path / "here" / "and there"
    project.write(FILES).check(cache=True, cache_dir=str(chosen))
    assert (chosen / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")
    assert (chosen / ".gitignore").read_text() == "*\n"
    assert not folder(project).exists()


def test_without_a_cache_nothing_is_written(project: Project) -> None:
    project.write(FILES).check()
    assert sorted(path.name for path in project.root.iterdir()) == [*FILES, "pyproject.toml"]


def test_several_runs_at_once(project: Project) -> None:
    project.write({f"m{number}.py": BLOCKS for number in range(40)})
    expected = len(project.check().findings)
    runs = [project.start("check", "--output-format", "concise") for _ in range(4)]
    for number in range(40):
        project.write({f"m{number}.py": BLOCKS + f"x = {number}\n"})
    for each in runs:
        out, err = each.communicate(timeout=60)
        assert (each.returncode, err) == (1, "")
        assert out.count(": AW201 ") == expected
    assert project.check(cache=True) == project.check()
    assert not list(folder(project).glob("tmp*"))
