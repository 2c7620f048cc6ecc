"""What a scanner of the panel is, and what it answers with.

A scanner is a module of this package, named in ``SCANNERS``. It looks at the bytes it is handed and at nothing else,
runs nothing of the skill, and says for each place what is wrong with it. Whatever it cannot look at it says too: by
``SkippedError`` where the skill has nothing of its kind, by ``UnavailableError`` where a package, a tool or the network
is missing. Silence means: looked at, and clean.
"""

from collections.abc import Iterable, Sequence
from importlib import metadata
from typing import Literal, Protocol

import msgspec

from archwise.skills.severity import SEVERITIES, Severity
from archwise.skills.skill import Skill

__all__ = ["SEVERITIES", "Alarm", "Row", "Scanner", "Severity", "SkippedError", "Status", "UnavailableError"]

Status = Literal["clean", "flagged", "skipped", "did-not-run", "failed"]
"""Only the first is clean: the last three have not looked, and are never counted with it."""


class Alarm(msgspec.Struct, frozen=True):
    """A place that a scanner points at.

    ``rule`` is a stable kebab-case id, unique within the scanner; ``why`` one sentence for people; ``line`` counts
    from 1 and is 0 where the whole file is meant; ``evidence`` is the text found there, as it is: who shows it makes it
    safe.
    """

    rule: str
    severity: Severity
    path: str
    line: int
    why: str
    evidence: str = ""


class Row(msgspec.Struct, frozen=True):
    """What one scanner said of one skill.

    ``reason`` tells why it skipped, did not run or failed; ``seconds`` how long it took.
    """

    scanner: str
    title: str
    status: Status
    alarms: tuple[Alarm, ...] = ()
    reason: str = ""
    version: str = ""
    seconds: float = 0.0

    @property
    def worst(self) -> Severity | None:
        """The gravest severity among the alarms."""
        return max((alarm.severity for alarm in self.alarms), key=SEVERITIES.index, default=None)


class SkippedError(Exception):
    """There is nothing in this skill that the scanner looks at; the message says of which kind."""


class UnavailableError(Exception):
    """The scanner cannot look; the message says which package, tool or network is missing, and how to get it."""


def installed(package: str, how: str = "archwise[skills]") -> str:
    """The version of a package that looks; ``how`` is what to install to have it.

    Raises:
        UnavailableError: it is not installed.
    """
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError as error:
        raise UnavailableError(f"{package} is not installed: pip install '{how}'") from error


class Scanner(Protocol):
    """What a scanner's module offers.

    ``NAME`` is kebab-case and used in settings and locks, ``TITLE`` is what people read.
    """

    NAME: str
    TITLE: str

    def scan(self, skill: Skill) -> Iterable[Alarm]:
        """What is wrong with the skill.

        Raises:
            SkippedError: nothing of its kind in this skill.
            UnavailableError: a package, a tool or the network is missing.
        """

    def version(self) -> str:
        """What looked, and in which version ("bandit 1.9.4, rules 3f9a"): kept with the result, which is stale once it
        changes.

        Raises:
            UnavailableError: what looks is not installed.
        """


class BatchScanner(Scanner, Protocol):
    """A scanner that is slow to start, and therefore looks at many skills at once."""

    def scan_many(self, skills: Sequence[Skill]) -> Sequence[Iterable[Alarm]]:
        """What is wrong with each skill, in order.

        Raises:
            UnavailableError: a package, a tool or the network is missing.
        """
