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


class Block(msgspec.Struct, frozen=True):
    """What is shown at once: a cause, and others that stand at some of its own places, so that one change mends all."""

    cause: Cause
    along: tuple[Cause, ...] = ()


def blocks(found: Iterable[Cause]) -> tuple[Block, ...]:
    """Causes in their order, each that stands nowhere but where an earlier one of its rule does shown along with that.

    What is certain is not hidden behind what is likely.
    """
    heads: list[Cause] = []
    along: list[list[Cause]] = []
    at: dict[tuple[str, _Place], list[int]] = {}
    for cause in found:
        places = {(cause.shown.rule, _place(finding)) for finding in cause.findings}
        shared = set.intersection(*({*at.get(key, ())} for key in places))
        head = next((i for i in sorted(shared) if _is_as_sure(heads[i], cause)), None)
        if head is not None:
            along[head].append(cause)
            continue
        for key in places:
            at.setdefault(key, []).append(len(heads))
        heads.append(cause)
        along.append([])
    return tuple(Block(head, tuple(rest)) for head, rest in zip(heads, along, strict=True))


_Place = tuple[str, int, int]


def _place(finding: Finding) -> _Place:
    return finding.path, finding.line, finding.column


def _is_as_sure(head: Cause, cause: Cause) -> bool:
    return head.shown.confidence == "certain" or cause.shown.confidence == "likely"


def _clearest(finding: Finding) -> tuple[int, int, str, int, int]:
    return SEVERITIES.index(finding.severity), len(finding.trace), finding.path, finding.line, finding.column


def _gravest(cause: Cause) -> tuple[int, int, str, int, int, str, str]:
    shown = cause.shown
    grave = SEVERITIES.index(cause.severity), -len(cause.findings)
    return *grave, shown.path, shown.line, shown.column, shown.rule, shown.confidence
