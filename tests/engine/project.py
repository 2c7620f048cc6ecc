"""A project on disk, checked in this process or by the command."""

import subprocess
import sys
from pathlib import Path

import msgspec

from archwise.check import check
from archwise.findings import Report
from archwise.settings import Settings

BLOCKS = "import time\n\n\nasync def handler():\n    time.sleep(1)\n"
"""A file with one finding, at 5:5."""


class Project:
    """A folder with a ``pyproject.toml``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        (root / "pyproject.toml").touch()

    def write(self, files: dict[str, str | bytes]) -> "Project":
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return self

    def check(self, *paths: Path, **values: object) -> Report:
        """The report, less the time it took."""
        given = {"select": ("ALL",), "severity": "info", "cache": False, "root": self.root} | values
        report = check(list(paths) or [self.root], Settings(**given))  # type: ignore[arg-type]
        return msgspec.structs.replace(report, seconds=0.0)

    def places(self, **values: object) -> list[str]:
        """Where something was found, as ``path:line:column: CODE message`` for files that could not be read."""
        return [
            f"{found.path}:{found.line}:{found.column}: {found.rule}"
            + (f" {found.message}" if found.rule == "AW001" else "")
            for found in self.check(**values).findings
        ]

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-c", "from archwise.cli.main import main; main()", *arguments]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Runs the command in a process group of its own."""
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
