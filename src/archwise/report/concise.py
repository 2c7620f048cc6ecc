"""One line a finding, for editors, grep and eyes in a hurry."""

from archwise.findings import Finding, Report
from archwise.report import View
from archwise.report.causes import causes
from archwise.report.style import Style, printable
from archwise.report.summary import summary


def render(report: Report, view: View) -> str:
    """``path:line:column: CODE [severity] message``, then one line with the totals."""
    style = Style(color=view.color)
    lines = [_line(finding, view, style) for finding in report.findings]
    return "\n".join([*lines, summary(report, causes(report.findings), view, style)]) + "\n"


def _line(finding: Finding, view: View, style: Style) -> str:
    place = printable(f"{view.place(finding.path)}:{finding.line}:{finding.column}")
    level = style(finding.severity, f"[{finding.severity}]")
    fixable = f" {style('help', '[*]')}" if view.fixable(finding) else ""
    return f"{style('place', place)}: {style('strong', finding.rule)} {level}{fixable} {printable(finding.message)}"
