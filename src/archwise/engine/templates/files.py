"""Finds a project's templates, and the comments in them that silence findings."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from archwise.engine.ir import Suppression

_FOLDER = "templates"
SUFFIXES = (".html", ".txt", ".xml", ".eml")
_COMMENT = re.compile(r"\{#[ \t]*archwise:[ \t]*ignore(?:\[(?P<codes>[^\]\n]*)\])?[^\n]*?#\}", re.IGNORECASE)


def find(root: Path, files: Iterable[Path]) -> list[Path]:
    """The templates below the ``templates`` folders that lie beside Python files, and below the root; sorted."""
    found: set[Path] = set()
    for folder in {root, *(file.parent for file in files)}:
        for directory, _, names in os.walk(folder / _FOLDER):
            found.update(Path(directory, name) for name in names if name.endswith(SUFFIXES))
    return sorted(found)


def name_of(path: str) -> str:
    """What loaders call a template: its path below the innermost ``templates`` folder."""
    return path.rpartition(f"/{_FOLDER}/")[2] if f"/{_FOLDER}/" in path else path.removeprefix(f"{_FOLDER}/")


def suppressions_of(text: str) -> tuple[Suppression, ...]:
    """The comments ``{# archwise: ignore[CODE] #}``, in order."""
    if "archwise:" not in text.lower():
        return ()
    return tuple(
        Suppression(number, tuple(re.findall(r"\w+", (match["codes"] or "").upper())), "archwise")
        for number, line in enumerate(text.splitlines(), start=1)
        for match in _COMMENT.finditer(line)
    )
