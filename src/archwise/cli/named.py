"""Files named on the command line: the whole project that they are part of is read, and what is found in them shown.

Whether code serves, what a parameter can be and whether a comment silences anything is up to files elsewhere.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from archwise.engine.files import located, text_of
from archwise.findings import Report

_MARKS = ("pyproject.toml", "archwise.toml", ".git")


def start(paths: Sequence[Path]) -> Path:
    """Where the search for settings starts: the folder that holds all of several files, else the first path."""
    if len(paths) == 1 or not _are_files(paths):
        return paths[0]
    return Path(os.path.commonpath([located(path).parent for path in paths]))


def program(paths: Sequence[Path], root: Path) -> tuple[Path, ...]:
    """What to read for ``paths``: where they are files of a project, its folder ``root`` as well."""
    is_project = any((root / mark).exists() for mark in _MARKS)
    if is_project and _are_files(paths) and all(located(path).is_relative_to(root) for path in paths):
        return (root, *paths)
    return tuple(paths)


def narrowed(report: Report, paths: Sequence[Path]) -> Report:
    """What a report of the program says of the files that are named; all of it, where folders are."""
    if not _are_files(paths):
        return report
    names = {text_of(Path(os.path.relpath(located(path), report.root))) for path in paths}
    return msgspec.structs.replace(
        report,
        findings=tuple(finding for finding in report.findings if finding.path in names),
        unread=tuple(unread for unread in report.unread if unread.path in names),
        asked=len(names) if len(names) < report.files else None,
        typed=report.typed if len(names) == report.files else None,
    )


def _are_files(paths: Sequence[Path]) -> bool:
    return not any(path.is_dir() for path in paths)
