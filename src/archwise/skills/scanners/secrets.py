"""Secrets: keys and tokens left in a skill's files, found by Kingfisher, offline.

It neither validates what it finds (that would send it out) nor looks for updates.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, cast

from archwise.skills.scanners.scanner import Alarm, Severity, UnavailableError
from archwise.skills.skill import Skill

NAME = "secrets"
TITLE = "Secrets"
_SEVERITIES: dict[str, Severity] = {"high": "high", "medium": "medium", "low": "low"}
_FOUND = (0, 200, 205)
"""What it exits with after a complete scan: nothing found, findings, findings that were validated."""
_PLACEHOLDER = (
    "example",
    "your",
    "xxxx",
    "placeholder",
    "sample",
    "dummy",
    "changeme",
    "fake",
    "test",
    "1234567890",
    "abcdef",
    "a1b2c3",
    "eyjzdwiioiixmjm0nty3odkwi",
)


def version() -> str:
    """Kingfisher's version.

    Raises:
        UnavailableError: it is not installed.
    """
    _program()
    try:
        return f"kingfisher {metadata.version('kingfisher-bin')}"
    except metadata.PackageNotFoundError:
        return "kingfisher"


def scan(skill: Skill) -> Sequence[Alarm]:
    """Keys and tokens in its files.

    Raises:
        UnavailableError: Kingfisher is not installed.
    """
    return scan_many([skill])[0]


def scan_many(skills: Sequence[Skill]) -> list[list[Alarm]]:
    """Keys and tokens in the files of each skill, by one start of Kingfisher, which takes longer than the looking.

    Raises:
        UnavailableError: Kingfisher is not installed.
    """
    found: list[list[Alarm]] = [[] for _ in skills]
    with tempfile.TemporaryDirectory(prefix="archwise-") as folder:
        named = {}
        for number, skill in enumerate(skills):
            place = Path(folder, "skills", str(number))
            place.mkdir(parents=True)
            for each, (path, data) in enumerate(skill.files.items()):
                file = place / f"{each}{Path(path).suffix}"
                file.write_bytes(data)
                named[str(file)] = number, path
        report = _run(_program(), folder)
    for each in report.get("findings", []):
        number, path = named[each["finding"]["path"]]
        found[number].append(_alarm(path, each["rule"], each["finding"]))
    return found


def _alarm(path: str, rule: dict[str, Any], finding: dict[str, Any]) -> Alarm:
    snippet = str(finding.get("snippet", ""))
    severity = _SEVERITIES.get(str(finding.get("confidence")), "medium")
    if any(word in snippet.lower() for word in _PLACEHOLDER):
        severity = "info"
    title = rule.get("name") or rule.get("id", "secret")
    why = f"holds what looks like a secret ({title})"
    return Alarm("secret", severity, path, int(finding.get("line", 0)), why, _masked(snippet))


def _run(program: str, folder: str) -> dict[str, Any]:
    command = [program, "scan", str(Path(folder, "skills")), "--format", "json", "--no-validate", "--no-update-check",
               "--git-history", "none", "--no-ignore", "--no-dedup",
               "--jobs", "1", "--rule-cache-dir", str(_cache())]  # fmt: skip
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": folder, "TMPDIR": folder}
    done = subprocess.run(command, capture_output=True, env=environment, cwd=folder, check=False)
    if done.returncode not in _FOUND:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise RuntimeError(f"kingfisher exits with {done.returncode}: {said[-1] if said else 'no message'}")
    start = done.stdout.find(b"{")
    found = json.JSONDecoder().raw_decode(done.stdout[start:].decode("utf-8", "replace"))[0] if start >= 0 else {}
    return cast("dict[str, Any]", found)


def _cache() -> Path:
    """Where Kingfisher keeps its compiled rules between runs: the first takes some seconds."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = Path(base).expanduser() / "archwise" / "kingfisher"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.gettempdir()) / "archwise-kingfisher"
    return folder


def _program() -> str:
    """The program itself where its package is installed: the package's command starts Python first."""
    try:
        return str(import_module("kingfisher").get_binary_path())
    except (ImportError, AttributeError, OSError):
        found = shutil.which("kingfisher")
    if found is None:
        raise UnavailableError("kingfisher is not installed: pip install 'archwise[skills]'")
    return found


def _masked(secret: str) -> str:
    """Enough of a secret to find it by, not enough to use it."""
    return secret[:4] + "…" if len(secret) > 8 else "…"
