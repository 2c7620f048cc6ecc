"""Findings grouped by what causes them, as people are shown them."""

from collections.abc import Iterable

import msgspec

from archwise.findings import Finding, Severity

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")
"""The gravest first."""


class Cause(msgspec.Struct, frozen=True):
    """The findings of one cause, the one that shows it best (its trace is the shortest) first."""

    findings: tuple[Finding, ...]

    @property
    def shown(self) -> Finding:
        """The finding whose trace is the shortest."""
        return self.findings[0]

    @property
    def severity(self) -> Severity:
        """The gravest among its findings."""
        return min((finding.severity for finding in self.findings), key=SEVERITIES.index)

    @property
    def roots(self) -> tuple[str, ...]:
        """From where its places are reached, those of the finding shown first."""
        return tuple(dict.fromkeys(root for finding in self.findings for root in finding.roots))


def causes(findings: Iterable[Finding]) -> tuple[Cause, ...]:
    """The causes: the gravest first, then the one with the most places."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.rule, finding.cause), []).append(finding)
    found = (Cause(tuple(sorted(group, key=_clearest))) for group in groups.values())
    return tuple(sorted(found, key=_gravest))


def _clearest(finding: Finding) -> tuple[int, int, str, int, int]:
    return SEVERITIES.index(finding.severity), len(finding.trace), finding.path, finding.line, finding.column


def _gravest(cause: Cause) -> tuple[int, int, str, int, int, str]:
    shown = cause.shown
    return SEVERITIES.index(cause.severity), -len(cause.findings), shown.path, shown.line, shown.column, shown.rule
