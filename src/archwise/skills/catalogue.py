"""What can be had: the skills of the sources that the user has added, and which of them are like one another."""

import json
import os
import re
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from archwise.skills.agents import configuration
from archwise.skills.candidate import Candidate
from archwise.skills.errors import SkillError
from archwise.skills.replace import replace_file
from archwise.skills.skill import MANIFEST, Skill
from archwise.skills.source import Source
from archwise.skills.tags import category, tags
from archwise.skills.tree import Tree, skill_folders

_MANIFESTS = (".claude-plugin/marketplace.json",)
_MOST = 1_000_000
"""Bytes of a SKILL.md or a manifest that are read for a catalogue."""
_GIST = 160
"""Characters of a description in a list."""
_WORD = re.compile(r"\w{4,}")
_COMMON = frozenset(
    ("about", "also", "from", "have", "help", "helps", "into", "more", "need", "skill", "that", "their", "this", "used",
     "user", "users", "uses", "using", "want", "when", "with", "work", "your")
)  # fmt: skip


def file() -> Path:
    """Where the user's catalogue lies."""
    return configuration() / "skill-sources.json"


class Listed(msgspec.Struct, frozen=True):
    """A skill of a catalogue, and where it is."""

    name: str
    description: str
    tags: tuple[str, ...]
    category: str
    path: str

    @property
    def gist(self) -> str:
        """The description, cut where a line or two end."""
        return textwrap.shorten(self.description, _GIST, placeholder=" …")


class Shelf(msgspec.Struct, frozen=True):
    """A source that was added, and what it held when it was last looked at."""

    source: Source
    commit: str
    skills: tuple[Listed, ...]

    @property
    def address(self) -> str:
        """The source as `skill add` takes it."""
        if self.source.kind in ("git", "bundled"):
            return str(self.source).removeprefix("https://github.com/")
        where = os.path.normpath(configuration() / self.source.location)
        return f"{where}@{self.source.ref}" if self.source.ref else where


class Catalogue(msgspec.Struct, frozen=True):
    """All sources that were added."""

    shelves: tuple[Shelf, ...] = ()

    def with_shelf(self, shelf: Shelf) -> "Catalogue":
        """The catalogue with a source added, or looked at again."""
        others = [each for each in self.shelves if each.source.location != shelf.source.location]
        return Catalogue(tuple(sorted([*others, shelf], key=lambda each: each.source.location)))

    def without(self, location: str) -> "Catalogue":
        """The catalogue without a source."""
        return Catalogue(tuple(each for each in self.shelves if each.source.location != location))


def read() -> Catalogue:
    """The user's catalogue; an empty one where there is none yet.

    Raises:
        SkillError: it is not a catalogue.
    """
    try:
        return msgspec.json.decode(file().read_bytes(), type=Catalogue)
    except FileNotFoundError:
        return Catalogue()
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise SkillError(
            f"{file()}: not a catalogue of skills: {error}; delete it and add the sources again"
        ) from error


def write(catalogue: Catalogue) -> None:
    """Keeps the catalogue.

    Raises:
        OSError: it cannot be written.
    """
    replace_file(file(), msgspec.json.format(msgspec.json.encode(catalogue), indent=1) + b"\n")


def shelf(tree: Tree, source: Source) -> Shelf:
    """What a source holds, by its SKILL.md files and its marketplace's manifest; broken ones are left out."""
    return Shelf(source, tree.commit, tuple(_listed(tree)))


def unlisted(tree: Tree, shelf: Shelf) -> list[str]:
    """The folders of a source that hold a SKILL.md, and that its shelf leaves out."""
    listed = {skill.path for skill in shelf.skills}
    return [folder for folder in skill_folders(tree) if folder not in listed]


def search(catalogue: Catalogue, words: Iterable[str]) -> list[tuple[Shelf, Listed]]:
    """The skills that every word is found in, those first that have it in their name."""
    wanted = [word.casefold() for word in words]
    found: list[tuple[int, str, int, tuple[Shelf, Listed]]] = []
    for each in catalogue.shelves:
        for skill in each.skills:
            weights = [_weight(skill, word) for word in wanted]
            if all(weights):
                found.append((-sum(weights), skill.name, len(found), (each, skill)))
    once: dict[tuple[str, str, str], tuple[Shelf, Listed]] = {}
    for *_, (each, skill) in sorted(found, key=lambda entry: entry[:3]):
        once.setdefault((each.address, skill.name, skill.description), (each, skill))  # exporters write a skill often
    return list(once.values())


def related(candidate: Candidate, others: Iterable[Listed], most: int = 5) -> list[Listed]:
    """The skills most like one: by tags and category they share, and by what their descriptions are about."""
    here = Listed(
        candidate.name,
        candidate.skill.description,
        tags(candidate.skill),
        category(candidate.skill, candidate.path),
        candidate.path,
    )
    scores = {skill.name: (_likeness(here, skill), skill) for skill in others if skill.name != here.name}
    best = sorted(scores.values(), key=lambda scored: (-scored[0], scored[1].name))
    return [skill for score, skill in best if score >= 2][:most]


def _likeness(one: Listed, other: Listed) -> float:
    shared = len(set(one.tags) & set(other.tags))
    words, others = _words(f"{one.name} {one.description}"), _words(f"{other.name} {other.description}")
    same = bool(one.category) and one.category == other.category
    return 2 * shared + same + 10 * len(words & others) / (len(words | others) or 1)


def _words(text: str) -> set[str]:
    return {word for word in _WORD.findall(text.casefold().replace("-", " ")) if word not in _COMMON}


def _weight(skill: Listed, word: str) -> int:
    fields = ((8, skill.name), (4, " ".join(skill.tags)), (2, skill.category), (1, skill.description))
    return sum(weight for weight, text in fields if word in text.casefold())


def _listed(tree: Tree) -> Iterator[Listed]:
    plugins = _plugins(tree)
    paths = {f"{folder}/{MANIFEST}".lstrip("/"): folder for folder in skill_folders(tree)}
    small = [path for path in paths if path in tree.entries and _small(tree, path)]
    for path, data in tree.read(small).items():
        skill = Skill.of(paths[path].rpartition("/")[2] or tree.name, {MANIFEST: data})
        if not skill.description:
            continue
        filed, keywords = next((about for root, about in plugins.items() if path.startswith(f"{root}/")), ("", ()))
        own = Candidate(skill, Source("folder", "."), paths[path])
        try:
            name = own.name
        except SkillError:
            continue
        yield Listed(
            name, skill.description, tags(skill) or keywords, filed or category(skill, paths[path]), paths[path]
        )


def _small(tree: Tree, path: str) -> bool:
    entry = tree.entries[path]
    return entry.kind in ("file", "executable") and entry.size <= _MOST


def _plugins(tree: Tree) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Category and keywords by a plugin's folder, where a marketplace's manifest gives them."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for path in _MANIFESTS:
        if path not in tree.entries or not _small(tree, path):
            continue
        try:
            plugins = json.loads(tree.read([path])[path]).get("plugins", [])
        except (ValueError, AttributeError, RecursionError):
            continue
        for plugin in plugins if isinstance(plugins, list) else []:
            if isinstance(plugin, dict) and isinstance(source := plugin.get("source"), str):
                found[source.removeprefix("./").strip("/")] = (
                    _text(plugin.get("category")),
                    _texts(plugin.get("keywords")),
                )
    found.pop("", None)
    return found


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
