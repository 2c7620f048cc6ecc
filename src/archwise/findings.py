"""What a rule reports, in the terms of every output format."""

from pathlib import Path
from typing import Literal

import msgspec

Severity = Literal["error", "warning", "info"]
Confidence = Literal["certain", "likely"]


class Hop(msgspec.Struct, frozen=True):
    """One step of the path that proves a finding."""

    path: str
    line: int
    column: int
    symbol: str
    note: str


class Edit(msgspec.Struct, frozen=True):
    """Text to put in place of what stands between two positions, in characters from one; the end is left out."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


class Fix(msgspec.Struct, frozen=True):
    """Edits of the finding's own file that put it right.

    A ``safe`` one keeps what the program does but for the defect. ``content`` is the hash of the file that the edits
    are for: they mean nothing in another.
    """

    message: str
    safe: bool
    content: str
    edits: tuple[Edit, ...]


class Finding(msgspec.Struct, frozen=True):
    """A defect at a place.

    ``path`` is relative to the project root and POSIX; ``line`` and ``column`` count from one. ``trace`` runs from the
    finding's own place to the sink; ``roots`` says in words from where the place is reached (``GET /orders``).
    ``fingerprint`` survives moved lines; findings of one defect (same helper, same sink) share a ``cause``.
    """

    rule: str
    name: str
    path: str
    line: int
    column: int
    end_line: int
    symbol: str
    message: str
    severity: Severity
    confidence: Confidence
    claims: tuple[str, ...]
    help: str
    fingerprint: str
    cause: str
    cause_message: str
    roots: tuple[str, ...] = ()
    trace: tuple[Hop, ...] = ()
    fix: Fix | None = None


class Unread(msgspec.Struct, frozen=True):
    """A file that was named or discovered but could not be read or parsed."""

    path: str
    reason: str
    line: int | None = None


class Typed(msgspec.Struct, frozen=True):
    """How much of the public side of a program is typed: functions that others rely on, by AW301's measure."""

    functions: int
    typed: int


class Report(msgspec.Struct, frozen=True):
    """What one run of ``check`` found; every renderer takes this and nothing else.

    ``findings`` are sorted by path, line, column and rule, of every severity, after selection and suppression.
    ``files`` and ``lines`` count everything discovered, the unread included. ``typed`` is known where AW301 is on.
    ``root`` is absolute, and every path is relative to it. ``unmatched`` are the declared patterns, each after its
    setting, that no module fits. ``unheeded`` are the settings files below the root, which this run has not read.
    ``failed`` are the rules whose findings are missing, each with the error of our own that ended it. ``asked`` is the
    number of files whose findings these are, where not of all.
    """

    root: str
    findings: tuple[Finding, ...]
    files: int
    lines: int
    unread: tuple[Unread, ...] = ()
    typed: Typed | None = None
    seconds: float = 0.0
    unmatched: tuple[tuple[str, str], ...] = ()
    unheeded: tuple[str, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    asked: int | None = None


def shown(path: str, base: Path, root: Path) -> str:
    """How people are shown a path below ``base``: relative to the root where it lies in it, else whole."""
    full = base / path
    return full.relative_to(root).as_posix() if full.is_relative_to(root) else full.as_posix()
