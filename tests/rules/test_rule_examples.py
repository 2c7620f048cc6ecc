"""What a rule's page shows as wrong is reported, where it says so; what it shows instead is not."""

from pathlib import Path

import pytest

from archwise.check import check
from archwise.rules import RULES
from archwise.rules.rule import Rule
from archwise.settings import load

CHECKED = [rule for rule in RULES if not rule.code.startswith("AW0")]


def places_found(folder: Path, files: dict[str, str], rule: Rule) -> list[tuple[str, int]]:
    (folder / "pyproject.toml").write_text(rule.text.settings or "[tool.archwise]")
    for name, source in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(source)
    settings = load(folder).override(select=(rule.code,), severity="info", cache=False)
    return [(finding.path, finding.line) for finding in check([folder], settings).findings]


@pytest.mark.parametrize("rule", CHECKED, ids=lambda rule: rule.code)
def test_the_bad_example_is_reported(rule: Rule, tmp_path: Path) -> None:
    marked = [
        (name, number)
        for name, source in sorted(rule.text.bad.items())
        for number, line in enumerate(source.splitlines(), 1)
        if line.removesuffix(" #}").endswith(f"# {rule.code}")
    ]
    assert marked
    assert places_found(tmp_path, rule.text.bad, rule) == marked


@pytest.mark.parametrize("rule", CHECKED, ids=lambda rule: rule.code)
def test_the_good_example_is_silent(rule: Rule, tmp_path: Path) -> None:
    assert places_found(tmp_path, rule.text.good, rule) == []
