"""Compares what `check` finds in `examples/storefront` with the marks at the ends of its lines."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2] / "examples" / "storefront"
MARK = re.compile(r"# (expect|info): (AW\d{3})$")
RULES = ("AW201", "AW202", "AW203", "AW204", "AW205", "AW206", "AW207", "AW208", "AW209")

Place = tuple[str, int, str]
"""Path, line, code."""


def marks(kind: str) -> set[Place]:
    return {
        (path.relative_to(ROOT).as_posix(), number, mark.group(2))
        for path in sorted(ROOT.rglob("*.py"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (mark := MARK.search(line)) and mark.group(1) == kind
    }


def test_every_rule_is_planted() -> None:
    assert {code for _, _, code in marks("expect")} == set(RULES)


def test_storefront() -> None:
    from archwise.check import check
    from archwise.settings import Settings

    report = check([ROOT / "src"], Settings(select=RULES, severity="info", root=ROOT, cache=False))
    found = {(finding.path, finding.line, finding.rule): finding.severity for finding in report.findings}
    assert not report.unread
    assert sorted(set(found) - marks("expect") - marks("info")) == []
    assert sorted((marks("expect") | marks("info")) - set(found)) == []
    assert {place for place in marks("info") if found[place] != "info"} == set()
