"""A skill as a source offers it: read, pinned, not yet installed."""

import difflib
import posixpath
import re
from collections.abc import Iterator

import msgspec

from archwise.skills import frontmatter
from archwise.skills.errors import RefusedError, SkillError
from archwise.skills.frontmatter import Problem
from archwise.skills.paths import check_path, shown
from archwise.skills.skill import MANIFEST, Skill
from archwise.skills.source import Source
from archwise.skills.specification import Level, level, problems
from archwise.skills.tree import Tree, load, skill_folders

_NAME = re.compile(r"[^\W_A-Z]+(-[^\W_A-Z]+)*")
_LONGEST = 64


class Candidate(msgspec.Struct, frozen=True):
    """A skill with its origin: the commit, or the SHA-256 of the archive, and the folder in it.

    ``original`` is the digest of the folder as the source has it, where a repair has changed it.
    """

    skill: Skill
    source: Source
    path: str
    commit: str = ""
    archive: str = ""
    original: str = ""

    @property
    def name(self) -> str:
        """What the folder is called once installed: the skill's own name where agents can use it."""
        for name in (self.skill.name, self.skill.folder, _slug(self.skill.name), _slug(self.skill.folder)):
            if _NAME.fullmatch(name) and len(name) <= _LONGEST:
                return check_path(name)
        raise RefusedError(
            f"{shown(self.skill.folder)}: neither the skill's name nor its folder's can be a folder's name"
        )

    @property
    def installed(self) -> Skill:
        """The skill in the folder that it will be in."""
        return msgspec.structs.replace(self.skill, folder=self.name)

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with its form, once it is in a folder of its own name."""
        return problems(self.installed)

    def form(self) -> Level:
        """How well agents will load it."""
        return level(self.problems())

    def repaired(self) -> "Candidate":
        """The candidate with a SKILL.md that every agent can load; itself where there is nothing to repair."""
        before = self.skill.files.get(MANIFEST, b"")
        try:
            after = frontmatter.repaired(before.decode("utf-8")).encode()
        except UnicodeDecodeError:
            return self
        if after == before:
            return self
        files = {**self.skill.files, MANIFEST: after}
        skill = Skill.of(self.skill.folder, files, self.skill.executable)
        return msgspec.structs.replace(self, skill=skill, original=self.skill.digest())


def candidates(tree: Tree, source: Source, folders: list[str]) -> Iterator[Candidate]:
    """The skills in some folders of a tree.

    Raises:
        SkillError: one is not safe to take, or cannot be read.
    """
    for folder in folders:
        yield Candidate(load(tree, folder), source, folder, tree.commit, tree.digest)


def matching(tree: Tree, wanted: str) -> list[str]:
    """The folders of the skills that a path or a name means: one, those below a folder, or all.

    Raises:
        SkillError: there is none, or the name is that of several.
    """
    every = skill_folders(tree)
    if not every:
        raise SkillError(f"{tree.name}: no folder holds a {MANIFEST}")
    wanted = wanted.replace("\\", "/").strip("/").removeprefix("./")
    if not wanted or wanted == ".":
        return every
    if wanted in every:
        return [wanted]
    if below := skill_folders(tree, wanted):
        return below
    names = {folder: posixpath.basename(folder) or tree.name for folder in every}
    named = [folder for folder, name in names.items() if name == wanted]
    if len(named) > 1:
        raise SkillError(f"{tree.name}: {shown(wanted)} is in several folders: {', '.join(map(shown, named[:5]))}")
    if named:
        return named
    alike = difflib.get_close_matches(posixpath.basename(wanted), set(names.values()), n=3)
    close = [folder or name for folder, name in names.items() if name in alike][:3]
    hint = f"did you mean {', '.join(map(shown, close))}?" if close else f"it holds {', '.join(map(shown, every[:5]))}"
    raise SkillError(f"{tree.name}: there is no skill {shown(wanted)}: {hint}")


def _slug(text: str) -> str:
    return re.sub(r"[\W_]+", "-", text.lower()).strip("-")
