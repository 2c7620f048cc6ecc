"""Runs the small projects of `*.md` and compares what `check` finds with the comments beside the lines.

A file begins with the rules it compares (`<!-- select: AW201 -->`). Each `## section` is a project of its own: a line
with a file's name in backticks and a colon, then the file in a code block. A line on which a finding is expected says
so: `# error: [AW201]`. A section called "safe: …" expects nothing; `<!-- bug: why -->` marks one known to fail.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
DOORS = sorted(FOLDER.glob("*.md"))

SELECT = re.compile(r"<!-- select: ([A-Z0-9, ]+) -->")
BUG = re.compile(r"^<!-- bug: (.+) -->$", re.MULTILINE)
FILE = re.compile(r"^`([^`\n]+)`:\n\n?```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXPECTED = re.compile(r"\b(error|warning|info): \[(AW\d{3})\]")
CONFIDENCE = re.compile(r"\b(certain|likely) \w+: \[(AW\d{3})\]")

Mark = tuple[str, int, str, str]
"""Path, line, severity or confidence, code."""


@dataclass(frozen=True)
class Section:
    door: str
    title: str
    select: tuple[str, ...]
    bug: str | None
    files: dict[str, str] = field(hash=False)

    @property
    def safe(self) -> bool:
        return self.title.startswith("safe:")

    @property
    def expected(self) -> set[Mark]:
        return self._marked(EXPECTED)

    @property
    def confidence(self) -> set[Mark]:
        """The marks that say how sure a finding is: ``# likely error: [AW201]``."""
        return self._marked(CONFIDENCE)

    def _marked(self, mark: re.Pattern[str]) -> set[Mark]:
        return {
            (path, number, word, code)
            for path, text in self.files.items()
            for number, line in enumerate(text.splitlines(), 1)
            for word, code in mark.findall(line.partition("# ")[2])
        }

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "pyproject.toml").touch()
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def sections(door: Path) -> Iterator[Section]:
    head, *parts = re.split(r"^## ", door.read_text(encoding="utf-8"), flags=re.MULTILINE)
    select = SELECT.match(head)
    assert select, f"{door.name} does not begin with <!-- select: … -->"
    codes = tuple(code.strip() for code in select.group(1).split(","))
    for part in parts:
        title, _, body = part.partition("\n")
        bug = BUG.search(body)
        files = {name: text for name, _, text in FILE.findall(body)}
        yield Section(door.name, title.strip(), codes, bug.group(1) if bug else None, files)


ALL = [section for door in DOORS for section in sections(door)]


IDS = [f"{section.door}: {section.title}" for section in ALL]


def known_bugs(section: Section) -> list[pytest.MarkDecorator]:
    return [pytest.mark.xfail(strict=True, reason=section.bug)] if section.bug else []


@pytest.mark.parametrize("section", [pytest.param(section, marks=known_bugs(section)) for section in ALL], ids=IDS)
def test_door(section: Section, tmp_path: Path) -> None:
    from archwise.check import check
    from archwise.settings import load

    section.write(tmp_path)
    report = check([tmp_path], load(tmp_path).override(select=section.select, severity="info", cache=False))
    found = {(finding.path, finding.line, finding.severity, finding.rule) for finding in report.findings}
    assert not report.unread
    if found != section.expected:
        pytest.fail(_differences(section, found), pytrace=False)
    assert section.confidence <= {(f.path, f.line, f.confidence, f.rule) for f in report.findings}


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_titles_are_unique(door: Path) -> None:
    titles = [section.title for section in sections(door)]
    assert len(titles) == len(set(titles))


@pytest.mark.parametrize("section", ALL, ids=IDS)
def test_section_is_well_formed(section: Section) -> None:
    assert section.files, "no files"
    for name, text in section.files.items():
        if name.endswith(".py"):
            ast.parse(text, name)
    codes = {code for _, _, _, code in section.expected}
    assert codes <= set(section.select)
    assert section.safe != bool(section.expected), "a section expects something, or is called safe"


def test_every_code_block_is_a_named_file() -> None:
    for door in DOORS:
        text = door.read_text(encoding="utf-8")
        assert text.count("\n```") == 2 * len(FILE.findall(text)), door.name


def _differences(section: Section, found: set[Mark]) -> str:
    def lines(marks: set[Mark]) -> Iterator[str]:
        for path, number, severity, code in sorted(marks):
            source = section.files.get(path, "").splitlines()
            text = source[number - 1].strip() if 0 < number <= len(source) else "?"
            yield f"  {path}:{number}: {severity}: [{code}]    {text}"

    missing = ["not found:", *lines(section.expected - found)] if section.expected - found else []
    extra = ["not expected:", *lines(found - section.expected)] if found - section.expected else []
    return "\n".join([f"{section.door}: {section.title}", *missing, *extra])
