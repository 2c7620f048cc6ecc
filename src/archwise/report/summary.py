"""The last line: how much was found, in how much."""

from collections import Counter
from collections.abc import Sequence

from archwise.findings import Report
from archwise.report import View
from archwise.report.causes import SEVERITIES, Cause
from archwise.report.style import Style, plural


def summary(report: Report, found: Sequence[Cause], view: View, style: Style) -> str:
    """The totals, and what they leave out."""
    lines = [f"{_found(report, found, style)} in {_scope(report)}, {report.seconds:.1f} s."]
    if fixes := _fixes(report, view, style):
        lines.append(fixes)
    if report.unread:
        lines.append(f"{plural(len(report.unread), 'file')} could not be read (AW001).")
    if view.hidden:
        lines.append(style("dim", f"{plural(view.hidden, 'finding')} of lower severity not shown (--severity info)."))
    return "\n".join(lines)


def _found(report: Report, found: Sequence[Cause], style: Style) -> str:
    if not found:
        return style("help", "No findings")
    counts = Counter(finding.severity for finding in report.findings)
    words = {"error": ("error", "errors"), "warning": ("warning", "warnings"), "info": ("info", "info")}
    parts = [style(key, plural(counts[key], *words[key])) for key in SEVERITIES if counts[key]]
    causes = style("strong", plural(len(found), "cause"))
    return f"Found {causes} at {plural(len(report.findings), 'place')} ({', '.join(parts)})"


def _fixes(report: Report, view: View, style: Style) -> str:
    now = sum(view.fixable(finding) for finding in report.findings)
    more = sum(finding.fix is not None for finding in report.findings) - now
    if now:
        rest = f", {more:,} more with `--unsafe-fixes`" if more else ""
        return f"{style('help', '[*]')} {now:,} fixable with `--fix`{rest}."
    return f"{more:,} fixable with `--fix --unsafe-fixes`." if more else ""


def _scope(report: Report) -> str:
    files = plural(report.files, "file")
    return files if report.asked is None else f"{report.asked:,} of {files}"
