"""What the skill commands share: whose skills are meant, under which policy, what is asked and how errors are said."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click

from archwise.cli.output import colored, write
from archwise.report.style import Style
from archwise.settings import Settings, SettingsError, load
from archwise.skills import lock as locks
from archwise.skills.agents import Scope, configuration, project, user
from archwise.skills.errors import SkillError
from archwise.skills.install import sweep
from archwise.skills.lock import Lock, Locked
from archwise.skills.panel import UnknownScannerError
from archwise.skills.policy import Policy
from archwise.skills.scanners import SCANNERS

P = ParamSpec("P")
R = TypeVar("R")

CLEAN, FOUND = 0, 1

globally = click.option("--global", "of_user", is_flag=True, help="Your own skills, in every project.")
color = click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
as_json = click.option(
    "--output-format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
yes = click.option("--yes", "-y", is_flag=True, help="Do not ask; continue with what the policy admits.")
force = click.option("--force", is_flag=True, help="Replace edited skills too, keeping a copy of each.")
for_agents = click.option("--agent", "agents", multiple=True, metavar="NAME", help="Only for this agent.")
accept = click.option(
    "--accept",
    multiple=True,
    type=click.Choice(SCANNERS),
    metavar="SCANNER",
    help="Install in spite of this scanner's alarms.",
)


def said(function: Callable[P, R]) -> Callable[P, R]:
    """Has errors of the skills reach the user as one line."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except (SkillError, SettingsError, UnknownScannerError) as error:
            raise click.ClickException(str(error)) from error

    return run


class Desk:
    """One command's surroundings."""

    def __init__(self, *, of_user: bool, paint: Any = "auto") -> None:
        self.scope: Scope = user() if of_user else project(Path.cwd())
        self.style = Style(color=colored(paint, sys.stdout))
        self.policy = self._policy()

    def _policy(self) -> Policy:
        if not self.scope.user:
            return load(self.scope.root).skills
        file = configuration() / "archwise.toml"
        return load(configuration(), file).skills if file.exists() else Settings().skills

    def say(self, text: str) -> None:
        """Prints lines."""
        write(f"{text}\n")

    def entries(self, names: tuple[str, ...]) -> list[Locked]:
        """The installed skills of some names; all where none is given.

        Raises:
            SkillError: one is not installed.
        """
        return wanted(locks.read(self.scope.lock), names)

    @contextmanager
    def changing(self) -> Iterator[Lock]:
        """The lock, while no other run changes it."""
        with locks.held(self.scope.lock.parent):
            lock = locks.read(self.scope.lock)
            sweep(self.scope, sorted({agent for entry in lock.skills.values() for agent in entry.agents}))
            yield lock

    def agree(self, question: str, *, yes: bool) -> bool:
        """Whether the user wants it.

        Raises:
            click.UsageError: there is nobody to ask.
        """
        if yes:
            return True
        if not sys.stdin.isatty():
            raise click.UsageError("there is no terminal to ask on: --yes goes on with what the policy lets through")
        return click.confirm(question)

    def base(self) -> Path:
        """The folder that sources' paths in the lock start from."""
        return self.scope.lock.parent

    def shelf(self) -> Path:
        """Where edited skills are kept once they are replaced."""
        return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "archwise" / "edited-skills"


def wanted(lock: Lock, names: tuple[str, ...]) -> list[Locked]:
    """The entries of some names; all where none is given.

    Raises:
        SkillError: one is not installed.
    """
    for name in names:
        if name not in lock.skills:
            import difflib

            close = difflib.get_close_matches(name, lock.skills, n=1)
            hint = f": did you mean {close[0]}?" if close else "; `archwise skill list` shows what is"
            raise SkillError(f"{name} is not installed{hint}")
    return [entry for name, entry in lock.skills.items() if not names or name in names]
