"""Decisions that a project has written down: records of ``archwise decide``, MADR, or Nygard's plain form.

https://adr.github.io/madr/, https://cognitect.com/blog/2011/11/15/documenting-architecture-decisions
"""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

FOLDERS = (
    "docs/decisions", "docs/adr", "docs/adrs", "doc/adr", "doc/decisions", "doc/architecture/decisions",
    "docs/architecture/decisions", "docs/architecture/adr", "docs/architecture-decisions", "adr", "decisions",
)  # fmt: skip
"""Where records are kept, as the tools for them suggest."""
_NUMBERED = re.compile(r"(adr[-_]?)?\d{2,}[-_ ].+\.(md|rst)$", re.IGNORECASE)
_FIELD = re.compile(r"^([\w-]+):[ \t]*([^\r\n]*)", re.MULTILINE)
_FRONT = re.compile(r"\A---\r?\n(.*?)^---\r?$", re.DOTALL | re.MULTILINE)
_TITLE = re.compile(r"^#[ \t]+(.+)$|^(\S.*)\r?\n={3,}[ \t]*$", re.MULTILINE)
_NUMBER = re.compile(r"^(ADR[-_ ]?)?\d+[.:)]?\s+(-\s+)?", re.IGNORECASE)
_STATUS = re.compile(
    r"^[*-]?\s*\**status\**:\**[ \t]*(\S.*)$|^(?:#+[ \t]*)?status[ \t]*\r?\n(?:[=~^*-]{3,}[ \t]*\r?\n)?\s*(\S.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_GONE = ("superseded", "rejected", "deprecated", "replaced", "obsolete")


class Written(msgspec.Struct, frozen=True):
    """A decision on record: its file, below the project's root, and title; which of the guide's it is, and the option.

    ``decision`` and ``choice`` are empty in records that ``archwise decide`` did not write.
    """

    path: str
    title: str
    decision: str = ""
    choice: str = ""


def written(root: Path) -> tuple[Written, ...]:
    """The decisions on record that still stand, by file; what cannot be read is left out."""
    return tuple(found for folder in FOLDERS for file in _files(root / folder) for found in _read(root, file))


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(file for file in folder.iterdir() if _NUMBERED.match(file.name) and file.is_file())
    except OSError:
        return []


def _read(root: Path, file: Path) -> Iterator[Written]:
    try:
        text = file.read_bytes().decode(errors="replace")
    except OSError:
        return
    front = _FRONT.match(text)
    fields = dict(_FIELD.findall(front[1])) if front else {}
    body = text[front.end() :] if front else text
    if _status(fields, body).lower().lstrip("*_~[`").startswith(_GONE):
        return
    title = _TITLE.search(body)
    named = _NUMBER.sub("", (title[1] or title[2]).strip()) if title else file.stem
    yield Written(
        file.relative_to(root).as_posix(), named, fields.get("decision", "").strip(), fields.get("choice", "").strip()
    )


def _status(fields: dict[str, str], body: str) -> str:
    if "status" in fields:
        return fields["status"].strip()
    said = _STATUS.search(body)
    return (said[1] or said[2]).strip() if said else ""
