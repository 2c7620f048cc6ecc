"""Decision records: one file each, in the form of MADR 4.0. What was accepted is superseded, never overwritten."""

import datetime
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from archwise.decide.pages import Rules, body
from archwise.decide.verdict import Advice, Verdict
from archwise.guide.model import Guide

FOLDER = Path("docs", "decisions")
_NUMBERED = re.compile(r"(\d{4})-.+\.md$")
_FRONT = re.compile(r"\A---\r?\n(.*?)^---\r?$", re.DOTALL | re.MULTILINE)
_STATUS = re.compile(r"^status:[^\r\n]*", re.MULTILINE)


class RecordError(Exception):
    """A record that is there cannot be read."""


class Record(msgspec.Struct, frozen=True):
    """A record that is there: what it decides and how, as its front matter says."""

    file: Path
    text: str
    decision: str
    choice: str
    status: str

    @property
    def current(self) -> bool:
        """Whether it still stands."""
        return not self.status.startswith(("superseded", "rejected", "deprecated"))


def planned(guide: Guide, advice: Advice, root: Path, rules: Rules, today: datetime.date) -> dict[Path, str]:
    """The files to write: a record for each settled decision that has none, and the status of those superseded.

    Raises:
        RecordError: a record that is there cannot be read.
    """
    folder = root / FOLDER
    there = list(_records(folder))
    standing = {record.decision: record for record in there if record.current}
    number = max((int(match[1]) for file in _files(folder) if (match := _NUMBERED.match(file.name))), default=0)
    files: dict[Path, str] = {}
    for verdict in advice.verdicts:
        old = standing.get(verdict.decision.id)
        if not _worth_recording(verdict) or (old is not None and old.choice == verdict.choice):
            continue
        number += 1
        new = folder / f"{number:04}-{verdict.decision.id}-{verdict.choice}.md"
        files[new] = _front(verdict, today, old) + body(guide, verdict, advice.answers, rules).rstrip() + "\n"
        if old is not None:
            files[old.file] = _superseded(old, new)
    return files


def _worth_recording(verdict: Verdict) -> bool:
    return verdict.choice is not None and not verdict.decision.named(verdict.choice).moot


def _front(verdict: Verdict, today: datetime.date, old: Record | None) -> str:
    lines = [
        "---",
        "status: accepted",
        f"date: {today}",
        f"decision: {verdict.decision.id}",
        f"choice: {verdict.choice}",
    ]
    if old is not None:
        lines.append(f"supersedes: {old.file.name}")
    return "\n".join([*lines, "---", "", ""])


def _superseded(old: Record, new: Path) -> str:
    front = _FRONT.match(old.text)
    assert front is not None
    changed = _STATUS.sub(f"status: superseded by {new.name}", front[0], count=1)
    return changed + old.text[front.end() :]


def _records(folder: Path) -> Iterator[Record]:
    for file in _files(folder):
        try:
            text = file.read_bytes().decode()  # bytes: line ends stay as they are
        except (OSError, UnicodeDecodeError) as error:
            raise RecordError(f"{file}: cannot be read: {error}") from error
        front = _FRONT.match(text)
        fields = dict(re.findall(r"^([\w-]+):[ \t]*([^\r\n]*)", front[1], re.MULTILINE)) if front else {}
        if "decision" in fields and "status" in fields:
            yield Record(
                file, text, fields["decision"].strip(), fields.get("choice", "").strip(), fields["status"].strip()
            )


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.md"))
