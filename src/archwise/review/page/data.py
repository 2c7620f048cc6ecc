"""What the page's script shows: findings grouped by cause, and each source line of their traces once."""

from __future__ import annotations

import functools
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    from archwise.findings import Finding, Report

_SEVERITIES = ("error", "warning", "info")
_PATH = 6


class Cause(msgspec.Struct, frozen=True):
    """A cause on the first screen."""

    rule: str
    severity: str
    message: str
    reach: str
    help: str
    path: tuple[str, ...]


class Data:
    """The findings of a report, made ready."""

    def __init__(self, report: Report, source: Callable[[str, int], str | None]) -> None:
        self._findings = report.findings
        self._source = source
        self.total = len(report.findings)

    @functools.cached_property
    def _groups(self) -> list[list[Finding]]:
        """Findings of one cause, the gravest and widest first."""
        found: dict[tuple[str, str], list[Finding]] = {}
        for finding in self._findings:
            found.setdefault((finding.rule, finding.cause), []).append(finding)
        return sorted(found.values(), key=_weight)

    @functools.cached_property
    def causes(self) -> list[Cause]:
        """The causes of errors and warnings, the widest first."""
        return [_cause(group) for group in self._groups if _severity(group) != "info"]

    @property
    def causes_said(self) -> str:
        """How many causes there are, in words."""
        places = sum(finding.severity != "info" for finding in self._findings)
        return f"{len(self.causes):,} causes at {places:,} places" if self.causes else "nothing found by check"

    @functools.cached_property
    def by_severity(self) -> Counter[str]:
        """How many findings there are of each severity."""
        return Counter(finding.severity for finding in self._findings)

    @functools.cached_property
    def rules(self) -> list[tuple[str, str, int]]:
        """Code, name and count of each rule that found something."""
        counted = Counter((finding.rule, finding.name) for finding in self._findings)
        return [(code, name, counted[code, name]) for code, name in sorted(counted)]

    def json(self) -> str:
        """For the script: causes with their places; source lines by path and number."""
        lines: dict[str, str] = {}
        groups = [self._group(group, lines) for group in self._groups]
        text = json.dumps({"causes": groups, "lines": lines}, ensure_ascii=False, separators=(",", ":"))
        return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")

    def _group(self, group: list[Finding], lines: dict[str, str]) -> dict[str, Any]:
        first = group[0]
        return {
            "rule": first.rule,
            "name": first.name,
            "severity": _severity(group),
            "message": first.cause_message,
            "help": first.help,
            "claims": first.claims,
            "places": [self._place(finding, lines) for finding in group],
        }

    def _place(self, finding: Finding, lines: dict[str, str]) -> dict[str, Any]:
        for hop in finding.trace:
            key = f"{hop.path}:{hop.line}"
            if key not in lines:
                lines[key] = self._source(hop.path, hop.line) or ""
        return {
            "path": finding.path,
            "line": finding.line,
            "symbol": finding.symbol,
            "message": finding.message,
            "confidence": finding.confidence,
            "roots": finding.roots[:4],
            "trace": [[hop.path, hop.line, hop.symbol, hop.note] for hop in finding.trace],
        }


def _severity(group: list[Finding]) -> str:
    return min((finding.severity for finding in group), key=_SEVERITIES.index)


def _weight(group: list[Finding]) -> tuple[int, int, str, str, int]:
    first = group[0]
    return _SEVERITIES.index(_severity(group)), -len(group), first.rule, first.path, first.line


def _cause(group: list[Finding]) -> Cause:
    first = min(group, key=lambda finding: (len(finding.trace), finding.path, finding.line))
    files = len({finding.path for finding in group})
    roots = len({root for finding in group for root in finding.roots})
    reach = f"{len(group)} places in {files} files" if len(group) > 1 else f"{first.path}:{first.line}"
    if roots:
        reach += f", reached from {roots} {'entries' if roots > 1 else 'entry'}"
    path = tuple(f"{hop.symbol}  {hop.path}:{hop.line}" for hop in first.trace[:_PATH]) if len(first.trace) > 1 else ()
    return Cause(first.rule, _severity(group), first.cause_message, reach, first.help, path)
