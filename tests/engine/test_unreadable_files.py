"""Each file that cannot be read is named in one line, with what to do; the rest is checked."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from unittest.mock import patch

import pytest
from project import BLOCKS, Project

from archwise.cli.main import run

PYTHON = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
posix = pytest.mark.skipif(sys.platform == "win32", reason="files of POSIX systems")

UNREADABLE: dict[str, tuple[bytes, int, str]] = {
    "statement of Python 2": (
        b"x = 1\nprint 'x'\n",
        2,
        f"{PYTHON} cannot parse it: Missing parentheses in call to 'print'. Did you mean print(...)?",
    ),
    "Latin-1 that does not say so": (
        b"x = 1\ny = 2\nz = '\xe9'\n",
        3,
        "is not UTF-8: save it as that, or declare its encoding",
    ),
    "Latin-1 that says UTF-8": (
        b"# coding: utf-8\n\n'\xe9'\n",
        3,
        "is not UTF-8: save it as that, or declare its encoding",
    ),
    "Latin-1 that says ASCII": (b"# coding: ascii\n'\xe9'\n", 2, "is not ASCII: declare its encoding as it is"),
    "unknown encoding": (b"# coding: klingon\n", 1, f"{PYTHON} cannot parse it: unknown encoding: klingon"),
    "UTF-16": ("x = 1\n".encode("utf-16"), 1, "is UTF-16, which Python does not read: save it as UTF-8"),
    "UTF-16 without a mark": ("x = 1\n".encode("utf-16-le"), 1, "holds null bytes, so it is not Python source"),
    "null bytes": (b"x = 1\n\0\0\n", 2, "holds null bytes, so it is not Python source"),
    "binary": (bytes(range(256)), 1, "holds null bytes, so it is not Python source"),
    "500 parentheses": (b"x = " + b"(" * 500 + b")" * 500, 1, f"{PYTHON} cannot parse it: too many nested parentheses"),
    "101 blocks": (
        b"".join(b" " * depth + b"if x:\n" for depth in range(101)) + b" " * 101 + b"pass\n",
        101,
        f"{PYTHON} cannot parse it: too many levels of indentation",
    ),
    "300,000 terms": (b"x = a" + b" + a" * 300_000, 1, f"nests too deeply for {PYTHON}"),
    "100,000 attributes": (b"x = a" + b".b" * 100_000, 1, f"nests too deeply for {PYTHON}"),
    "100,000 calls": (b"x = a" + b"()" * 100_000, 1, f"nests too deeply for {PYTHON}"),
    "50,000 elifs": (b"if a: pass\n" + b"elif a: pass\n" * 50_000, 1, f"nests too deeply for {PYTHON}"),
}

READABLE: dict[str, bytes] = {
    "empty": b"",
    "only comments": b"# one\n# two",
    "only a form feed": b"\f\n",
    "Latin-1 that says so": b"# coding: latin-1\nx = '\xe9'\n",
    "a byte order mark": b"\xef\xbb\xbfx = 1\n",
    "Windows line ends": b"def f():\r\n    return 1\r\n",
    "old Mac line ends": b"def f():\r    return 1\r",
    "form feeds": b"x = 1\n\f\ndef f():\n\f    return 1\n",
    "no end of the last line": b"x = 1",
    "warnings of the parser": b"x = '\\d'\ny = 1if x is 2else 3\nassert (x, 'y')\n",
}


def finding(name: str, line: int, reason: str) -> str:
    return f"{name}:{line}:1: AW001 [error] {reason}"


@pytest.mark.parametrize(("content", "line", "reason"), UNREADABLE.values(), ids=UNREADABLE)
def test_unreadable(
    content: bytes, line: int, reason: str, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.write({"bad.py": content, "good.py": BLOCKS})
    for option in ("--no-cache", "--workers=2", "--workers=1"):
        assert run(["check", str(project.root), "--output-format", "concise", option]) == 1
        out, err = capsys.readouterr()
        assert err == ""
        first, second, *_ = (text.rpartition("project/")[2] for text in out.splitlines())
        assert first == finding("bad.py", line, reason)
        assert second.startswith("good.py:5:5: AW201 ")
        assert out.endswith("in 2 files, 0.0 s.\n1 file could not be read (AW001).\n") or "in 2 files, " in out


@pytest.mark.parametrize("content", READABLE.values(), ids=READABLE)
def test_readable(content: bytes, project: Project) -> None:
    project.write({"good.py": content, "other.py": BLOCKS})
    assert project.places() == ["other.py:5:5: AW201"]


def test_nothing_readable_is_a_failure(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.write({"bad.py": b"\xff"})
    assert run(["check", str(project.root), "--no-cache", "-q"]) == 2
    assert capsys.readouterr().err == "archwise: none of the files could be read\n"


def test_an_unread_file_counts_in_the_totals(project: Project) -> None:
    project.write({"bad.py": b"x = 1\nprint 'x'\n", "good.py": BLOCKS})
    report = project.check()
    assert (report.files, report.lines) == (2, 7)
    assert [(unread.path, unread.line) for unread in report.unread] == [("bad.py", 2)]


def test_templates_of_code_are_information(project: Project) -> None:
    project.write(
        {
            "{{cookiecutter.slug}}/app.py": b"{%- if cookiecutter.redis %}\nimport redis\n{%- endif %}\n",
            "{{cookiecutter.slug}}/main.py": BLOCKS,
            "hooks/pre_gen.py": b"print 'x'\n",
        }
    )
    report = project.check()
    found = [(each.path, each.rule, each.severity) for each in report.findings]
    assert found == [
        ("hooks/pre_gen.py", "AW001", "error"),
        ("{{cookiecutter.slug}}/app.py", "AW001", "info"),
        ("{{cookiecutter.slug}}/main.py", "AW201", "error"),
    ]
    assert len(report.unread) == 2


def test_files_that_this_python_cannot_parse_have_one_cause(project: Project) -> None:
    project.write({"one.py": b"print 'x'\n", "two.py": b"exec 'x'\n", "three.py": b"\xff"})
    causes = {found.path: found.cause for found in project.check().findings}
    assert causes["one.py"] == causes["two.py"] != causes["three.py"]


# -- what a folder may hold


@posix
def test_links_pipes_and_folders_named_like_files(project: Project) -> None:
    project.write({"good.py": BLOCKS, "folder.py/inner.py": BLOCKS})
    root = project.root
    (root / "dangling.py").symlink_to("nowhere.py")
    (root / "loop.py").symlink_to("loop.py")
    (root / "here").symlink_to(".")
    (root / "up.py").symlink_to("..")
    os.mkfifo(root / "pipe.py")
    assert project.places() == [
        "dangling.py:1:1: AW001 cannot be read: No such file or directory",
        "folder.py/inner.py:5:5: AW201",
        "good.py:5:5: AW201",
        "loop.py:1:1: AW001 cannot be read: Too many levels of symbolic links",
        "pipe.py:1:1: AW001 cannot be read: it is not a regular file",
    ]


@posix
def test_a_pipe_is_not_quoted_either(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(project.root / "pipe.py")
    assert run(["check", str(project.root / "pipe.py"), "--no-cache"]) == 2
    assert "error[AW001]: pipe.py: cannot be read: it is not a regular file" in capsys.readouterr().out


@posix
def test_names_that_are_not_utf8(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        Path(os.fsdecode(os.fsencode(project.root) + b"/caf\xe9.py")).write_text(BLOCKS)
    except OSError:
        pytest.skip("the file system takes no such name")
    for _ in range(2):
        assert project.places(cache=True) == ["caf\\xe9.py:5:5: AW201"]
    for name in ("text", "json", "sarif", "github", "gitlab", "junit"):
        assert run(["check", str(project.root), "--output-format", name]) == 1
        assert "caf" in capsys.readouterr().out


def test_a_file_that_goes_before_it_is_read(project: Project) -> None:
    project.write({"gone.py": BLOCKS, "good.py": BLOCKS})
    from archwise import check

    def discover(*given: object, **options: object) -> list[Path]:
        (project.root / "gone.py").unlink(missing_ok=True)
        return [project.root / "gone.py", project.root / "good.py"]

    with patch.object(check, "discover_files", discover):
        for cache in (False, True, True):
            assert project.places(cache=cache) == [
                "gone.py:1:1: AW001 cannot be read: No such file or directory",
                "good.py:5:5: AW201",
            ]


@pytest.fixture
def locked(project: Project) -> Iterator[Path]:
    """A file that may not be read and a folder that may not be listed; simulated for those who may do everything."""
    project.write({"locked.py": BLOCKS, "good.py": BLOCKS, "closed/inner.py": BLOCKS})
    file, folder = project.root / "locked.py", project.root / "closed"
    file.chmod(0)
    folder.chmod(0)
    if not os.access(file, os.R_OK):
        yield file
    else:
        refusal = PermissionError(13, "Permission denied")
        real_read, real_scan = Path.read_bytes, os.scandir

        def read_bytes(self: Path) -> bytes:
            if self == file:
                raise refusal
            return real_read(self)

        def scandir(path: str) -> object:
            if str(path) == str(folder):
                raise PermissionError(13, "Permission denied", str(path))
            return real_scan(path)

        with patch.object(Path, "read_bytes", read_bytes), patch.object(os, "scandir", scandir):
            yield file
    folder.chmod(0o700)


@posix
def test_what_may_not_be_read(project: Project, locked: Path) -> None:
    places = project.places(cache=True)
    assert places[0].startswith("closed:1:1: AW001 cannot be read: ")
    assert places[1:] == ["good.py:5:5: AW201", "locked.py:1:1: AW001 cannot be read: Permission denied"]


# -- generated code: large, and in linear time

LINES = 50_000
LARGE = {
    "functions": "def f{0}(x): return f{1}(x)\n",
    "one table": None,
    "assignments to one name": "x = g(x)\n",
    "assignments to many names": "x{0} = g(x{1})\n",
    "branches that leave": "",
    "attributes of self": "",
    "comprehensions": "x{0} = [y for y in z]\n",
    "conditions": "if x: y = {0}\n",
    "imports": "from m{0} import n{0}\n",
    "async calls": "async def f{0}(): await f{1}(); time.sleep(1)\n\n\n\n\n",
}


def large(shape: str, lines: int) -> str:
    if shape == "one table":
        return "TABLE = {\n" + "".join(f"    'k{i}': ('v', {i}, None),\n" for i in range(lines)) + "}\n"
    if shape == "branches that leave":
        return "def f(x):\n" + "".join(f"    if x == {i}: return {i}\n" for i in range(lines))
    if shape == "attributes of self":
        return "class A:\n    def f(self):\n" + "".join(f"        self.a{i} = self.a{i // 2}.b\n" for i in range(lines))
    line = LARGE[shape]
    assert line
    return "import time\n" + "".join(line.format(i, i + 1) for i in range(lines // line.count("\n")))


@pytest.mark.parametrize("shape", LARGE)
def test_a_generated_file_of_50_000_lines(shape: str, project: Project) -> None:
    project.write({"small.py": large(shape, LINES // 10)})
    started = process_time()
    project.check()
    small = process_time() - started
    project.write({"small.py": "", "large.py": large(shape, LINES)})
    started = process_time()
    report = project.check(severity="error")
    took = process_time() - started
    assert not report.unread
    assert took < max(20 * small, 5), "ten times the lines take about ten times as long"
    assert took < 60
