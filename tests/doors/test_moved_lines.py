"""No rule's verdict depends on which line code stands on: comments put into every project only move its findings."""

import ast
from pathlib import Path
from unittest.mock import patch

import msgspec
from test_doors import ALL

from archwise.check import check
from archwise.findings import Report
from archwise.settings import Settings


def with_comments(text: str) -> str:
    """A text with a comment and an empty line before each statement of the module but the first."""
    lines = text.splitlines(keepends=True)
    for node in reversed(ast.parse(text).body[1:]):
        decorators: list[ast.expr] = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
        lines[first - 1 : first - 1] = ["# more\n", "\n"]
    return "".join(lines)


def test_comments_move_findings_and_change_nothing_else(tmp_path: Path) -> None:
    def checked(cache: bool) -> Report:
        settings = Settings(select=("ALL",), severity="info", root=tmp_path, cache=cache)
        return msgspec.structs.replace(check([tmp_path], settings), seconds=0.0)

    (tmp_path / "pyproject.toml").touch()
    files: dict[Path, str] = {}
    for number, section in enumerate(ALL):
        section.write(tmp_path / f"project{number}")
        texts = {name: text for name, text in section.files.items() if name.endswith(".py") and text.isascii()}
        files |= {tmp_path / f"project{number}" / name: text for name, text in texts.items()}
    before = checked(cache=True)
    for path, text in files.items():
        path.write_text(with_comments(text))
    after = checked(cache=False)
    assert len(after.findings) == len(before.findings) > 50
    assert after.findings != before.findings
    with patch("archwise.judge.judge", side_effect=AssertionError("judged again")):
        assert checked(cache=True) == after
