"""Carries fixes out: all edits of a fix or none, and never on a file that has changed since it was read."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from archwise.findings import Edit, Finding, Fix
from archwise.fixes.source import Source

_REFUSALS = (OSError, SyntaxError, ValueError, RecursionError, MemoryError)


class Change(msgspec.Struct, frozen=True):
    """A file as it is and as it is to be, and how many findings that puts right."""

    file: Path
    path: str
    before: bytes
    after: bytes
    fixed: int


class Refusal(msgspec.Struct, frozen=True):
    """A file that was left alone, and why."""

    path: str
    reason: str


def changes(root: Path, findings: Iterable[Finding], *, unsafe: bool) -> tuple[list[Change], list[Refusal]]:
    """What the findings' fixes make of the files; nothing is written."""
    by_path: dict[str, list[Fix]] = {}
    for finding in findings:
        if finding.fix is not None and (finding.fix.safe or unsafe):
            by_path.setdefault(finding.path, []).append(finding.fix)
    made, refused = [], []
    for path, fixes in by_path.items():
        try:
            made.append(_change(root / path, path, fixes))
        except _REFUSALS as error:
            refused.append(Refusal(path, str(error)))
    return made, refused


def write(change: Change) -> None:
    """Put a file's new content in its place.

    Raises:
        OSError: it cannot be written; the file is as it was.
        ValueError: it has changed in the meantime.
    """
    if change.file.read_bytes() != change.before:
        raise ValueError("it has changed since it was read")
    put(change.file, change.after)


def put(file: Path, content: bytes) -> None:
    """Give a file new content at once, with the permissions that it had.

    Raises:
        OSError: it cannot be written; the file is as it was.
    """
    target = Path(os.path.realpath(file))
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        shutil.copymode(target, draft)
        draft.replace(target)
    except BaseException:
        draft.unlink()
        raise


def _change(file: Path, path: str, fixes: Sequence[Fix]) -> Change:
    before = file.read_bytes()
    source = Source(before)
    if any(fix.content != source.digest for fix in fixes):
        raise ValueError("it has changed since it was read")
    chosen, edits = _compatible(fixes)
    after = _edited(source, edits)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compile(after, path, "exec", dont_inherit=True)
    return Change(file, path, before, after, len(chosen))


def _compatible(fixes: Sequence[Fix]) -> tuple[list[Fix], list[Edit]]:
    """The fixes that can be carried out together, the earlier ones first; what two insert alike is inserted once."""
    chosen: list[Fix] = []
    edits: list[Edit] = []
    for fix in fixes:
        fresh = [edit for edit in fix.edits if not (edit in edits and _is_insertion(edit))]
        if not any(_clash(edit, other) for edit in fresh for other in edits):
            chosen.append(fix)
            edits += fresh
    return chosen, edits


def _is_insertion(edit: Edit) -> bool:
    return (edit.line, edit.column) == (edit.end_line, edit.end_column)


def _clash(one: Edit, other: Edit) -> bool:
    start, end = (one.line, one.column), (one.end_line, one.end_column)
    first, last = (other.line, other.column), (other.end_line, other.end_column)
    return start == first or (start < last and first < end)


def _edited(source: Source, edits: Iterable[Edit]) -> bytes:
    text = source.text
    for edit in sorted(edits, key=lambda each: (each.line, each.column), reverse=True):
        start = source.offset((edit.line, edit.column))
        end = source.offset((edit.end_line, edit.end_column))
        text = text[:start] + edit.text + text[end:]
    return text.encode(source.encoding)
