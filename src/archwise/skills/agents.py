"""The coding agents that skills are installed for: where each looks is in ``agents.toml``."""

import os
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec

from archwise.skills.errors import RefusedError, SkillError


class Agent(msgspec.Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """An agent, the folders it reads skills from, and what gives away that it is used; see ``agents.toml``."""

    title: str
    source: str
    project: str
    user: str
    project_signs: tuple[str, ...]
    user_signs: tuple[str, ...]
    home: str = ""


@cache
def agents() -> dict[str, Agent]:
    """Every agent known, by name."""
    text = files("archwise.skills").joinpath("agents.toml").read_bytes()
    return msgspec.toml.decode(text, type=dict[str, Agent])


class Scope(msgspec.Struct, frozen=True):
    """Whose skills are meant: a project's, or the user's in every project (``user``).

    ``root`` is the project's folder or the user's home, ``lock`` the file that says what is installed.
    """

    root: Path
    lock: Path
    user: bool = False

    def folder(self, name: str) -> Path:
        """Where an agent looks for skills, links in it followed.

        Raises:
            RefusedError: the project's folder is a link that leads out of the project.
        """
        agent = agents()[name]
        if self.user:
            home = os.environ.get(agent.home, "") if agent.home else ""
            return (Path(home) / "skills" if home else self.root / agent.user).resolve()
        folder = (self.root / agent.project).resolve()
        if not folder.is_relative_to(self.root.resolve()):
            raise RefusedError(
                f"{self.root / agent.project} leads out of the project, to {folder}: nothing is put there"
            )
        return folder

    def detected(self) -> tuple[str, ...]:
        """The agents that give signs of being used here; in a project without any, those that the user has."""
        found = self._with_signs(self.root, user=self.user)
        return found if found or self.user else self._with_signs(Path.home(), user=True)

    def _with_signs(self, root: Path, *, user: bool) -> tuple[str, ...]:
        signs = {name: agent.user_signs if user else agent.project_signs for name, agent in agents().items()}
        return tuple(name for name in agents() if any((root / sign).exists() for sign in signs[name]))


def project(start: Path) -> Scope:
    """The scope of the project that a folder belongs to: nearest upward with a lock, a repository or a pyproject."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if any((folder / sign).exists() for sign in ("skills.lock", ".git", "pyproject.toml")):
            return Scope(folder, folder / "skills.lock")
    return Scope(start, start / "skills.lock")


def user() -> Scope:
    """The scope of the user: the lock lies in the user's configuration folder."""
    return Scope(Path.home(), configuration() / "skills.lock", user=True)


def configuration() -> Path:
    """Where the user's own files of archwise lie."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "archwise"


def known(names: Iterable[str]) -> tuple[str, ...]:
    """Names of agents, each once, in the order of ``agents.toml``.

    Raises:
        SkillError: one is not known.
    """
    asked = set(names)
    if unknown := sorted(asked.difference(agents())):
        raise SkillError(f"no agent is called {unknown[0]!r}: there are {', '.join(agents())}")
    return tuple(name for name in agents() if name in asked)
