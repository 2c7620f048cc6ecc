"""Run the checker on a corpus and read the report it prints."""

from __future__ import annotations

import json
import shlex
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable
    from pathlib import Path

BLOCKING_RULES = frozenset({"AW201", "AW202"})


@dataclass(frozen=True)
class Place:
    path: str
    line: int


@dataclass(frozen=True)
class Finding:
    """What the benchmarks need of a finding; the published contract has more."""

    rule: str
    path: str
    line: int
    end_line: int
    message: str
    severity: str
    confidence: str
    cause: str
    fingerprint: str
    trace: tuple[Place, ...]
    notes: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Finding:
        return cls(
            rule=row["rule"],
            path=row["path"],
            line=row["line"],
            end_line=row.get("end_line") or row["line"],
            message=row.get("message", ""),
            severity=row.get("severity", ""),
            confidence=row.get("confidence", ""),
            cause=row.get("cause", ""),
            fingerprint=row.get("fingerprint", ""),
            trace=tuple(Place(hop["path"], hop["line"]) for hop in row.get("trace", ())),
            notes=tuple(hop.get("note", "") for hop in row.get("trace", ())),
        )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--archwise", default="archwise", metavar="COMMAND", help="how to call it (default: archwise)")


def read_report(text: str) -> list[Finding]:
    return [Finding.from_json(row) for row in json.loads(text)["findings"]]


def check(command: str, root: Path, options: Iterable[str] = ()) -> list[Finding]:
    """Every finding on ``root``, whatever its severity; paths are relative to ``root``."""
    arguments = [
        *shlex.split(command),
        "check",
        "--output-format",
        "json",
        "--severity",
        "info",
        "--no-cache",
        *options,
    ]
    # Run inside the corpus: paths of the report are relative to the project, and none of ours must be found above it.
    done = subprocess.run([*arguments, "."], cwd=root, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(arguments)} in {root}: exit code {done.returncode}\n{done.stderr.strip()}")
    return read_report(done.stdout)
