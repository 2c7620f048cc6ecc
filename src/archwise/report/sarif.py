"""SARIF 2.1.0, with each trace as a code flow."""

import json
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from archwise.findings import Finding, Report, Severity
from archwise.report import View
from archwise.rules import RULES
from archwise.rules.rule import Rule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}
_INDEX = {rule.code: index for index, rule in enumerate(RULES)}


def render(report: Report, view: View) -> str:
    """The report as one run of the tool."""
    run = {
        "tool": {"driver": _driver()},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _notifications(report)}],
        "results": [_result(finding) for finding in report.findings],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _driver() -> dict[str, Any]:
    return {
        "name": "archwise",
        "semanticVersion": version("archwise"),
        "rules": [_rule(rule) for rule in RULES],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": _flat(rule.text.summary) or rule.name},
        "fullDescription": {"text": _flat(rule.text.what) or rule.name},
        "help": {"text": rule.markdown(), "markdown": rule.markdown()},
        "defaultConfiguration": {"enabled": rule.default, "level": _LEVELS[rule.severity]},
        "properties": {"tags": ["architecture", *rule.claims], "since": rule.since, "status": rule.status},
    }


def _result(finding: Finding) -> dict[str, Any]:
    result = {
        "ruleId": finding.rule,
        "ruleIndex": _INDEX[finding.rule],
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.message}. {finding.help}" if finding.help else finding.message},
        "locations": [_location(finding.path, finding.line, finding.column, finding.symbol, end_line=finding.end_line)],
        "partialFingerprints": {"archwise/v1": finding.fingerprint},
        "properties": {
            "confidence": finding.confidence,
            "cause": finding.cause,
            "claims": finding.claims,
            "roots": finding.roots,
        },
    }
    if finding.trace:
        flow = [{"location": _location(hop.path, hop.line, hop.column, hop.symbol, hop.note)} for hop in finding.trace]
        result["codeFlows"] = [{"threadFlows": [{"locations": flow}]}]
    return result


def _location(
    path: str, line: int, column: int, symbol: str, note: str = "", *, end_line: int | None = None
) -> dict[str, Any]:
    region = {"startLine": line, "startColumn": column}
    if end_line is not None and end_line > line:
        region["endLine"] = end_line
    place = {"artifactLocation": {"uri": _uri(path), "uriBaseId": "%SRCROOT%"}, "region": region}
    location: dict[str, Any] = {"physicalLocation": place}
    if symbol:
        location["logicalLocations"] = [{"fullyQualifiedName": symbol}]
    if note:
        location["message"] = {"text": note}
    return location


def _notifications(report: Report) -> list[dict[str, Any]]:
    return [
        {
            "level": "warning",
            "message": {"text": f"{unread.path} could not be read: {unread.reason}"},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(unread.path)}}}],
        }
        for unread in report.unread
    ]


def _flat(text: str) -> str:
    return " ".join(text.split())


def _uri(path: str) -> str:
    return quote(path, errors="surrogateescape")
