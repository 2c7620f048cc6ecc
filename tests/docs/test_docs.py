"""The documentation says what the code does: generated parts are up to date, hand-written ones leave nothing out."""

import importlib.util
import re
import shlex
import tomllib
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

import click
import msgspec
import pytest
import yaml

from archwise.cli.main import cli
from archwise.knowledge import schema
from archwise.rules import RULES
from archwise.settings import Settings
from archwise.skills.scanners import SCANNERS

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
TEST_COMMAND = "pip install '.[test]' && pytest"
FIRST_COMMAND = "pip install . && archwise check examples/storefront"


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_parts_are_up_to_date(generate: ModuleType) -> None:
    stale = [path.relative_to(ROOT).as_posix() for path in generate.stale()]
    assert not stale, "run: python docs/generate.py"


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    names = [field.encode_name for field in msgspec.structs.fields(Settings) if field.name != "root"]
    assert [name for name in names if f"| `{name}` |" not in text] == []


def test_every_scanner_is_documented() -> None:
    text = (ROOT / "docs" / "skills.md").read_text(encoding="utf-8")
    assert [name for name in SCANNERS if f"`{name}`" not in text] == []


def test_ci_runs_the_commands_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for command in (FIRST_COMMAND, TEST_COMMAND):
        assert command in readme
        assert command in script


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_are_ones_that_there_are(page: Path) -> None:
    for line in commands(page.read_text(encoding="utf-8")):
        command: click.Command = cli
        context, words = click.Context(cli), shlex.split(line, comments=True)[1:]
        while isinstance(command, click.Group):
            name, found, words = command.resolve_command(context, words)
            assert found is not None and name is not None, line
            command = found
        command.make_context(command.name, words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_rules_and_files_named_are_ones_that_there_are(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    rules = set(re.findall(r"\bAW\d{3}\b", text)) - {rule.code for rule in RULES}
    files = set(re.findall(r"`((?:src|tests|benchmarks|examples|docs/images)/[\w./-]+)`", text))
    assert not rules
    assert not [file for file in files if not (ROOT / file).exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_settings_shown_can_be_read(page: Path) -> None:
    for language, block in re.findall(
        r"^```(toml|yaml)\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
    ):
        (tomllib.loads if language == "toml" else yaml.safe_load)(block)


def test_every_field_of_a_knowledge_file_is_documented() -> None:
    text = (ROOT / "docs" / "knowledge.md").read_text(encoding="utf-8")
    example = next(block for block in re.findall(r"^```toml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    shown = tomllib.loads(example)
    msgspec.convert(shown, schema.File)
    missing = [
        f"{table.encode_name}.{name}"
        for table in msgspec.structs.fields(schema.File)
        for name in fields_of(table.type) - fields_shown(shown.get(table.encode_name, {}))
    ]
    assert set(missing) <= {"class.note"}  # said beside function's


def fields_of(annotation: object) -> set[str]:
    """The keys of a table, or of each table of an array, by its type in the schema."""
    kinds = [annotation, *getattr(annotation, "__args__", ())]
    struct = next(kind for kind in kinds if isinstance(kind, type) and issubclass(kind, msgspec.Struct))
    return {field.encode_name for field in msgspec.structs.fields(struct)}


def fields_shown(tables: dict[str, object] | list[dict[str, object]]) -> set[str]:
    return {key for table in (tables if isinstance(tables, list) else [tables]) for key in table}


def commands(text: str) -> list[str]:
    """The calls of `archwise` in a page's code blocks."""
    blocks = re.findall(r"^```(?:sh|yaml)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    call = re.compile(r"^[ \t]*(?:- )?(?:run: )?(?:.* && )?(archwise [a-z][^|\n]*)", re.MULTILINE)
    return [found for block in blocks for found in call.findall(block)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    targets = [urlsplit(target) for target in re.findall(r"\]\(([^)\s]+)\)", text)]
    broken = []
    for target in targets:
        if target.scheme:
            continue
        file = page.parent / target.path if target.path else page
        if not file.exists() or (target.fragment and target.fragment not in anchors(file)):
            broken.append(target.geturl())
    assert not broken


def anchors(page: Path) -> set[str]:
    """The fragments that a page's headings answer to."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
