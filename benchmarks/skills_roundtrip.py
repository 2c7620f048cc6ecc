"""Installs every skill of a Git repository for every agent, in a project and for a user, and holds the result against
what Git itself says is in the repository: byte for byte, after add, sync and remove. Then times the panel.

python benchmarks/skills_roundtrip.py REPOSITORY [--below FOLDER] [--agent NAME] [--panel]
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from archwise.cli.main import run
from archwise.skills import panel
from archwise.skills.agents import agents
from archwise.skills.candidate import candidates, matching
from archwise.skills.errors import SkillError
from archwise.skills.lock import read
from archwise.skills.source import parse


def archived(repository: str, commit: str, folder: str, into: Path) -> Path:
    """A folder as `git archive` writes it."""
    data = subprocess.run(["git", "-C", repository, "archive", commit, folder], check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", str(into)], input=data, check=True)
    return into / folder


def contents(folder: Path) -> dict[str, tuple[bytes, bool]]:
    """Every file below a folder, links followed, and whether it is executable."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {file.relative_to(folder).as_posix(): (file.read_bytes(), os.access(file, os.X_OK)) for file in files}


def quietly(*arguments: str) -> int:
    """A skill command, without its output."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        return run(["skill", *arguments])


def round_trip(repository: str, below: str, agent: str, *, of_user: bool) -> tuple[int, int]:
    """How many skills arrive as Git has them, of how many that can be installed."""
    scope = ["--global"] if of_user else []
    same = installed = 0
    with tempfile.TemporaryDirectory() as scratch:
        project, home, truth = (Path(scratch) / name for name in ("project", "home", "truth"))
        for folder in (project, home, truth):
            folder.mkdir()
        os.environ["HOME"] = str(home)
        os.chdir(project)
        where = home / agents()[agent].user if of_user else project / agents()[agent].project
        lock = home / ".config/archwise/skills.lock" if of_user else project / "skills.lock"
        quietly("add", repository, below or ".", "--all", "--agent", agent, "--yes", *scope)
        entries = read(lock).skills
        shutil.rmtree(where)
        assert quietly("sync", *scope) == 0 and quietly("verify", *scope) == 0
        for name, entry in entries.items():
            installed += 1
            same += contents(where / name) == contents(archived(repository, entry.commit, entry.path, truth))
        assert quietly("remove", *entries, *scope) == 0 and not list(where.iterdir())
    return same, installed


def time_panel(repository: str, below: str) -> None:
    """How long the whole panel takes for all skills."""
    source = parse(repository, Path.cwd(), Path.cwd())
    found = []
    with source.open(Path.cwd()) as tree:
        for folder in matching(tree, below):
            try:
                found += [each.installed for each in candidates(tree, source, [folder])]
            except SkillError as error:
                print(f"refused: {error}")
    started = time.perf_counter()
    rows = list(panel.scan_all(found))
    seconds = time.perf_counter() - started
    failed = sum(row.status == "failed" for each in rows for row in each)
    grave = sum(any(row.worst in ("high", "critical") for row in each) for each in rows)
    print(f"panel: {len(found)} skills in {seconds:.1f} s; {failed} rows failed; {grave} skills with a grave alarm")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository", type=lambda path: str(Path(path).resolve()))
    parser.add_argument("--below", default="", help="only the skills in this folder")
    parser.add_argument("--agent", choices=list(agents()), action="append", help="only this agent")
    parser.add_argument("--panel", action="store_true", help="time the panel instead")
    options = parser.parse_args()
    if options.panel:
        time_panel(options.repository, options.below)
        return
    panel.SCANNERS = ("specification",)  # the round trip is about bytes; --panel is about scanners
    for agent in options.agent or agents():
        for of_user in (False, True):
            same, installed = round_trip(options.repository, options.below, agent, of_user=of_user)
            print(f"{agent:12} {'user' if of_user else 'project':8} {same} of {installed} byte-identical")


if __name__ == "__main__":
    main()
