"""The published JSON contract: see ``schema/report-1.json``."""

import json
from collections import Counter
from typing import Any

import msgspec

from archwise.findings import Finding, Report
from archwise.report import View
from archwise.report.causes import SEVERITIES, causes

VERSION = 1


def render(report: Report, view: View) -> str:
    """The report as one JSON document."""
    counts = Counter(finding.severity for finding in report.findings)
    document = {
        "version": VERSION,
        "findings": [_finding(finding) for finding in report.findings],
        "summary": {
            "files": report.files,
            "lines": report.lines,
            "findings": len(report.findings),
            "causes": len(causes(report.findings)),
            "hidden": view.hidden,
            "severities": {severity: counts[severity] for severity in SEVERITIES},
        },
        "unread": msgspec.to_builtins(report.unread),
    }
    try:
        return msgspec.json.format(json.dumps(document), indent=2) + "\n"
    except msgspec.DecodeError:  # it takes no half of a surrogate pair, as in names that are not Unicode
        return json.dumps(document, indent=2) + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "name": finding.name,
        "path": finding.path,
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line,
        "symbol": finding.symbol,
        "message": finding.message,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "claims": finding.claims,
        "help": finding.help,
        "fingerprint": finding.fingerprint,
        "cause": finding.cause,
        "roots": finding.roots,
        "trace": msgspec.to_builtins(finding.trace),
        "fix": msgspec.to_builtins(finding.fix),
    }
