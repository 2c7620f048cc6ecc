"""What a rule's page shows as wrong is reported, where it says so; what it shows instead is not."""

from pathlib import Path

import pytest

from archwise.check import check
from archwise.rules import RULES
from archwise.rules.rule import Rule
from archwise.settings import Settings

CHECKED = [rule for rule in RULES if not rule.code.startswith("AW0")]


def lines_found(folder: Path, source: str, rule: Rule) -> list[int]:
    (folder / "example.py").write_text(source)
    settings = Settings(select=(rule.code,), severity="info", root=folder, cache=False)
    return [finding.line for finding in check([folder], settings).findings]


@pytest.mark.parametrize("rule", CHECKED, ids=lambda rule: rule.code)
def test_the_bad_example_is_reported(rule: Rule, tmp_path: Path) -> None:
    marked = [number for number, line in enumerate(rule.bad.splitlines(), 1) if line.endswith(f"# {rule.code}")]
    assert marked
    assert lines_found(tmp_path, rule.bad, rule) == marked


@pytest.mark.parametrize("rule", CHECKED, ids=lambda rule: rule.code)
def test_the_good_example_is_silent(rule: Rule, tmp_path: Path) -> None:
    assert lines_found(tmp_path, rule.good, rule) == []
