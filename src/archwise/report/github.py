"""Workflow commands, which GitHub Actions shows beside the changed lines."""

from archwise.findings import Finding, Report, Severity
from archwise.report import View

_COMMANDS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "notice"}


def render(report: Report, view: View) -> str:
    """One command a finding."""
    return "".join(_command(finding, view) for finding in report.findings)


def _command(finding: Finding, view: View) -> str:
    path = f"{view.checkout}{finding.path}"
    properties = {
        "title": f"archwise {finding.rule} ({finding.name})",
        "file": path,
        "line": str(finding.line),
        "endLine": str(finding.end_line),
        "col": str(finding.column),
    }
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    place = f"{path}:{finding.line}:{finding.column}"
    text = f"{place}: {finding.rule} {finding.message}" + (f"\nhelp: {finding.help}" if finding.help else "")
    return f"::{_COMMANDS[finding.severity]} {listed}::{_data(text)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
