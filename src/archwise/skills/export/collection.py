"""The folder that is exported: a ``marketplace.toml`` and, for each plugin, its skills.

marketplace.toml
PLUGIN/SKILL/SKILL.md, and whatever else the skill holds
"""

from pathlib import Path

import msgspec

from archwise.skills.candidate import Candidate, candidates
from archwise.skills.errors import SkillError
from archwise.skills.folder import FolderTree
from archwise.skills.skill import Skill
from archwise.skills.source import Source
from archwise.skills.tree import skill_folders

FILE = "marketplace.toml"


class Plugin(msgspec.Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """What a marketplace says of a plugin."""

    description: str
    category: str = ""
    keywords: tuple[str, ...] = ()


class Marketplace(msgspec.Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """What ``marketplace.toml`` says. ``source`` is where people find the folder, by URL or by path."""

    name: str
    owner: str
    description: str
    version: str
    source: str
    plugins: dict[str, Plugin]


class Collection(msgspec.Struct, frozen=True):
    """A folder of skills, read: plugins by name, each with its skills."""

    marketplace: Marketplace
    skills: dict[str, tuple[Skill, ...]]


def read(folder: Path) -> Collection:
    """The skills of a folder.

    Raises:
        SkillError: ``marketplace.toml`` is missing or wrong, a plugin has no skill, or a skill is not of the form that
            the specification asks for: what is exported must load everywhere.
    """
    marketplace = _marketplace(folder / FILE)
    tree = FolderTree(folder)
    source = Source("folder", ".")
    found: dict[str, list[Skill]] = {name: [] for name in marketplace.plugins}
    for candidate in candidates(tree, source, skill_folders(tree)):
        plugin, _, rest = candidate.path.partition("/")
        if plugin not in found or not rest or "/" in rest:
            raise SkillError(f"{folder / candidate.path}: a skill stands in PLUGIN/SKILL, with PLUGIN named in {FILE}")
        found[plugin].append(_strict(candidate))
    if empty := [name for name, skills in found.items() if not skills]:
        raise SkillError(f"{folder / FILE}: the plugin {empty[0]} has no skill in {folder / empty[0]}")
    return Collection(marketplace, {name: tuple(skills) for name, skills in found.items()})


def _strict(candidate: Candidate) -> Skill:
    for problem in candidate.problems():
        raise SkillError(f"{candidate.path}/SKILL.md:{problem.line}: {problem.message}")
    return candidate.skill


def _marketplace(file: Path) -> Marketplace:
    try:
        return msgspec.toml.decode(file.read_bytes(), type=Marketplace)
    except FileNotFoundError as error:
        keys = "name, owner, description, version, source, and a table [plugins.NAME] with its description"
        raise SkillError(f"{file} is missing: it gives {keys}") from error
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SkillError(f"{file}: {error}") from error
