"""Names that are safe to write on every system a team uses, whatever a source calls its files.

Sources: Microsoft, "Naming Files, Paths, and Namespaces" (reserved names and characters); Git's own ``verify_path`` and
its list of names that mean ``.git`` on some file systems.
"""

import re
import unicodedata
from collections.abc import Iterable

from archwise.skills.errors import RefusedError

_RESERVED = frozenset(
    (
        "con",
        "prn",
        "aux",
        "nul",
        "conin$",
        "conout$",
        *(f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789¹²³"),
    )
)
_FORBIDDEN = re.compile(r'[<>:"|?*\\]')
_GIT = re.compile(r"\.git|git~1", re.IGNORECASE)
_SEGMENT, _PATH, _DEPTH = 200, 400, 12
"""Bytes of a segment, characters of a path, segments of a path."""


def check_path(path: str) -> str:
    """The path itself, when every system can hold it inside a folder.

    Raises:
        RefusedError: it could leave the folder, collide, steer a terminal, or cannot be written everywhere.
    """
    segments = path.split("/")
    if len(path) > _PATH or len(segments) > _DEPTH:
        raise RefusedError(f"{shown(path[:80])}…: a path this long or deep is not taken")
    for segment in segments:
        if reason := _wrong(segment):
            raise RefusedError(f"{shown(path)}: {reason}")
    return path


def check_collisions(paths: Iterable[str]) -> None:
    """Makes sure that no two paths are one file, and none a folder of another, where case or composition do not count.

    Raises:
        RefusedError: two of them are.
    """
    seen: dict[str, str] = {}
    folders: dict[str, str] = {}
    for path in paths:
        folded = fold(path)
        if folded in seen:
            raise RefusedError(f"{shown(path)} and {shown(seen[folded])} are one file on some systems")
        seen[folded] = path
        parts = path.split("/")
        for count in range(1, len(parts)):
            folder = "/".join(parts[:count])
            known = folders.setdefault(fold(folder), folder)
            if known != folder:
                raise RefusedError(f"{shown(folder)} and {shown(known)} are one folder on some systems")
    for folded, folder in folders.items():
        if folded in seen:
            raise RefusedError(f"{shown(folder)} is both a file and a folder on some systems")


def fold(path: str) -> str:
    """What a path is called where neither case nor composition counts."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", path).casefold())


def shown(text: str) -> str:
    """A text of somebody else's, without the characters that could steer a terminal or hide something."""
    return "".join(char if char.isprintable() or char == "\t" else "�" for char in text)


def _wrong(segment: str) -> str:
    if not segment or segment in (".", ".."):
        return "a path may not be absolute, empty, or hold `.` or `..`"
    if not segment.isprintable() or _FORBIDDEN.search(segment):
        return "a name holds a character that not every system can write, or that steers a terminal"
    if segment[-1] in " ." or segment[0] == " ":
        return "a name may not start with a blank, nor end with a blank or a dot"
    if len(segment.encode("utf-8", "replace")) > _SEGMENT:
        return "a name is too long"
    if segment.split(".")[0].strip().casefold() in _RESERVED:
        return "a name is reserved on Windows"
    if _GIT.fullmatch(unicodedata.normalize("NFKC", segment).rstrip(" .")):
        return "a skill may not hold a Git repository"
    return ""
