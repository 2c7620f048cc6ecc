"""The labels once more, for other tools: installed in environments of their own, run on the same files, matched alike.

    python benchmarks/peers.py --corpora DIR --work DIR
    python benchmarks/peers.py --corpora DIR --work DIR --environments DIR --tool hydroid

Two counts a tool. *Place*: it reports the label's statement (or one line beside it). *Function*: it reports anything
in the label's async function, or a chain of calls through that function into the label's sink; the kind reading for
tools that name the coroutine, or the far end, and not the call. The dependencies of the corpora are not installed,
unless ``--environments`` names a folder with a virtual environment a corpus; only hydroid can make use of them.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import checker
import corpora
import labelled
from checker import Finding, Place
from labelled import Label, Matcher, load_labels, load_safe

if TYPE_CHECKING:
    from collections.abc import Callable

PINS = {"ruff": "ruff==0.17.6", "hydroid": "hydroid-cli==0.5.0", "ty-async": "ty-async==0.4.0"}


def finding(path: str, line: int, message: str, trace: tuple[Place, ...] = ()) -> Finding:
    return Finding("peer", path, line, line, message, "", "", "", "", trace)


def environment(name: str, work: Path) -> Path:
    """The folder of a tool's executables; installs it the first time."""
    folder = work / name
    if not folder.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, PINS[name]], check=True)
    return folder / "bin"


def output(command: list[str], root: Path, *codes: int) -> str:
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1, *codes):
        raise SystemExit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr.strip()}")
    return done.stdout


def ruff(root: Path, work: Path) -> list[Finding]:
    command = [str(environment("ruff", work) / "ruff"), "check", "--isolated", "--no-cache", "--preview"]
    text = output([*command, "--select", "ASYNC", "--output-format", "json", "."], root)
    rows = json.loads(text)
    return [
        finding(Path(row["filename"]).relative_to(root.resolve()).as_posix(), row["location"]["row"], row["message"])
        for row in rows
        if row["code"] and row["code"].startswith(("ASYNC2",))
    ]


def hydroid(environments: Path | None) -> Callable[[Path, Path], list[Finding]]:
    def run(root: Path, work: Path) -> list[Finding]:
        folder = environment("hydroid", work)
        python = environments / root.name / "bin" / "python" if environments else folder / "python"
        if not python.is_file():
            raise SystemExit(f"no environment for {root.name}: {python} does not exist")
        command = [str(folder / "hydroid"), "--format", "json", "--no-cache", "--cpu", "--python", str(python)]
        rows = json.loads(output([*command, "."], root))["diagnostics"]
        return [
            finding(
                row["location"]["path"],
                row["location"]["line"],
                row["sink"]["qualname"],
                tuple(Place(hop["location"]["path"], hop["location"]["line"]) for hop in row["chain"]),
            )
            for row in rows
        ]

    return run


TY_ASYNC_LINE = re.compile(r"(?P<path>[^:]+):(?P<line>\d+):\d+: ASYNC200T? (?P<message>.*)")


def ty_async(root: Path, work: Path) -> list[Finding]:
    command = [str(environment("ty-async", work) / "ty-async"), "--async200-stdlib", "--async200-transitive", "."]
    rows = map(TY_ASYNC_LINE.match, output(command, root).splitlines())
    return [
        finding(Path(row["path"]).as_posix().removeprefix("./"), int(row["line"]), row["message"])
        for row in rows
        if row
    ]


def archwise(command: str) -> Callable[[Path, Path], list[Finding]]:
    def run(root: Path, _: Path) -> list[Finding]:
        return [row for row in checker.check(command, root) if row.rule in checker.BLOCKING_RULES]

    return run


@dataclass
class Score:
    place: int = 0
    function: int = 0
    several_hops: int = 0
    alarms: int = 0
    findings: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    corpora.add_arguments(parser)
    checker.add_arguments(parser)
    labelled.add_arguments(parser)
    parser.add_argument("--work", type=Path, required=True, metavar="DIR", help="keeps the tools' environments")
    parser.add_argument(
        "--environments", type=Path, metavar="DIR", help="DIR/<corpus> is an environment with its dependencies"
    )
    parser.add_argument("--tool", action="append", default=[], help="only this tool (repeatable)")
    parser.add_argument("--minor", action="store_true", help="count labels of metadata-only file calls too")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    tools: dict[str, Callable[[Path, Path], list[Finding]]] = {
        "archwise": archwise(arguments.archwise),
        "ruff": ruff,
        "hydroid": hydroid(arguments.environments),
        "ty-async": ty_async,
    }
    if arguments.tool:
        tools = {name: run for name, run in tools.items() if name in arguments.tool}

    every, _ = load_labels(arguments.set)
    labels = [label for label in every if arguments.minor or not label.minor]
    scores = {name: Score() for name in tools}
    measured: list[Label] = []
    looked_at = 0
    for corpus, root in corpora.chosen(arguments):
        own = [label for label in labels if label.package == corpus.name]
        safe = [row for row in load_safe(arguments.set) if row.package == corpus.name]
        if not own and not safe:
            continue
        measured += own
        looked_at += len(safe)
        # Every label keeps its neighbours' lines for itself, the minor ones included.
        matcher = Matcher(root, [label for label in every if label.package == corpus.name])
        for name, run in tools.items():
            found = run(root, arguments.work)
            score = scores[name]
            score.findings += len(found)
            for label in own:
                at = any(matcher.at_place(label, row.path, row.line) for row in found)
                score.place += at
                score.several_hops += at and label.hops > 0
                score.function += at or any(
                    matcher.in_function(label, row.path, row.line) or matcher.in_trace(label, row) for row in found
                )
            score.alarms += sum(any(matcher.flags(look, row.path, row.line) for row in found) for look in safe)
        print(f"{corpus.name}: {len(own)} labels", file=sys.stderr)

    several = sum(label.hops > 0 for label in measured)
    print(f"{len(measured)} labels, {several} of them behind calls; {looked_at} safe look-alikes\n")
    print(f"{'tool':12} {'place':>13} {'behind calls':>16} {'function':>13} {'look-alikes':>12} {'findings':>9}")
    for name, score in scores.items():
        place = f"{score.place} {100 * score.place / max(1, len(measured)):.0f} %"
        deep = f"{score.several_hops} {100 * score.several_hops / max(1, several):.0f} %"
        function = f"{score.function} {100 * score.function / max(1, len(measured)):.0f} %"
        print(f"{name:12} {place:>13} {deep:>16} {function:>13} {score.alarms:>12} {score.findings:>9}")


if __name__ == "__main__":
    main()
