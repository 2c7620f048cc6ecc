"""Every rule is a finished product: named, explained, with an example that breaks it and one that does not."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from archwise import rules
from archwise.rules import RULES, by_selector
from archwise.rules.rule import HEADINGS, Rule, RuleError, Text
from archwise.rules.selection import UnknownSelectorError, chosen, ignored_in

MAX_LINES = 25
each_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)


def test_the_index_lists_every_module_in_the_order_of_codes() -> None:
    folder = Path(rules.__file__).parent
    files = {path for path in folder.glob("*/*.py") if path.name != "__init__.py"}
    codes = [rule.code for rule in RULES]
    modules = rules.modules(codes)
    assert {Path(module.__file__ or "") for module in modules} == files
    assert tuple(module.RULE for module in modules) == RULES
    assert codes == sorted(set(codes))
    assert len({rule.name for rule in RULES}) == len(RULES)


@each_rule
def test_a_module_is_named_like_its_rule(rule: Rule) -> None:
    assert rule.module.rpartition(".")[2] == rule.name.replace("-", "_")


@each_rule
def test_identity(rule: Rule) -> None:
    assert re.fullmatch(r"AW\d{3}", rule.code)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", rule.name)
    assert re.fullmatch(r"\d+\.\d+\.\d+", rule.since)
    assert all(re.fullmatch(r"G\d+\.\d+", claim) for claim in rule.claims)
    assert rule.claims or rule.code.startswith("AW0"), "a rule enforces a claim of the guide"
    assert not rule.advice or not rule.default


@each_rule
def test_every_section_says_something(rule: Rule) -> None:
    assert rule.text.summary.endswith(".")
    assert "\n\n" not in rule.text.summary
    for heading, field in HEADINGS.items():
        assert len(getattr(rule.text, field)) > 40, heading
    assert re.match(r"(Finds|Reports) ", rule.text.what)
    assert all(line.startswith("- [") for line in rule.text.references.splitlines())


@each_rule
def test_examples_are_small_whole_projects(rule: Rule) -> None:
    for files in (rule.text.bad, rule.text.good):
        assert 0 < sum(len(source.splitlines()) for source in files.values()) <= MAX_LINES
        assert any(re.search(r"^(import|from) ", source, re.MULTILINE) for source in files.values())
        if rule.code != "AW001":
            assert all(ast.parse(source) for name, source in files.items() if name.endswith(".py"))
    marked = [
        line
        for source in rule.text.bad.values()
        for line in source.splitlines()
        if line.removesuffix(" #}").endswith(f"# {rule.code}")
    ]
    assert marked, "the bad line is marked"
    assert not any("# AW" in source for source in rule.text.good.values())


def test_the_unreadable_example_is_unreadable() -> None:
    [rule] = by_selector("AW001")
    with pytest.raises(SyntaxError) as caught:
        ast.parse(rule.text.bad["example.py"])
    assert rule.text.bad["example.py"].splitlines()[(caught.value.lineno or 0) - 1].endswith("# AW001")
    ast.parse(rule.text.good["example.py"])


@each_rule
def test_a_page_holds_all_of_it(rule: Rule) -> None:
    page = rule.markdown()
    assert page.startswith(f"# {rule.name} ({rule.code})\n\n{rule.text.summary}\n\n*Severity: {rule.severity}")
    pages = sum(name.endswith(".html") for name in (*rule.text.bad, *rule.text.good))
    assert page.count("```") == 4 + 2 * pages + (2 if rule.text.settings else 0)
    assert [line[3:] for line in page.splitlines() if line.startswith("## ")] == list(HEADINGS)


def test_a_docstring_of_another_form_is_refused() -> None:
    doc = "Something.\n\n## What it does\nFinds it.\n"
    with pytest.raises(RuleError, match=r"AW999: the docstring's sections are \['What it does'\], not"):
        Text.of(doc, "AW999")


def test_rules_work_without_docstrings() -> None:
    text = Text.of(None, "AW999")
    assert text.what == ""
    assert text.bad == {"example.py": ""}


def test_the_tool_starts_where_docstrings_are_dropped() -> None:
    program = "from archwise.rules import RULES; print(len(RULES))"
    done = subprocess.run([sys.executable, "-OO", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == f"{len(RULES)}\n"


def codes(*selectors: str) -> list[str]:
    return [rule.code for selector in selectors for rule in by_selector(selector)]


def test_selectors() -> None:
    assert codes("AW201") == codes("blocking-call-on-event-loop") == ["AW201"]
    assert codes("AW0") == ["AW001", "AW002"]
    assert codes("ALL") == codes("AW") == [rule.code for rule in RULES]


@pytest.mark.parametrize(
    ("selector", "said"),
    [
        ("AW211", "unknown rule `AW211`: did you mean `AW201`?"),
        (
            "blocking-calls-on-loop",
            "unknown rule `blocking-calls-on-loop`: did you mean `blocking-call-on-event-loop`?",
        ),
        ("all", "unknown rule `all`: did you mean `ALL`?"),
        ("D413", "unknown rule `D413`; `archwise rules` lists them"),
        ("A", "unknown rule `A`; `archwise rules` lists them"),
        ("", "unknown rule ``; `archwise rules` lists them"),
    ],
)
def test_an_unknown_selector_names_the_nearest(selector: str, said: str) -> None:
    with pytest.raises(UnknownSelectorError) as caught:
        by_selector(selector)
    assert str(caught.value) == said


def test_the_more_specific_selector_wins() -> None:
    default = chosen(RULES)
    assert "AW201" in default
    assert "AW208" not in default
    assert "AW208" in chosen(RULES, extend_select=["AW208"])
    assert chosen(RULES, select=["AW2"], ignore=["AW201"]) == set(codes("AW2")) - {"AW201"}
    assert chosen(RULES, select=["AW201"], ignore=["AW2"]) == {"AW201"}
    assert chosen(RULES, select=["AW201"], ignore=["blocking-call-on-event-loop"]) == set()
    assert chosen(RULES, ignore=["ALL"]) == set()


def test_rules_ignored_in_a_file() -> None:
    ignores = {"tests/*": ("AW2",), "cli.py": ("AW201",)}
    assert ignored_in("tests/api/test_a.py", ignores, RULES) == set(codes("AW2"))
    assert ignored_in("src/app/cli.py", ignores, RULES) == {"AW201"}
    assert ignored_in("src/tests.py", ignores, RULES) == set()
