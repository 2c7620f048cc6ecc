"""JUnit's XML: a test suite a file, a failed test a finding."""

import re
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from archwise.findings import Finding, Report
from archwise.report import View

_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report, view: View) -> str:
    """The findings as test suites; a report without any is one test that passes."""
    suites = [
        _suite(path, [_case(finding) for finding in group], sum(f.severity != "info" for f in group))
        for path, group in ((path, tuple(found)) for path, found in groupby(report.findings, lambda f: f.path))
    ]
    if not suites:
        suites = [_suite("archwise", ['    <testcase name="No findings" classname="archwise"/>'], 0)]
    failures = sum(finding.severity != "info" for finding in report.findings)
    tests = max(1, len(report.findings))
    head = f'<testsuites name="archwise" tests="{tests}" failures="{failures}">'
    return "\n".join(['<?xml version="1.0" encoding="utf-8"?>', head, *suites, "</testsuites>"]) + "\n"


def _suite(name: str, cases: list[str], failures: int) -> str:
    head = f'  <testsuite name={_attribute(name)} tests="{len(cases)}" errors="0" failures="{failures}">'
    return "\n".join([head, *cases, "  </testsuite>"])


def _case(finding: Finding) -> str:
    name = _attribute(f"{finding.rule} {finding.name} at line {finding.line}, column {finding.column}")
    head = f'    <testcase name={name} classname={_attribute(finding.path)} line="{finding.line}"'
    text = "\n".join([*_trace(finding), *([f"help: {finding.help}"] if finding.help else [])])
    tag = "system-out" if finding.severity == "info" else "failure"
    message = "" if finding.severity == "info" else f" message={_attribute(finding.message)}"
    return f"{head}>\n      <{tag}{message}>{escape(_clean(text))}</{tag}>\n    </testcase>"


def _trace(finding: Finding) -> list[str]:
    return [f"{hop.path}:{hop.line}:{hop.column} {hop.symbol}: {hop.note}" for hop in finding.trace]


def _attribute(text: str) -> str:
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("�", text)
