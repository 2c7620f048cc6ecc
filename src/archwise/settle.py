"""Settles what comments and settings silence, and gives each finding that is left its number."""

import hashlib
from collections.abc import Iterable, Mapping

import msgspec

from archwise.engine.ir import Suppression
from archwise.findings import Finding, Typed, Unread
from archwise.rules import RULES
from archwise.rules.own import unused_suppression
from archwise.rules.selection import ignored_in
from archwise.settings import Settings

_CODES = {rule.code: frozenset((rule.code, *rule.also)) for rule in RULES}
"""What a comment may name to silence a rule."""
_KNOWN = frozenset().union(*_CODES.values())


class Judged(msgspec.Struct, frozen=True):
    """What the rules say of a program, before anything is silenced; paths are as they are shown.

    ``failed`` are the rules that came to no end, each with the error.
    """

    findings: tuple[Finding, ...]
    unread: tuple[Unread, ...]
    lines: int
    suppressions: dict[str, tuple[Suppression, ...]]
    typed: Typed | None = None
    unmatched: tuple[tuple[str, str], ...] = ()
    failed: tuple[tuple[str, str], ...] = ()


def settled(judged: Judged, settings: Settings) -> tuple[Finding, ...]:
    """The findings that no comment and no setting silences, in order, each with its fingerprint."""
    findings, used = _unsuppressed(judged.findings, judged.suppressions)
    if unused_suppression.RULE.code in settings.rules:
        findings.extend(unused_suppression.findings(used, settings.rules, _KNOWN))
    if settings.per_file_ignores:
        ignored = {path: ignored_in(path, settings.per_file_ignores, RULES) for path in {f.path for f in findings}}
        findings = [f for f in findings if f.rule not in ignored[f.path]]
    return _numbered(findings)


def _unsuppressed(
    findings: Iterable[Finding], suppressions: Mapping[str, tuple[Suppression, ...]]
) -> tuple[list[Finding], dict[tuple[str, Suppression], set[str]]]:
    """The findings no comment silences, and which codes each comment silenced."""
    used: dict[tuple[str, Suppression], set[str]] = {
        (path, suppression): set() for path, found in suppressions.items() for suppression in found
    }
    kept = []
    for finding in findings:
        silenced = False
        codes = _CODES[finding.rule]
        for suppression in suppressions.get(finding.path, ()):
            on_line = suppression.line in (finding.line, finding.end_line)
            if on_line and (not suppression.codes or not codes.isdisjoint(suppression.codes)):
                used[finding.path, suppression].add(finding.rule)
                silenced = True
        if not silenced:
            kept.append(finding)
    return kept, used


def _numbered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """In order, each with its fingerprint: what it is and where, but for lines, counted where that is not unique."""
    seen: dict[str, int] = {}
    numbered = []
    for finding in sorted(findings, key=_order):
        sink = finding.trace[-1].symbol if finding.trace else ""
        last = finding.trace[-1].note if finding.trace else finding.message
        identity = "\0".join((finding.rule, finding.path, finding.symbol, sink, last))
        seen[identity] = seen.get(identity, 0) + 1
        numbered.append(msgspec.structs.replace(finding, fingerprint=_hashed(f"{identity}\0{seen[identity]}")))
    return tuple(numbered)


def _order(finding: Finding) -> tuple[str, int, int, str, str]:
    return finding.path, finding.line, finding.column, finding.rule, finding.cause


def _hashed(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
