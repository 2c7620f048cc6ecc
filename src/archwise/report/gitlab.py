"""GitLab's code quality report."""

import json
from collections import Counter
from hashlib import sha256
from typing import Any

from archwise.findings import Finding, Report, Severity
from archwise.report import View

_SEVERITIES: dict[Severity, str] = {"error": "major", "warning": "minor", "info": "info"}


def render(report: Report, view: View) -> str:
    """The findings as a list of issues."""
    seen: Counter[str] = Counter()
    return json.dumps([_issue(finding, view, seen) for finding in report.findings], indent=2) + "\n"


def _issue(finding: Finding, view: View, seen: Counter[str]) -> dict[str, Any]:
    key = f"{finding.rule}:{finding.path}:{finding.fingerprint}"
    seen[key] += 1  # GitLab drops an issue whose fingerprint it has already seen in the report
    return {
        "description": f"{finding.rule}: {finding.message}",
        "check_name": finding.name,
        "fingerprint": sha256(f"{key}:{seen[key]}".encode(errors="surrogatepass")).hexdigest(),
        "severity": _SEVERITIES[finding.severity],
        "location": {
            "path": f"{view.checkout}{finding.path}",
            "lines": {"begin": finding.line, "end": finding.end_line},
        },
    }
