"""How well the skill scanners tell malicious skills from harmless ones, and how long they take.

    python benchmarks/skills.py fetch --into DIR            # the real skills, at their commits
    python benchmarks/skills.py detect --real DIR           # recall and false alarms, each scanner and the panel
    python benchmarks/skills.py time --real DIR             # seconds of the panel

Needs `archwise[skills]`; peers (skilltotal, Cisco's skill-scanner) are measured where they are installed beside it.
The skills are read, never run.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import skill_set

from archwise.skills import panel
from archwise.skills.scanners import SCANNERS
from archwise.skills.scanners.scanner import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from skill_set import Case

    from archwise.skills.scanners.scanner import Row

PEERS = ("skilltotal", "cisco")
PANEL = "panel without peers"
PARTS = ("development", "held-out", *skill_set.DRAWS, "others")
LISTS = ("benign", "wild", "others")
Worst = dict[str, str]
"""The worst severity of each scanner that had something to say."""


def fetch(into: Path) -> None:
    """Brings the repositories of the real skills, at the commits that the lists name."""
    pinned = {row["repository"]: row["commit"] for name in LISTS for row in skill_set.rows(name)}
    for repository, commit in sorted(pinned.items()):
        folder = into / repository.replace("/", "+")
        if not folder.is_dir():
            address = f"https://github.com/{repository}"
            subprocess.run(
                ["git", "clone", "-q", "--no-checkout", "--filter=blob:none", address, str(folder)], check=True
            )
        subprocess.run(["git", "-C", str(folder), "checkout", "-q", commit], check=True)
        print(f"{repository} {commit[:12]}", flush=True)


def at_least(worst: Worst, scanner: str, severity: str) -> bool:
    """Does a scanner (or the panel of our own ones) report something of this severity, or worse?"""
    names = [name for name in worst if name not in PEERS] if scanner == PANEL else [scanner]
    level = SEVERITIES.index(severity)
    return any(name in worst and SEVERITIES.index(worst[name]) >= level for name in names)


def worst_of(rows: Sequence[Row]) -> Worst:
    """The worst severity of each row that has alarms."""
    return {row.scanner: max((a.severity for a in row.alarms), key=SEVERITIES.index) for row in rows if row.alarms}


def share(found: int, of: int) -> str:
    return f"{found:3d}/{of:<3d} {100 * found / of:4.0f}%" if of else "      -     "


def table(title: str, cases: Iterable[Case], worst: dict[str, Worst], scanners: Sequence[str]) -> None:
    """Prints a line a scanner: recall on each kind of attack, pairs told apart, alarms on harmless skills."""
    kinds: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        kinds[case.style].append(case)
    print(f"\n{title}\n{'':20} {'real style':12} {'real, high':12} {'in the wild':12} {'paired':12} ", end="")
    print(f"{'benign high':12} {'benign medium':12}")
    for name in scanners:
        columns = [share(flagged(kinds["real"], worst, name, "medium"), len(kinds["real"]))]
        columns.append(share(flagged(kinds["real"], worst, name, "high"), len(kinds["real"])))
        columns.append(share(flagged(kinds["wild"], worst, name, "medium"), len(kinds["wild"])))
        clean = [case for case in kinds["subtle"] if not at_least(worst[case.base], name, "medium")]
        columns.append(share(flagged(clean, worst, name, "medium"), len(kinds["subtle"])))
        columns += [share(flagged(kinds["benign"], worst, name, level), len(kinds["benign"])) for level in HARM]
        print(f"{name:20} {' '.join(f'{column:12}' for column in columns)}")


HARM = ("high", "medium")


def flagged(cases: Iterable[Case], worst: dict[str, Worst], scanner: str, severity: str) -> int:
    return sum(at_least(worst[case.id], scanner, severity) for case in cases)


def families(cases: Iterable[Case], worst: dict[str, Worst]) -> None:
    """Prints what the panel finds of each class of attack."""
    total: Counter[tuple[str, str]] = Counter()
    found: Counter[tuple[str, str]] = Counter()
    for case in cases:
        if case.style in ("real", "subtle"):
            total[case.family, case.style] += 1
            found[case.family, case.style] += at_least(worst[case.id], PANEL, "medium")
    print(f"\n{'class':26} {'real style':12} subtle")
    for family in sorted({family for family, _ in total}):
        columns = [share(found[family, style], total[family, style]) for style in ("real", "subtle")]
        print(f"{family:26} {'  '.join(columns)}")


def details(cases: Iterable[Case], rows: dict[str, Sequence[Row]], worst: dict[str, Worst], part: str) -> None:
    """Prints, for one part, the attacks that are missed and every alarm on a harmless skill."""
    for case in cases:
        hit = at_least(worst[case.id], PANEL, "medium")
        if case.part != part or hit != (case.style in ("base", "benign")):
            continue
        print(f"\n{'false alarm' if hit else 'missed'}: {case.id} ({case.style}, {case.family})")
        for row in rows[case.id]:
            for alarm in row.alarms:
                if row.scanner not in PEERS and alarm.severity not in ("info", "low"):
                    place = f"{row.scanner} {alarm.rule} {alarm.severity} {alarm.path}:{alarm.line}"
                    print(f"  {place} {alarm.why} | {alarm.evidence[:160]!r}")


def detect(arguments: argparse.Namespace) -> None:
    cases = list(skill_set.attacks())
    cases += [case for name in skill_set.DRAWS for case in skill_set.drawn(name, arguments.real)]
    if arguments.real:
        cases += [case for name in LISTS[:2] for case in skill_set.real(name, arguments.real)]
        cases += skill_set.others(arguments.real)
    if arguments.part:
        wanted = [case for case in cases if case.part in arguments.part]
        bases = {case.base for case in wanted}
        cases = [case for case in cases if case.part in arguments.part or case.id in bases]
        if not wanted:
            raise SystemExit("this part is of real skills: fetch them, and say --real DIR")
    scanners = [name for name in SCANNERS if not arguments.only or name in arguments.only]
    started = time.perf_counter()
    done = panel.scan_all([case.skill for case in cases], scanners)
    rows: dict[str, Sequence[Row]] = {case.id: each for case, each in zip(cases, done, strict=True)}
    print(f"{len(cases)} skills in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    worst = {name: worst_of(each) for name, each in rows.items()}
    for name in scanners:
        said = Counter(f"{row.status} {row.reason}" for each in rows.values() for row in each if row.scanner == name)
        for reason, count in said.items():
            if reason.startswith(("failed", "did-not-run")):
                print(f"{name}: {count} {reason}")
    for part in arguments.part or PARTS:
        table(part, [case for case in cases if case.part == part], worst, [*scanners, PANEL])
    for parts in (
        [(part,) for part in arguments.part] if arguments.part else [PARTS[:2], *((part,) for part in PARTS[2:])]
    ):
        families([case for case in cases if case.part in parts], worst)
    if arguments.show:
        details(cases, rows, worst, arguments.show)
    if arguments.json:
        arguments.json.write_text(json.dumps(worst, indent=1), encoding="utf-8")


def seconds(arguments: argparse.Namespace) -> None:
    skills = [case.skill for case in skill_set.real("benign", arguments.real)][: arguments.skills]
    scanners = [name for name in SCANNERS if name not in PEERS]
    panel.scan(skills[0], scanners)  # compiled rules of the tools are written once a machine
    started = time.perf_counter()
    took: Counter[str] = Counter()
    for rows in panel.scan_all(skills, scanners):
        took.update({row.scanner: row.seconds for row in rows})
    print(f"{len(skills)} skills: {time.perf_counter() - started:.1f} s")
    for name, total in took.most_common():
        print(f"  {name:18} {total / len(skills):6.3f} s a skill")
    alone: list[float] = []
    for skill in skills[:: max(1, len(skills) // 20)]:
        started = time.perf_counter()
        panel.scan(skill, scanners)
        alone.append(time.perf_counter() - started)
    alone.sort()
    print(f"one skill at a time: median {alone[len(alone) // 2]:.2f} s, worst {alone[-1]:.2f} s of {len(alone)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, dest="command")
    bring = commands.add_parser("fetch", help="bring the real skills")
    bring.add_argument("--into", type=Path, required=True, metavar="DIR")
    look = commands.add_parser("detect", help="recall and false alarms")
    look.add_argument(
        "--real", type=Path, metavar="DIR", help="where fetch put the real skills; without it, what needs none"
    )
    look.add_argument("--only", action="append", choices=SCANNERS, help="this scanner; may be repeated")
    look.add_argument("--part", action="append", choices=PARTS, help="only this part; may be repeated")
    look.add_argument("--show", choices=PARTS, help="list the misses and false alarms of this part")
    look.add_argument(
        "--json", type=Path, metavar="FILE", help="write the worst severity of each scanner for each skill"
    )
    clock = commands.add_parser("time", help="seconds of the panel")
    clock.add_argument("--real", type=Path, required=True, metavar="DIR")
    clock.add_argument("--skills", type=int, default=500, help="how many (default: %(default)s)")
    arguments = parser.parse_args()
    if arguments.command == "fetch":
        fetch(arguments.into)
    elif arguments.command == "detect":
        detect(arguments)
    else:
        seconds(arguments)


if __name__ == "__main__":
    main()
