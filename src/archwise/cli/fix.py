"""``archwise check --fix`` and ``--diff``."""

import difflib
from collections.abc import Callable, Iterator
from pathlib import Path

from archwise.cli.output import tell
from archwise.findings import Report
from archwise.fixes.apply import Change, Refusal, changes, write
from archwise.report.sources import decode

_PASSES = 10
"""How often fixes that were in each other's way are tried again."""


def fix(check: Callable[[], Report], *, unsafe: bool) -> int:
    """Carry out the fixes of what ``check`` reports until none is left; how many findings they put right."""
    fixed = 0
    refused: dict[str, str] = {}
    for _ in range(_PASSES):
        report = check()
        made, left = changes(Path(report.root), report.findings, unsafe=unsafe)
        written = [change for change in made if change.path not in refused and _written(change, refused)]
        refused.update((each.path, each.reason) for each in left)
        fixed += sum(change.fixed for change in written)
        if not written:
            break
    _tell(refused)
    return fixed


def difference(report: Report, *, unsafe: bool) -> tuple[str, int]:
    """What the fixes of a report would change, as one unified diff, and how many findings that puts right."""
    made, refused = changes(Path(report.root), report.findings, unsafe=unsafe)
    _tell({each.path: each.reason for each in refused})
    return "".join(line for change in made for line in _lines(change)), sum(change.fixed for change in made)


def _written(change: Change, refused: dict[str, str]) -> bool:
    try:
        write(change)
    except (OSError, ValueError) as error:
        refused[change.path] = Refusal(change.path, getattr(error, "strerror", None) or str(error)).reason
        return False
    return True


def _tell(refused: dict[str, str]) -> None:
    for path, reason in sorted(refused.items()):
        tell(f"{path}: not fixed: {reason}")


def _lines(change: Change) -> Iterator[str]:
    before, after = (decode(content).splitlines(keepends=True) for content in (change.before, change.after))
    for line in difflib.unified_diff(before, after, f"a/{change.path}", f"b/{change.path}"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
