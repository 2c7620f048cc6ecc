"""Settings: where they come from, and what is said when they are wrong."""

import re
from pathlib import Path

import pytest

from archwise.settings import DEFAULT_EXCLUDE, Settings, SettingsError, load


def test_every_setting_is_read(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        """
[tool.archwise]
select = ["AW2", "unused-suppression"]
ignore = ["AW209"]
extend-select = ["AW208"]
exclude = ["build"]
extend-exclude = ["vendored/*"]
respect-gitignore = false
severity = "info"
baseline = "baseline.json"
cache = false
cache-dir = ".cache"
workers = 2

[tool.archwise.per-file-ignores]
"tests/*" = ["AW2"]

[tool.archwise.layers]
routes = ["shop.routes"]
services = ["shop.services", "shop.*.service"]

[tool.archwise.features]
orders = ["shop.orders"]
billing = ["shop.billing"]

[[tool.archwise.knowledge.function]]
names = ["shop.slow"]
blocks = "network"
"""
    )
    assert load(tmp_path) == Settings(
        select=("AW2", "unused-suppression"),
        ignore=("AW209",),
        extend_select=("AW208",),
        exclude=("build",),
        extend_exclude=("vendored/*",),
        respect_gitignore=False,
        severity="info",
        baseline="baseline.json",
        cache=False,
        cache_dir=".cache",
        workers=2,
        per_file_ignores={"tests/*": ("AW2",)},
        layers={"routes": ("shop.routes",), "services": ("shop.services", "shop.*.service")},
        features={"orders": ("shop.orders",), "billing": ("shop.billing",)},
        knowledge=({"function": [{"names": ["shop.slow"], "blocks": "network"}]},),
        root=tmp_path,
    )


def test_the_nearest_file_that_has_settings_counts(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.archwise]\nseverity = "info"\n')
    inner = tmp_path / "service" / "app"
    inner.mkdir(parents=True)
    (tmp_path / "service" / "pyproject.toml").write_text('[project]\nname = "service"\n')
    file = inner / "main.py"
    file.touch()
    assert load(file).severity == "info"
    assert load(file).root == tmp_path
    (tmp_path / "service" / "archwise.toml").write_text('severity = "error"\n')
    assert load(file).severity == "error"
    assert load(file).root == tmp_path / "service"


def test_without_settings_the_root_is_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "project" / "app"
    package.mkdir(parents=True)
    assert load(package) == Settings(root=package)
    monkeypatch.chdir(tmp_path)
    assert load(package).root == tmp_path
    (tmp_path / "project" / ".git").mkdir()
    assert load(package).root == tmp_path / "project"
    assert load(package).exclude == DEFAULT_EXCLUDE


def test_a_named_file_is_taken_whatever_its_name(tmp_path: Path) -> None:
    named = tmp_path / "strict.toml"
    named.write_text('knowledge = ["facts.toml"]\n')
    assert load(tmp_path / "elsewhere", named) == Settings(knowledge=("facts.toml",), root=tmp_path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('selct = ["AW2"]', "archwise.toml: unknown key `selct`: did you mean `select`?"),
        ("per_file_ignores = {}", "archwise.toml: unknown key `per_file_ignores`: did you mean `per-file-ignores`?"),
        ('root = "x"', "archwise.toml: unknown key `root`; the keys are baseline, cache, cache-dir, decisions,"),
        ('select = "AW2"', "archwise.toml: `select`: expected an array, got a string"),
        ("ignore = [1]", "archwise.toml: `ignore[0]`: expected a string, got a whole number"),
        ("workers = 0", "archwise.toml: `workers`: expected a whole number >= 1"),
        ('target-version = "py312"', "archwise.toml: unknown key `target-version`; the keys are baseline, cache,"),
        ('severity = "fatal"', "archwise.toml: `severity`: 'fatal' is none of 'error', 'warning', 'info'"),
        ("cache = 'no'", "archwise.toml: `cache`: expected true or false, got a string"),
        ("workers = '4'", "archwise.toml: `workers`: expected a whole number, got a string"),
        ("per-file-ignores = ['x']", "archwise.toml: `per-file-ignores`: expected a table, got an array"),
        ("skills.block = 'lots'", "archwise.toml: `skills.block`: 'lots' is none of 'info', 'low', 'medium',"),
        (
            "skills.required-scanners = ['secret']",
            "archwise.toml: `skills.required-scanners`: no scanner is called `secret`: did you mean `secrets`?",
        ),
        ("skills.blok = 'high'", "archwise.toml: `skills`: unknown key `blok`: did you mean `block`?"),
        ("[tool.archwise]", "archwise.toml: here the keys stand at the top, without [tool.archwise]"),
        ('select = ["AW291"]', "archwise.toml: `select`: unknown rule `AW291`: did you mean `AW201`?"),
        ('per-file-ignores = {"a.py" = ["X"]}', "archwise.toml: `per-file-ignores.a.py`: unknown rule `X`;"),
        ('layers = {api = ["shop.api"]}', "archwise.toml: `layers`: one alone says nothing"),
        ('layers = {api = ["a"], db = []}', "archwise.toml: `layers.db`: no modules: name some"),
        ('layers = {api = ["shop/api"], db = ["b"]}', "archwise.toml: `layers.api`: `shop/api` is no module name"),
        ('layers = {api = ["*.api"], db = ["b"]}', "archwise.toml: `layers.api`: `*.api` is no module name"),
        ('features = {a = ["a"], b = ["a"]}', "archwise.toml: `features`: `a` is of `a` and of `b`"),
        ("select = [", "archwise.toml: not valid TOML: "),
        (b"# \xff", "archwise.toml: not UTF-8, as TOML must be (byte 2)"),
    ],
)
def test_a_mistake_is_named_with_file_key_and_remedy(content: str | bytes, said: str, tmp_path: Path) -> None:
    raw = content if isinstance(content, bytes) else content.encode()
    (tmp_path / "archwise.toml").write_bytes(raw)
    with pytest.raises(SettingsError) as caught:
        load(tmp_path)
    assert str(caught.value).removeprefix(f"{tmp_path}/").startswith(said)
    assert "\n" not in str(caught.value)


