"""Shell and PowerShell: scripts, commands shown in the texts, and what no skill's commands should do."""

from collections.abc import Iterator

from archwise.skills.scanners import rules
from archwise.skills.scanners.reading import snippets
from archwise.skills.scanners.scanner import Alarm, SkippedError
from archwise.skills.skill import Skill

NAME = "shell-code"
TITLE = "Shell code"


def version() -> str:
    """The state of the rules."""
    return f"{rules.version('shell_code.toml')}, {rules.version('powershell_code.toml')}"


def scan(skill: Skill) -> Iterator[Alarm]:
    """What its commands do that none should.

    Raises:
        SkippedError: there are none.
    """
    shell, powershell, other = (snippets(skill, language) for language in ("shell", "powershell", "other"))
    if not shell and not powershell and not other:
        raise SkippedError("no shell code in this skill")
    for snippet in shell:
        yield from rules.alarms("shell_code.toml", snippet)
    for snippet in other:  # a command within a configuration that the text shows
        yield from rules.alarms("shell_code.toml", snippet)
    for snippet in (*powershell, *shell):
        yield from rules.alarms("powershell_code.toml", snippet)
