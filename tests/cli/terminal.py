"""A terminal for the command: it waits for what is shown, and never for time to pass."""

import os
import pty
import re
import select
import subprocess
import sys
from pathlib import Path
from typing import Self

UP, DOWN, ENTER, INTERRUPT = "\x1b[A", "\x1b[B", "\r", "\x03"
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[=>]|\x1b\][^\x07]*\x07")
_PATIENCE = 60
"""Seconds after which nothing more is expected to come."""


class Terminal:
    """A process of the command in a terminal of its own."""

    def __init__(self, *arguments: str, folder: Path) -> None:
        self.fd, inner = pty.openpty()
        environment = {**os.environ, "TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1", "COLUMNS": "120", "LINES": "50"}
        command = [sys.executable, "-m", "archwise", *arguments]
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=inner, stdout=inner, stderr=inner, start_new_session=True
        )
        os.close(inner)
        self.seen = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.fd)

    def until(self, text: str) -> str:
        """Read until a text is shown, and return all that came since the last time."""
        while text not in self.seen:
            assert self._read(), f"{text!r} was never shown: {self.seen[-2000:]!r}"
        before, _, self.seen = self.seen.partition(text)
        return before + text

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self.fd, keys.encode())

    def end(self) -> tuple[int, str]:
        """Read to the end, and return the exit code and what was left to read."""
        while self._read():
            pass
        return self.process.wait(), self.seen

    def _read(self) -> bool:
        """Take what comes next; false at the end."""
        ready, _, _ = select.select([self.fd], [], [], _PATIENCE)
        assert ready, f"nothing was shown any more after {self.seen[-2000:]!r}"
        try:
            part = os.read(self.fd, 65536)
        except OSError:  # the other end is closed
            return False
        self.seen = _ESCAPES.sub("", self.seen + part.decode(errors="replace")).replace("\r", "")
        return bool(part)
