"""The files of a Git revision, written apart from the user's work tree, which stays as it is."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import msgspec

from archwise.engine.projectfiles import is_project_file

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILES = ("100644", "100664", "100755")
"""Modes of plain files: links and submodules are left out."""
_SAFE = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}")
_HELD_BACK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
"""What Git sets for its hooks: it would name another repository than the one around the path."""


class RevisionError(Exception):
    """A revision cannot be read; the message says why."""


class Revision(msgspec.Struct, frozen=True):
    """A commit of the repository around a path."""

    name: str
    commit: str
    top: Path

    def unpack(self, folder: Path) -> None:
        """Writes its Python and project files below a folder.

        Raises:
            RevisionError: Git cannot read it.
        """
        wanted = dict(self._listed())
        answer = _git(self.top, "cat-file", "--batch", given="".join(f"{oid}\n" for oid in wanted.values()).encode())
        offset = 0
        for path in wanted:
            end = answer.index(b"\n", offset)
            header = answer[offset:end].split()
            if header[-1] == b"missing":  # a partial clone: the file is on the server only
                offset = end + 1
                continue
            size = int(header[2])
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(answer[end + 1 : end + 1 + size])
            offset = end + size + 2

    def _listed(self) -> Iterator[tuple[str, str]]:
        listed = _git(self.top, "ls-tree", "-r", "-z", "--full-tree", self.commit)
        for line in filter(None, listed.split(b"\0")):
            about, _, raw = line.partition(b"\t")
            mode, _, oid = about.decode().split(" ")
            path = os.fsdecode(raw)
            parts = PurePosixPath(path).parts
            inside = ".." not in parts and not PurePosixPath(path).is_absolute()
            if mode in _FILES and inside and (path.endswith(".py") or is_project_file(path)):
                yield path, oid


def revision(path: Path, name: str) -> Revision:
    """A revision (``main``, ``HEAD~3``, a hash) of the repository around a path.

    Raises:
        RevisionError: there is no repository, or no such revision in it.
    """
    folder = path if path.is_dir() else path.parent
    try:
        top = os.fsdecode(_git(folder, "rev-parse", "--show-toplevel")).removesuffix("\n")
    except RevisionError as error:
        raise RevisionError(f"--compare: {path} is in no Git repository ({error})") from error
    try:
        commit = _git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    except RevisionError as error:
        raise RevisionError(f"--compare: there is no revision `{name}`; `git log --oneline` lists them") from error
    return Revision(name, commit.decode().strip(), Path(top).resolve())


def _git(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
    environment = {key: value for key, value in os.environ.items() if key not in _HELD_BACK}
    environment |= {"LC_ALL": "C", "GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(
            ["git", *_SAFE, *arguments], input=given, capture_output=True, cwd=folder, env=environment, check=False
        )
    except FileNotFoundError as error:
        raise RevisionError("the `git` command is not installed") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise RevisionError(said[0].removeprefix("fatal: ") if said else f"git {arguments[0]} failed")
    return done.stdout
