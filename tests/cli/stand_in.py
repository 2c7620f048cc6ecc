"""A project with two findings, and a function that returns them in the engine's place."""

from collections.abc import Callable, Sequence
from pathlib import Path

from archwise.findings import Finding, Hop, Report, Severity
from archwise.settings import Settings

Run = Callable[..., tuple[int, str, str]]
"""Runs the command; gives its exit code and what it printed to both streams."""

SOURCE = """\
import requests


async def read():
    return requests.get("https://a.example")


async def log():
    open("log.txt")
"""


def finding(line: int, column: int, rule: str = "AW201", severity: Severity = "error", **values: object) -> Finding:
    fields = {
        "rule": rule,
        "name": "blocking-call-on-event-loop",
        "path": "app.py",
        "line": line,
        "column": column,
        "end_line": line,
        "symbol": "app.read",
        "message": "it waits",
        "severity": severity,
        "confidence": "certain",
        "claims": ("G2.5",),
        "help": "",
        "fingerprint": f"f{line}",
        "cause": f"c{line}",
        "cause_message": "it waits",
        "trace": (Hop("app.py", line, column, "app.read", "waits"),),
    }
    return Finding(**{**fields, **values})  # type: ignore[arg-type]


class Engine:
    """What stands in for the engine: set ``findings`` or ``raises``, see what it was asked."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.report = Report(str(root), (finding(5, 12), finding(9, 5, severity="info")), files=1, lines=9)
        self.raises: BaseException | None = None
        self.paths: Sequence[Path] = ()
        self.settings = Settings()

    def check(
        self, paths: Sequence[Path], settings: Settings, progress: Callable[[str, int, int], None] | None = None
    ) -> Report:
        self.paths, self.settings = paths, settings
        if self.raises is not None:
            raise self.raises
        return self.report

    def discover(self, paths: Sequence[Path], settings: Settings) -> list[str]:
        return ["b.py", "app.py"]
