"""Scans candidates, shows what the panel said, asks, and installs what the policy lets through."""

import contextlib
from collections.abc import Sequence

import msgspec

from archwise.cli.skill.desk import CLEAN, FOUND, Desk
from archwise.report.panel import abilities, described, panel, verdict
from archwise.skills import install as installing
from archwise.skills import lock as locks
from archwise.skills.agents import agents as all_agents
from archwise.skills.agents import known
from archwise.skills.candidate import Candidate
from archwise.skills.errors import SkillError
from archwise.skills.lock import Lock, Locked
from archwise.skills.panel import capabilities, scan_all
from archwise.skills.scanners.scanner import Row

_SHOWN_WHOLE = 3
"""Skills that are shown row by row; of more at once only what is flagged is shown."""


class Placing:
    """From candidates to installed skills."""

    def __init__(self, desk: Desk, *, accept: Sequence[str] = (), force: bool = False, yes: bool = False) -> None:
        self._desk, self._accept, self._force, self._yes = desk, tuple(accept), force, yes

    def add(self, found: Sequence[Candidate], agents: Sequence[str]) -> int:
        """Installs new skills for some agents, and for those that have them already; of several those that can be."""
        lock = locks.read(self._desk.scope.lock)
        folders, fitting, left_out = _folders(found), [], []
        for candidate in found:
            try:
                if len(folders.get(candidate.name, ())) > 1:
                    raise SkillError(f"{candidate.name} is in two folders, {' and '.join(folders[candidate.name][:2])}")
                _check_origin(candidate, lock.skills.get(candidate.name))
                fitting.append((candidate, self._entry(candidate, agents, lock)))
            except SkillError as error:
                if len(found) == 1:
                    raise
                left_out.append(f"left out: {error}")
        for reason in dict.fromkeys(left_out):
            self._desk.say(reason)
        code = self.place(fitting) if fitting else FOUND
        return code if len(fitting) == len(found) else FOUND

    def place(self, wanted: Sequence[tuple[Candidate, Locked]]) -> int:
        """Scans, shows, asks and installs; 1 where the policy keeps one out, or the user says no."""
        code, passed = CLEAN, []
        skills = [candidate.installed for candidate, _ in wanted]
        able = capabilities(skills)
        for (candidate, entry), rows, can in zip(wanted, scan_all(skills), able, strict=True):
            self._desk.say(self._shown(candidate, rows, can, alone=len(skills) <= _SHOWN_WHOLE))
            if reasons := self._reasons(candidate, entry, rows):
                code = FOUND
                for reason in reasons:
                    self._desk.say(f"  {self._desk.style('error', 'blocked')}: {reason}")
            else:
                passed.append((candidate, msgspec.structs.replace(entry, scan=dict(locks.scanned(rows)))))
        if not passed:
            return code
        if not self._desk.agree(_question([entry for _, entry in passed]), yes=self._yes):
            return FOUND
        for candidate, entry in passed:
            self._install(candidate, entry)
        return code

    def _shown(self, candidate: Candidate, rows: tuple[Row, ...], can: Row, *, alone: bool) -> str:
        style = self._desk.style
        if not alone:
            return verdict(candidate, rows, style)
        return f"{described(candidate, style)}\n{abilities(can)}\n{panel(rows, style)}"

    def _reasons(self, candidate: Candidate, entry: Locked, rows: tuple[Row, ...]) -> list[str]:
        reasons = list(self._desk.policy.objections(candidate.skill, candidate.source, rows, entry.accepted))
        if entry.form == "not loadable":
            reasons.insert(0, "no agent can load it")
        return reasons

    def _install(self, candidate: Candidate, entry: Locked) -> None:
        with self._desk.changing() as lock:
            old = lock.skills.get(entry.name)
            if old is not None:  # another run may have added agents meanwhile
                entry = msgspec.structs.replace(entry, agents=known((*entry.agents, *old.agents)))
            if self._force:
                self.set_aside(entry, old)
            installing.install(self._desk.scope, lock, entry, candidate.skill, overwrite=self._force)
        for place, names in installing.places(self._desk.scope, entry).items():
            self._desk.say(f"installed {entry.name} for {titles(names)} in {place}")

    def set_aside(self, entry: Locked, old: Locked | None) -> None:
        """Copies what somebody has edited before it is replaced."""
        for place in installing.places(self._desk.scope, entry):
            if installing.state(place, old) in ("edited", "foreign"):
                copy = installing.set_aside(place, self._desk.shelf())
                self._desk.say(f"{place} as it was is kept in {copy}")

    def _entry(self, candidate: Candidate, agents: Sequence[str], lock: Lock) -> Locked:
        old = lock.skills.get(candidate.name)
        everyone = known((*agents, *(old.agents if old else ())))
        accepted = tuple(sorted({*self._accept, *(old.accepted if old else ())}))
        return locked(candidate, everyone, accepted)


def locked(candidate: Candidate, agents: tuple[str, ...], accepted: tuple[str, ...]) -> Locked:
    """What the lock says of a candidate once it is installed, before it is scanned."""
    return Locked(
        name=candidate.name,
        source=candidate.source,
        path=candidate.path,
        commit=candidate.commit,
        archive=candidate.archive,
        agents=agents,
        form=candidate.form(),
        digest=candidate.skill.digest(),
        original=candidate.original,
        executable=tuple(sorted(candidate.skill.executable)),
        accepted=accepted,
        files=locks.hashes(candidate.skill),
    )


def titles(names: Sequence[str]) -> str:
    """Agents as people call them."""
    return ", ".join(all_agents()[name].title for name in names)


def _question(entries: Sequence[Locked]) -> str:
    who = titles(entries[0].agents)
    what = entries[0].name if len(entries) == 1 else f"these {len(entries)} skills"
    return f"Install {what} for {who}?"


def _folders(found: Sequence[Candidate]) -> dict[str, list[str]]:
    """The folders of the skills of each name; of a name that no folder can have, none."""
    folders: dict[str, list[str]] = {}
    for candidate in found:
        with contextlib.suppress(SkillError):
            folders.setdefault(candidate.name, []).append(candidate.path)
    return folders


def _check_origin(candidate: Candidate, old: Locked | None) -> None:
    if old is not None and (old.source.location, old.path) != (candidate.source.location, candidate.path):
        origin = f"{old.source.location}, {old.path}" if old.path else old.source.location
        raise SkillError(f"{old.name} is installed already, from {origin}: remove it first, or update it")
