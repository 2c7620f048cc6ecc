"""Names that Windows takes for something else, whatever system the skill is installed on."""

from pathlib import PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archwise.skills.errors import RefusedError
from archwise.skills.paths import check_path

ROOT = PureWindowsPath("C:/skills/sums")


@pytest.mark.parametrize(
    "path",
    ["CON", "con.md", "Nul.tar.gz", "aux .txt", "scripts/COM1", "LPT9.log", "com¹", "CONIN$", "prn.", "AUX/x.md"],
)
def test_devices(path: str) -> None:
    with pytest.raises(RefusedError):
        check_path(path)


@pytest.mark.parametrize(
    "path", ["C:", "C:x", "c:/x", "a/C:x", "\\\\server\\share\\x", "\\x", "a\\b", "..\\x", "x:stream", "//x"]
)
def test_drives_shares_streams_and_backslashes(path: str) -> None:
    with pytest.raises(RefusedError):
        check_path(path)


@pytest.mark.parametrize("path", ["x.", "x ", "x. .", "a./b", "a /b", "... ", " x", ".", "..", "a/../b", ""])
def test_what_windows_cuts_off_or_walks_up(path: str) -> None:
    with pytest.raises(RefusedError):
        check_path(path)


@pytest.mark.parametrize(
    "path", ["SKILL.md", "scripts/console.py", "com.md", "comm1", "null.txt", ".hidden", "a.b.c/d", "COM10", "größe.md"]
)
def test_what_only_looks_like_it(path: str) -> None:
    assert check_path(path) == path


@given(st.text(alphabet="aCoOnN1:.\\/ \u00b9$~", max_size=14))
def test_a_path_that_is_taken_stays_below_its_folder(path: str) -> None:
    try:
        check_path(path)
    except RefusedError:
        return
    there = ROOT / path
    assert there.is_relative_to(ROOT) and there != ROOT and ".." not in there.parts
    assert there.drive == ROOT.drive and not PureWindowsPath(path).is_absolute()
    assert there.relative_to(ROOT).as_posix() == path
    assert not any(part != part.rstrip(" .") for part in there.parts[1:])