def test_a_named_file_must_hold_settings(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.toml: No such file or directory"):
        load(tmp_path, tmp_path / "none.toml")
    (tmp_path / "pyproject.toml").write_text("[tool]\n")
    with pytest.raises(SettingsError, match=r"there is no \[tool\.archwise\] table"):
        load(tmp_path, tmp_path / "pyproject.toml")
    (tmp_path / "pyproject.toml").write_text("[tool]\narchwise = 3\n")
    with pytest.raises(SettingsError, match=r"tool\.archwise is not a table"):
        load(tmp_path)


def test_the_command_line_is_held_to_the_same(tmp_path: Path) -> None:
    assert Settings().override(select=("AW201",)).rules == {"AW201"}
    with pytest.raises(SettingsError, match="command line: `ignore`: unknown rule `AW20I`: did you mean `AW201`"):
        Settings().override(ignore=("AW20I",))


def test_preview_and_advice_are_off_unless_selected() -> None:
    assert "AW208" not in Settings().rules
    assert "AW201" in Settings().rules
    assert "AW208" in Settings(extend_select=("AW208",)).rules


def test_decisions_take_on_rules(tmp_path: Path) -> None:
    file = tmp_path / "archwise.toml"
    file.write_text('[decisions]\nconcurrency = "async"\n')
    assert "AW208" not in Settings().rules
    assert "AW208" in load(tmp_path).rules, "section 2 in full"
    file.write_text('ignore = ["AW208"]\n[decisions]\nconcurrency = "async"\n')
    assert "AW208" not in load(tmp_path).rules
    file.write_text('select = ["AW201"]\n[decisions]\nconcurrency = "async"\n')
    assert load(tmp_path).rules == {"AW201"}
    file.write_text('[decisions]\nconcurrency = "sync"\n')
    assert load(tmp_path).rules == Settings().rules


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('concurency = "async"', "`decisions`: there is no decision `concurency`: did you mean `concurrency`?"),
        ('concurrency = "asinc"', "`decisions.concurrency`: no option is `asinc`: did you mean `async`?"),
        ('framework = "rails"', "no option is `rails`; there are none, flask, fastapi, quart, django"),
    ],
)
def test_decisions_that_do_not_exist(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "archwise.toml").write_text(f"[decisions]\n{text}\n")
    with pytest.raises(SettingsError, match=re.escape(said)):
        load(tmp_path)


def test_declared_structure_takes_on_the_rules_that_judge_by_it(tmp_path: Path) -> None:
    file = tmp_path / "archwise.toml"
    layers = '[layers]\nroutes = ["shop.routes"]\nservices = ["shop.services"]\n'
    file.write_text(layers)
    assert load(tmp_path).rules - Settings().rules == {"AW401"}
    file.write_text(f'ignore = ["AW401"]\n{layers}')
    assert "AW401" not in load(tmp_path).rules
    file.write_text('[features]\norders = ["shop.orders"]\nbilling = ["shop.billing"]\n')
    assert load(tmp_path).rules - Settings().rules == {"AW406"}
