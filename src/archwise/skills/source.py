"""Where a skill comes from, as people write it: OWNER/REPO, OWNER/REPO@REF, a Git URL, a folder, an archive."""

import os
import re
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from archwise.skills.archive import SUFFIXES, ArchiveTree
from archwise.skills.errors import RefusedError, SkillError
from archwise.skills.folder import FolderTree
from archwise.skills.git import GitTree, is_commit
from archwise.skills.paths import shown
from archwise.skills.tree import Tree

OWN = "archwise"
"""The source that is archwise itself: the guide as a skill."""

_SHORT = re.compile(r"(?P<repository>[A-Za-z0-9][\w-]*/[A-Za-z0-9_][\w.-]*?)(?:\.git)?(?:@(?P<ref>.+))?")
_SCP = re.compile(r"(?P<url>[A-Za-z0-9][\w.-]*@[A-Za-z0-9][\w.-]*:[\w~][\w./~-]*?)(?:@(?P<ref>[^:]+))?")
_REF = re.compile(r"[A-Za-z0-9_][\w./+-]*")
_PAGE = re.compile(r"(?P<repository>/[^/]+/[^/]+)(?:/-)?/(?:tree|blob)/(?P<ref>[^/]+)/?(?P<path>.*)")


class Source(msgspec.Struct, frozen=True):
    """A source, and which of its versions is meant.

    ``location`` is what the lock keeps: an HTTPS or SSH URL, or a path relative to the lock's folder. ``ref`` is a
    branch, a tag or a commit; "" is the main branch. ``path`` is the folder inside that the text itself named. What is
    ``bundled`` came with archwise itself.
    """

    kind: Literal["git", "repository", "folder", "archive", "bundled"]
    location: str
    ref: str = ""
    path: str = ""

    def __str__(self) -> str:
        return f"{self.location}@{self.ref}" if self.ref else self.location

    @property
    def address(self) -> str:
        """Host and path of a repository however it is reached: "github.com/owner/name"; a path as it is."""
        if self.kind != "git":
            return self.location
        host, _, path = self.location.rpartition("://")[2].partition("/")
        if "://" not in self.location:
            host, _, path = self.location.partition(":")
        return f"{host.rpartition('@')[2]}/{path.removesuffix('.git')}"

    def open(self, base: Path, *, commit: str = "") -> AbstractContextManager[Tree]:
        """The source's tree, for as long as a block lasts; ``commit`` instead of ``ref`` where one is given.

        Raises:
            SkillError: it cannot be fetched or read. (Git fetches when the block is entered.)
        """
        _ref(self.ref)  # a lock is somebody's file too
        if commit and not is_commit(commit):
            raise RefusedError(f"{shown(commit)} is no commit")
        if self.kind == "git":
            if parse(self.location, base, base).location != self.location:
                raise RefusedError(f"{shown(self.location)}: not the URL of a repository")
            return GitTree(self.location, commit or self.ref, _name(self.location))
        if self.kind == "bundled":
            return nullcontext(_own_skills())
        where = Path(os.path.normpath(base.resolve() / self.location))
        if self.kind == "repository":
            return GitTree(str(where), commit or self.ref, _name(str(where)), local=True)
        if not where.exists():
            raise SkillError(f"{shown(self.location)}: no such file or folder")
        tree: Tree = FolderTree(where) if self.kind == "folder" else ArchiveTree(where)
        return nullcontext(tree)


def parse(text: str, here: Path, base: Path) -> Source:
    """The source that a text names; paths in it start ``here``, the answer's start at ``base``.

    Raises:
        RefusedError: it is of a kind that is not fetched from: another transport, or with a password in it.
        SkillError: it names nothing.
    """
    if not text or text.startswith("-") or not text.isprintable():
        raise RefusedError(f"{shown(text)!r} names no source")
    if text == OWN:
        return Source("bundled", OWN)
    if "://" in text:
        return _url(text)
    if "::" in text:
        raise RefusedError(
            f"{shown(text)}: `{shown(text.partition('::')[0])}::` would run a program; give an https or ssh URL"
        )
    local = text.startswith((".", "/", "~")) or (len(text) > 1 and text[1] == ":")
    if not local and (match := _SHORT.fullmatch(text)):
        return Source("git", f"https://github.com/{match['repository']}", _ref(match["ref"]))
    if not local and (match := _SCP.fullmatch(text)):
        return Source("git", match["url"], _ref(match["ref"]))
    return _local(text, here, base)


def _own_skills() -> Tree:
    return FolderTree(Path(__file__).parent / "bundled")


def _url(text: str) -> Source:
    parts = urlsplit(text)
    if parts.scheme not in ("https", "ssh"):
        instead = "give the path itself" if parts.scheme == "file" else "give an https or ssh URL"
        raise RefusedError(f"{shown(parts.scheme)}: URLs are not fetched from: {instead}")
    if parts.password is not None or (parts.username is not None and parts.scheme == "https"):
        raise RefusedError("a URL may not hold a user or password: leave them to Git's credential helper")
    if not parts.hostname or parts.hostname.startswith("-") or parts.query or parts.fragment or ".." in parts.path:
        raise RefusedError(f"{shown(text)}: not the URL of a repository")
    path, _, ref = parts.path.partition("@")
    folder = ""
    if match := _PAGE.fullmatch(path):
        path, ref, folder = match["repository"], match["ref"], match["path"].removesuffix("/SKILL.md")
    return Source("git", f"{parts.scheme}://{parts.netloc}{path.rstrip('/')}", _ref(ref), folder.strip("/"))


def _local(text: str, here: Path, base: Path) -> Source:
    where, ref = (here / Path(text).expanduser()), ""
    if not where.exists() and "@" in text:
        text, _, ref = text.rpartition("@")
        where = here / Path(text).expanduser()
    if not where.exists():
        raise SkillError(f"{shown(text)}: no such file or folder, and not of the form OWNER/REPO")
    location = _relative(where, base)
    if where.is_file():
        if not where.name.lower().endswith(SUFFIXES):
            raise SkillError(f"{shown(text)}: not an archive ({', '.join(SUFFIXES)})")
        return Source("archive", location)
    bare = (where / "HEAD").is_file() and (where / "objects").is_dir()
    if bare or ref:
        return Source("repository", location, _ref(ref))
    return Source("folder", location)


def _relative(where: Path, base: Path) -> str:
    """A path as the lock keeps it: relative, so that it means the same to everybody who has the project beside it."""
    return Path(os.path.relpath(where.resolve(), base.resolve())).as_posix()


def _ref(text: str | None) -> str:
    if not text:
        return ""
    if not _REF.fullmatch(text) or ".." in text or text.endswith((".lock", "/", ".")):
        raise RefusedError(f"{shown(text)} is no branch, tag or commit")
    return text


def _name(location: str) -> str:
    return re.split(r"[/:]", location.rstrip("/"))[-1].removesuffix(".git")
