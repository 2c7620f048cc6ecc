"""skilltotal, a scanner of others, where it is installed: static rules over the whole skill, run offline."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from archwise.skills.scanners import on_disk
from archwise.skills.scanners.scanner import SEVERITIES, Alarm, Severity, UnavailableError, installed
from archwise.skills.skill import Skill

NAME = "skilltotal"
TITLE = "skilltotal"


def version() -> str:
    """Its version.

    Raises:
        UnavailableError: it is not installed.
    """
    return f"skilltotal {installed('skilltotal', 'archwise[peers]')}"


def scan(skill: Skill) -> Iterator[Alarm]:
    """Its findings. What a skill merely can do is information here, as it is there.

    Raises:
        UnavailableError: it is not installed.
    """
    version()
    with tempfile.TemporaryDirectory(prefix="archwise-") as folder:
        place = on_disk.write(skill, Path(folder))
        report = _run(place, folder)
    for each in report.get("findings", []):
        location = (each.get("evidence") or [{}])[0]
        severity = each.get("severity", "medium")
        if each.get("threat_class") == "capability" or severity not in SEVERITIES:
            severity = "info"
        why = str(each.get("title") or each.get("id"))
        rule = str(each.get("id") or "finding")
        path, line = str(location.get("file", "SKILL.md")), int(location.get("line_start") or 0)
        yield Alarm(rule, cast("Severity", severity), path, line, why, str(location.get("snippet", ""))[:200])


def _run(place: Path, folder: str) -> dict[str, Any]:
    beside = Path(sys.executable).parent / "skilltotal"
    program = str(beside) if beside.is_file() else shutil.which("skilltotal")
    if program is None:
        raise UnavailableError("the command `skilltotal` is not found")
    command = [program, "scan", str(place), "--json", "--no-config"]
    done = subprocess.run(command, capture_output=True, cwd=folder, check=False)
    if done.returncode not in (0, 1, 2) or not done.stdout.strip():
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise RuntimeError(f"skilltotal exits with {done.returncode}: {said[-1] if said else 'no message'}")
    return cast("dict[str, Any]", json.loads(done.stdout))
