"""Holds a report against the project's baseline."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from archwise.baseline import Baseline, Comparison, Key, compare, of, read, without, write
from archwise.cli.output import tell
from archwise.findings import Report
from archwise.report.causes import SEVERITIES
from archwise.report.style import plural
from archwise.settings import Settings, SettingsError

LISTED = 3


class Gated(msgspec.Struct, frozen=True):
    """The report less what the baseline holds, and whether the baseline itself must be brought up to date."""

    report: Report
    stale: bool = False


def gate(report: Report, settings: Settings, paths: Sequence[Path], *, update: bool) -> Gated:
    """Hide the agreed findings; with ``update``, drop from the baseline what is gone, or make the first one.

    Raises:
        BaselineError: the file cannot be read or written.
        SettingsError: there is no file to update.
    """
    if settings.baseline is None:
        if update:
            raise SettingsError("--write-baseline needs the file's name: --baseline FILE")
        return Gated(report)
    file = Path(settings.baseline)
    if update and not file.exists():
        return _first(report, settings, file)
    kept = read(file)
    found = compare(
        kept,
        report.findings,
        scope=[_relative(path, Path(report.root)) for path in paths],
        rules=settings.rules,
        unread=frozenset(unread.path for unread in report.unread),
    )
    report = msgspec.structs.replace(report, findings=found.new)
    if not found.gone:
        return Gated(report)
    if update:
        _shrink(file, kept, found)
        return Gated(report)
    gone = plural(len(found.gone), "finding")
    tell(f"{file} is out of date, {gone} fixed: {_listed(found.gone)}; --write-baseline removes them")
    return Gated(report, stale=True)


def _first(report: Report, settings: Settings, file: Path) -> Gated:
    shown = SEVERITIES[: SEVERITIES.index(settings.severity) + 1]
    agreed = tuple(finding for finding in report.findings if finding.severity in shown)
    rest = tuple(finding for finding in report.findings if finding.severity not in shown)
    write(file, of(agreed))
    tell(f"wrote {plural(len(agreed), 'finding')} to {file}")
    return Gated(msgspec.structs.replace(report, findings=rest))


def _shrink(file: Path, kept: Baseline, found: Comparison) -> None:
    left = without(kept, found.gone)
    write(file, left)
    tell(f"removed {plural(len(found.gone), 'fixed finding')} from {file}, {left.total:,} left")


def _listed(keys: Iterable[Key]) -> str:
    places = [f"{rule} in {path}" for path, rule, _ in keys]
    rest = len(places) - LISTED
    return ", ".join(places[:LISTED]) + (f" and {rest:,} more" if rest > 0 else "")


def _relative(path: Path, root: Path) -> str:
    path = path.resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else "."
