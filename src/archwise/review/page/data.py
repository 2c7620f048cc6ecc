"""What the page shows of findings: grouped by cause as ``check`` does, and each source line of their traces once."""

from __future__ import annotations

import functools
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from archwise.report.causes import SEVERITIES, Cause, causes
from archwise.report.style import plural
from archwise.review.text import UNREAD

if TYPE_CHECKING:
    from collections.abc import Callable

    from archwise.findings import Finding, Report

_PATH = 6


class Card(msgspec.Struct, frozen=True):
    """A cause on the first screen."""

    rule: str
    severity: str
    message: str
    reach: str
    help: str
    path: tuple[tuple[str, str], ...]
    """What is called on the way, each with its place."""


class Data:
    """The findings of a report, made ready."""

    def __init__(self, report: Report, source: Callable[[str, int], str | None]) -> None:
        self._findings = report.findings
        self._source = source
        self.total = len(report.findings)

    @functools.cached_property
    def _causes(self) -> tuple[Cause, ...]:
        return causes(finding for finding in self._findings if finding.severity != "info")

    @functools.cached_property
    def cards(self) -> list[Card]:
        """The causes of errors and warnings, the gravest and widest first."""
        return [_card(cause) for cause in self._causes if cause.shown.rule != UNREAD]

    @property
    def causes_said(self) -> str:
        """How many causes there are, in words."""
        if not self._causes:
            return "no errors or warnings"
        places = sum(len(cause.findings) for cause in self._causes)
        return f"{plural(len(self._causes), 'cause')} at {plural(places, 'place')}"

    @functools.cached_property
    def by_severity(self) -> Counter[str]:
        """How many findings there are of each severity."""
        return Counter(finding.severity for finding in self._findings)

    @functools.cached_property
    def rules(self) -> list[tuple[str, str, int]]:
        """Code, name and count of each rule that found something."""
        found = Counter((finding.rule, finding.name) for finding in self._findings)
        return [(code, name, found[code, name]) for code, name in sorted(found)]

    def json(self) -> str:
        """For the script: causes with their places; source lines by path and number."""
        lines: dict[str, str] = {}
        groups = [
            self._group(severity, cause, lines)
            for severity in SEVERITIES
            for cause in causes(finding for finding in self._findings if finding.severity == severity)
        ]
        text = json.dumps({"causes": groups, "lines": lines}, ensure_ascii=False, separators=(",", ":"))
        return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")

    def _group(self, severity: str, cause: Cause, lines: dict[str, str]) -> dict[str, Any]:
        shown = cause.shown
        return {
            "rule": shown.rule,
            "name": shown.name,
            "severity": severity,
            "message": shown.cause_message,
            "help": shown.help,
            "claims": shown.claims,
            "places": [self._place(finding, lines) for finding in cause.findings],
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


def _card(cause: Cause) -> Card:
    shown = cause.shown
    files = len({finding.path for finding in cause.findings})
    roots = len(cause.roots)
    many = len(cause.findings) > 1
    where = (
        f"in {plural(files, 'file')}" if files > 1 else f"in {shown.path}" if many else f"at {shown.path}:{shown.line}"
    )
    reach = f"{plural(len(cause.findings), 'place')} {where}"
    if roots:
        reach += f", reached from {roots} {'entries' if roots > 1 else 'entry'}"
    hops = shown.trace if len(shown.trace) > 1 else ()
    path = tuple((hop.symbol, f"{hop.path}:{hop.line}") for hop in hops[:_PATH])
    return Card(shown.rule, cause.severity, shown.cause_message, reach, shown.help, path)
