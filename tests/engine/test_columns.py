"""Columns count characters from one, whatever bytes a file writes them with."""

import codecs

import pytest
from project import Project

BODY = 'import time\n\n\nasync def f():\n    "éß𝄞"; time.sleep(1)\n'


@pytest.mark.parametrize(
    "content",
    [
        BODY.encode(),
        codecs.BOM_UTF8 + BODY.encode(),
        BODY.replace("\n", "\r\n").encode(),
        BODY.replace("\n", "\r").encode(),
        f"# coding: utf-8\n{BODY}".encode(),
        f"# coding: gb18030\n{BODY}".encode("gb18030"),
        f"# -*- coding: latin-1 -*-\n{BODY}".replace("𝄞", "ü").encode("latin-1"),
        f"# vim: set fileencoding=cp1252 :\n{BODY}".replace("𝄞", "€").encode("cp1252"),
        f"\f\n{BODY}".encode(),
        BODY.replace("ß", "\u2028").encode(),
        BODY.replace("ß", "\x0b").encode(),
        BODY.replace("é", "e\u0301").replace("ß", "").encode(),
    ],
)
def test_columns_count_characters(project: Project, content: bytes) -> None:
    project.write({"a.py": content})
    [found] = project.check().findings
    assert (found.column, found.trace[0].column) == (12, 12)
    assert found.line in (5, 6)


def test_a_byte_order_mark_is_no_column(project: Project) -> None:
    project.write({"a.py": codecs.BOM_UTF8 + "import asyncio; x = 'é'; asyncio.sleep(1)\n".encode()})
    found = project.check(select=("AW205",)).findings
    assert [each.column for each in found] == [26]


def test_a_line_of_a_million_characters(project: Project) -> None:
    project.write({"a.py": "import time\nasync def f():\n    x = '" + "é" * 1_000_000 + "'; time.sleep(1)\n"})
    [found] = project.check().findings
    assert found.column == 1_000_000 + 13


def test_a_file_that_is_gone_when_columns_are_counted(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write({"a.py": BODY})

    def vanish(stage: str, done: int, total: int) -> None:
        (project.root / "a.py").unlink(missing_ok=True)

    from archwise.check import check
    from archwise.settings import Settings

    report = check([project.root], Settings(root=project.root, cache=False), vanish)
    assert [(found.line, found.rule) for found in report.findings] == [(5, "AW201")]
