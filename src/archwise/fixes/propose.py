"""The fix of each finding that has one."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from archwise.engine.analysis import Analysis
from archwise.engine.read import digest_of
from archwise.findings import Finding, Fix
from archwise.fixes import asgi_transport, drop_async, keep_task, to_thread
from archwise.fixes.source import Source

FIXABLE = frozenset({"AW201", "AW202", "AW203", "AW701", "AW902"})
"""The rules whose findings may have a fix."""


def with_fixes(
    analysis: Analysis, findings: Iterable[Finding], root: Path, digests: Mapping[str, bytes]
) -> Iterator[Finding]:
    """The findings, each with its fix; none for a file that is no longer what was read."""
    sources: dict[str, Source | None] = {}
    for finding in findings:
        if finding.rule not in FIXABLE:
            yield finding
            continue
        if finding.path not in sources:
            sources[finding.path] = _source(root / finding.path, digests.get(finding.path))
        source = sources[finding.path]
        fix = _fix(analysis, source, finding) if source is not None else None
        yield msgspec.structs.replace(finding, fix=fix) if fix is not None else finding


def _source(file: Path, digest: bytes | None) -> Source | None:
    try:
        content = file.read_bytes()
        return Source(content) if digest_of(content) == digest else None
    except (OSError, SyntaxError, ValueError):
        return None


def _fix(analysis: Analysis, source: Source, finding: Finding) -> Fix | None:
    try:
        if finding.rule == "AW203":
            return drop_async.fix(analysis, source, finding)
        if finding.rule == "AW701":
            return keep_task.fix(source, finding)
        if finding.rule == "AW902":
            return asgi_transport.fix(source, finding)
        return to_thread.fix(source, finding)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
