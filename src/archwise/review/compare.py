"""What got better and worse since an earlier review: verdicts, figures, and the causes that check found."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

from archwise.report.causes import causes
from archwise.review.model import Changed, Compared, Moved, Shift

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.findings import Finding, Report
    from archwise.review.model import Review, Stand

_BEST: tuple[Stand, ...] = ("contradicts", "drifts", "undecided", "fits")
_Mark = tuple[str, str, str]


def compared(before: Review, then: Report, after: Review, now: Report, *, revision: str, commit: str) -> Compared:
    """What has changed from one review and its report to another."""
    return Compared(
        revision,
        commit,
        tuple(_verdicts(before, after)),
        tuple(_figures(before, after)),
        tuple(_causes(then, now)),
    )


def _verdicts(before: Review, after: Review) -> Iterator[Changed]:
    """Decisions that stand otherwise, or were taken otherwise."""
    old = {verdict.decision: verdict for verdict in before.verdicts}
    for verdict in after.verdicts:
        was = old.get(verdict.decision)
        if was is not None and (was.stand, was.taken) != (verdict.stand, verdict.taken):
            better = _BEST.index(verdict.stand) - _BEST.index(was.stand)
            yield Changed(
                verdict.decision, verdict.title, was.stand, was.taken, verdict.stand, verdict.taken,
                "better" if better > 0 else "worse" if better < 0 else "other",
            )  # fmt: skip


def _figures(before: Review, after: Review) -> Iterator[Moved]:
    old = {figure.id: figure.value for figure in before.figures}
    new = {figure.id: figure for figure in after.figures}
    for id, figure in new.items():
        if old.get(id, "0") != figure.value:
            yield Moved(id, figure.title, old.get(id, "0"), figure.value)
    for figure in before.figures:
        if figure.id not in new:
            yield Moved(figure.id, figure.title, figure.value, "0")


def _causes(then: Report, now: Report) -> Iterator[Shift]:
    """Causes of errors and warnings with places that were not there, or are there no more; moved lines do not count."""
    before, after = _shown(then), _shown(now)
    yield from _shifts(after, Counter(map(_mark, before)), "new", "grown")
    yield from _shifts(before, Counter(map(_mark, after)), "fixed", "shrunk")


def _shifts(
    findings: list[Finding],
    others: Counter[_Mark],
    whole: Literal["new", "fixed"],
    part: Literal["grown", "shrunk"],
) -> Iterator[Shift]:
    for cause in causes(findings):
        only = [finding for finding in cause.findings if not others[_mark(finding)]]
        if only:
            shown = only[0]
            kind = whole if len(only) == len(cause.findings) else part
            yield Shift(kind, shown.rule, cause.severity, shown.cause_message, len(only), shown.path, shown.line)


def _shown(report: Report) -> list[Finding]:
    return [finding for finding in report.findings if finding.severity != "info"]


def _mark(finding: Finding) -> _Mark:
    return finding.path, finding.rule, finding.fingerprint
