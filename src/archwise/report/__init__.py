"""The renderers: one a format, each from a report to text."""

from importlib import import_module

import msgspec

from archwise.findings import Finding, Report
from archwise.report.sources import SourceLines

FORMATS = {
    "text": "text",
    "concise": "concise",
    "json": "json_",
    "sarif": "sarif",
    "github": "github",
    "gitlab": "gitlab",
    "junit": "junit",
}
"""The module that renders each format."""


class View(msgspec.Struct, frozen=True):
    """What a renderer may need besides the report."""

    sources: SourceLines
    color: bool = False
    prefix: str = ""
    """The way from the working folder to the root, for paths that a person is to click on."""
    inside: str = ""
    """The way from the root to a working folder below it, which paths in there need not name."""
    checkout: str = ""
    """The way from the top of a CI's checkout to the root, for reports that the CI lays beside its files."""
    hidden: int = 0
    """How many findings are below the severity shown."""
    unsafe: bool = False
    """Whether fixes that may change what the program does are wanted too."""

    def fixable(self, finding: Finding) -> bool:
        """Whether ``--fix`` would put a finding right."""
        return finding.fix is not None and (finding.fix.safe or self.unsafe)

    def place(self, path: str) -> str:
        """A path as seen from the working folder."""
        if self.inside and path.startswith(self.inside):
            return path.removeprefix(self.inside)
        return f"{self.prefix}{path}"


def render(report: Report, name: str, view: View) -> str:
    """The report in the format of that name, with a line end at its end (or nothing at all)."""
    text: str = import_module(f"archwise.report.{FORMATS[name]}").render(report, view)
    return text
