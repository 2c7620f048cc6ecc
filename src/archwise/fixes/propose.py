"""The fix of each finding that has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine.read import digest_of
from archwise.fixes import asgi_transport, drop_async, keep_task, to_thread
from archwise.fixes.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from archwise.engine.analysis import Analysis
    from archwise.findings import Finding, Fix

_FIXES: dict[str, Callable[[Source, Finding], Fix | None]] = {
    "AW201": to_thread.fix,
    "AW202": to_thread.fix,
    "AW203": drop_async.fix,
    "AW701": keep_task.fix,
    "AW902": asgi_transport.fix,
}
FIXABLE = frozenset(_FIXES)
"""The rules whose findings may have a fix."""


def with_fixes(
    analysis: Analysis, findings: Iterable[Finding], root: Path, digests: Mapping[str, bytes]
) -> list[Finding]:
    """The findings, each with its fix; none for a file that is no longer what was read.

    Files are taken one after the other, so that no more than one is in memory.
    """
    found = list(findings)
    fixable: dict[str, list[int]] = {}
    for number, finding in enumerate(found):
        if finding.rule in FIXABLE:
            fixable.setdefault(finding.path, []).append(number)
    for path, numbers in fixable.items():
        source = source_of(root / path, digests.get(path))
        if source is not None:
            for number in numbers:
                found[number] = _with_fix(analysis, source, found[number])
    return found


def _with_fix(analysis: Analysis, source: Source, finding: Finding) -> Finding:
    is_open = finding.rule != "AW203" or drop_async.is_open_to(analysis, finding)
    fix = _fix(source, finding) if is_open else None
    return msgspec.structs.replace(finding, fix=fix) if fix is not None else finding


def fixed_anew(source: Source, finding: Finding) -> Finding | None:
    """A finding with its fix after its file's code has moved to other lines; None where it seems to have none now.

    Whether an ``async`` may go is up to the rest of the program too, and stays as it was.
    """
    if finding.rule == "AW203" and finding.fix is None:
        return finding
    fix = _fix(source, finding)
    return msgspec.structs.replace(finding, fix=fix) if (fix is None) == (finding.fix is None) else None


def source_of(file: Path, digest: bytes | None) -> Source | None:
    """A file to be edited, if it is still what was read."""
    try:
        content = file.read_bytes()
        return Source(content) if digest_of(content) == digest else None
    except (OSError, SyntaxError, ValueError):
        return None


def _fix(source: Source, finding: Finding) -> Fix | None:
    try:
        return _FIXES[finding.rule](source, finding)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
