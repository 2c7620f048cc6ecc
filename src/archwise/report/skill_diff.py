"""What an update would change in an installed skill, for people."""

import difflib
from collections.abc import Iterator

from archwise.report.style import Role, Style, printable
from archwise.skills.agents import Scope
from archwise.skills.candidate import Candidate
from archwise.skills.errors import SkillError
from archwise.skills.install import places, read
from archwise.skills.lock import Locked

_MOST_LINES = 400
"""Of one file's difference that are shown."""


def diff(scope: Scope, entry: Locked, candidate: Candidate, style: Style) -> str:
    """The difference between what is installed and what would be, file by file."""
    before: dict[str, bytes] = {}
    for place in places(scope, entry):
        try:
            before, _ = read(place, entry.files)
            break
        except SkillError:
            continue
    after = candidate.skill.files
    changed = [path for path in sorted(before.keys() | after.keys()) if before.get(path) != after.get(path)]
    return "\n".join(line for path in changed for line in _file(path, before.get(path), after.get(path), style))


def _file(path: str, before: bytes | None, after: bytes | None, style: Style) -> Iterator[str]:
    old, new = _text(before), _text(after)
    if old is None or new is None:
        yield style("strong", f"{printable(path)}: {len(before or b''):,} bytes become {len(after or b''):,}")
        return
    names = [path if data is not None else "/dev/null" for data in (before, after)]
    lines = list(difflib.unified_diff(old.splitlines(), new.splitlines(), names[0], names[1], lineterm=""))
    for line in lines[:_MOST_LINES]:
        yield _painted(printable(line), style)
    if len(lines) > _MOST_LINES:
        yield f"and {len(lines) - _MOST_LINES:,} more lines"


def _painted(line: str, style: Style) -> str:
    roles: dict[str, Role] = {"+": "help", "-": "error", "@": "place"}
    role = roles.get(line[:1])
    return style(role, line) if role else line


def _text(data: bytes | None) -> str | None:
    try:
        return None if data is not None and b"\0" in data else (data or b"").decode()
    except UnicodeDecodeError:
        return None
