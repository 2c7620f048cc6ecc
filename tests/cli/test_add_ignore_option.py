"""``--add-ignore`` writes comments and leaves every other byte alone."""

import errno
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from stand_in import Engine, Run, finding

from archwise.cli.add_ignore import add_ignores


@pytest.mark.parametrize(
    ("before", "after", "places"),
    [
        (b"f()\n", b"f()  # archwise: ignore[AW201]\n", [1]),
        (b"f()", b"f()  # archwise: ignore[AW201]", [1]),
        (b"a\r\nf()  \r\n", b"a\r\nf()  # archwise: ignore[AW201]\r\n", [2]),
        (b"a\rf()\rb\r", b"a\rf()  # archwise: ignore[AW201]\rb\r", [2]),
        (b"\xef\xbb\xbff()\n", b"\xef\xbb\xbff()  # archwise: ignore[AW201]\n", [1]),
        (b"# coding: latin-1\nf('\xe9')\n", b"# coding: latin-1\nf('\xe9')  # archwise: ignore[AW201]\n", [2]),
        (b"f()  # noqa: E501\n", b"f()  # noqa: E501  # archwise: ignore[AW201]\n", [1]),
        (b"f()  # archwise: ignore[AW202]  why\n", b"f()  # archwise: ignore[AW202, AW201]  why\n", [1]),
        (b"f()  # archwise: ignore[aw201]\n", b"f()  # archwise: ignore[aw201]\n", [1]),
        (b"f('# archwise: ignore[X]')\n", b"f('# archwise: ignore[X]')  # archwise: ignore[AW201]\n", [1]),
        (b"\x0cf()\n", b"\x0cf()  # archwise: ignore[AW201]\n", [1]),
        (b"f(\n  1,\n)\n", b"f(  # archwise: ignore[AW201]\n  1,\n)\n", [1]),
        (b"f('''a\nb''')\n", b"f('''a\nb''')  # archwise: ignore[AW201]\n", [(1, 2)]),
        (b"f(f'''a\n{b}''')\n", b"f(f'''a\n{b}''')  # archwise: ignore[AW201]\n", [(1, 2)]),
        (b"x = \\\n  f()\n", b"x = \\\n  f()  # archwise: ignore[AW201]\n", [(1, 2)]),
        (b"f()\n\ng()\n", b"f()  # archwise: ignore[AW201]\n\ng()  # archwise: ignore[AW201]\n", [1, 3]),
    ],
)
def test_the_comment_goes_where_it_counts(before: bytes, after: bytes, places: list[Any], tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_bytes(before)
    spans = [place if isinstance(place, tuple) else (place, place) for place in places]
    added = add_ignores(tmp_path, [finding(line, 1, end_line=end) for line, end in spans])
    assert file.read_bytes() == after
    assert added.refused == ()
    assert added.lines == len(places)


@pytest.mark.parametrize(
    "content",
    [
        b"f('''a\nb''')\n",
        b"x = \\\n  f()\n",
        b"f(\n",
        b"f('\xff')\n",
        b"# coding: nonsense\nf()\n",
        b"f()\0\n",
        b"-" * 99_999 + b"f()\n",
        b"",
    ],
)
def test_what_cannot_bear_a_comment_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_bytes(content)
    found = finding(1, 1)
    added = add_ignores(tmp_path, [found])
    assert file.read_bytes() == content
    assert (added.lines, added.files, added.refused) == (0, 0, (found,))


def test_codes_of_one_line_share_a_comment(tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_text("f()\n")
    add_ignores(tmp_path, [finding(1, 1, rule="AW207"), finding(1, 1), finding(1, 1)])
    assert file.read_text() == "f()  # archwise: ignore[AW201, AW207]\n"


def test_the_option(engine: Engine, archwise: Run, tmp_path: Path) -> None:
    unused = finding(1, 1, rule="AW002", severity="warning")
    engine.report = replace(engine.report, findings=(unused, *engine.report.findings))
    assert archwise("check", "--add-ignore") == (0, "", "archwise: wrote 1 suppression in 1 file\n")
    assert (tmp_path / "app.py").read_text().splitlines()[4].endswith('example")  # archwise: ignore[AW201]')
    engine.report = replace(engine.report, findings=(finding(99, 1),))
    code, _, err = archwise("check", "--add-ignore")
    assert code == 1
    assert err.splitlines()[1] == "archwise: app.py:99: no comment can stand here for AW201"


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    file = tmp_path / "app.py"
    file.write_bytes(b"f()\n")
    monkeypatch.setattr(Path, "replace", full)
    found = finding(1, 1)
    added = add_ignores(tmp_path, [found])
    assert (file.read_bytes(), added.lines, added.refused) == (b"f()\n", 0, (found,))
    assert list(tmp_path.iterdir()) == [file]
