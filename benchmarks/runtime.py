"""Of the calls that block the event loop while a package's own tests run, which does the checker report?

    python benchmarks/runtime.py --python VENV/bin/python --package jupyter_server \\
        --tests SDIST/tests --work DIR services/contents auth

VENV holds the package as published, what its tests need, and blockbuster. Only the chosen parts of the tests run. The
checker reads a copy of the package and nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import checker
from labelled import statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from checker import Finding, Place

HERE = Path(__file__).resolve().parent

# Names looked up, no content moved: hand-made labels call these minor.
METADATA = frozenset(
    {
        "os.access",
        "os.getcwd",
        "os.path.abspath",
        "os.path.islink",
        "os.path.ismount",
        "os.path.sameopenfile",
        "os.path.samestat",
        "os.readlink",
        "os.stat",
        "os.statvfs",
    }
)
LOCKS = frozenset({"lock.acquire", "lock.acquire_lock"})
# What hand-made labels leave out too: writing to a log, imports.
EXCUSED = {"logging.": "log", "importlib.": "import", "_frozen_importlib": "import"}


@dataclass(frozen=True)
class Pair:
    """A place where the loop's own function stands, and the line of the package that blocks below it."""

    path: str
    line: int
    function: str
    sink_path: str
    sink_line: int
    coroutine: bool
    through: str

    @property
    def library(self) -> str:
        """The third-party package whose code blocks; empty where the package itself calls what blocks."""
        top = self.through.partition(".")[0]
        return "" if top in sys.stdlib_module_names else top


@dataclass(frozen=True)
class Observed:
    pair: Pair
    blocking: tuple[str, ...]
    kind: str


def kind_of(blocking: Iterable[str], outside: Iterable[str]) -> str:
    for name in outside:
        for prefix, kind in EXCUSED.items():
            if name.startswith(prefix):
                return kind
    if METADATA.issuperset(blocking):
        return "metadata"
    return "lock" if LOCKS.issuperset(blocking) else "blocking"


def read_records(path: Path) -> list[Observed]:
    calls: dict[Pair, set[str]] = {}
    outside: dict[Pair, set[str]] = {}
    for row in json.loads(path.read_text(encoding="utf-8")):
        (start, line, function), (sink, sink_line, _) = row["chain"][0], row["chain"][-1]
        through = row["outside"][0] if row["outside"] else ""
        pair = Pair(start, line, function, sink, sink_line, row["coroutine"], through)
        calls.setdefault(pair, set()).add(row["blocking"])
        outside.setdefault(pair, set()).update(row["outside"])
    return [
        Observed(pair, tuple(sorted(names)), kind_of(names, outside[pair]))
        for pair, names in sorted(calls.items(), key=lambda item: (item[0].path, item[0].line, repr(item[0])))
    ]


def run_tests(arguments: argparse.Namespace, package: Path, output: Path) -> None:
    # Beside the tests lies the package's source, which would be imported in place of the installed one.
    suite = arguments.work / "suite"
    shutil.rmtree(suite, ignore_errors=True)
    shutil.copytree(arguments.tests, suite / arguments.tests.name)
    environment = os.environ | {
        "RUNTIME_PACKAGE": str(package),
        "RUNTIME_SUITE": str(suite),
        "RUNTIME_OUTPUT": str(output),
        "PYTHONPATH": str(HERE),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    parts = [str(Path(arguments.tests.name) / part) for part in arguments.parts] or [arguments.tests.name]
    command = [str(arguments.python), "-m", "pytest", "-q", "-p", "runtime_plugin", "-p", "no:cacheprovider", *parts]
    subprocess.run(command, cwd=suite, env=environment, check=False, stdout=sys.stderr)
    if not output.is_file():
        raise SystemExit("the tests left no record: see what pytest printed")


def ask(python: Path, code: str) -> str:
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def installed(python: Path, package: str) -> tuple[Path, str]:
    folder = ask(python, f"import {package}; print({package}.__path__[0])")
    version = ask(
        python,
        f"import importlib.metadata as m; print(m.version(m.packages_distributions()[{package!r}][0]))",
    )
    return Path(folder), version


class Comparison:
    """Which observed calls a set of findings explains."""

    def __init__(self, root: Path, findings: Iterable[Finding]) -> None:
        self.root = root
        self.ends: dict[Place, set[Place]] = {}
        for finding in findings:
            if finding.rule in checker.BLOCKING_RULES:
                start = checker.Place(finding.path, finding.line)
                self.ends.setdefault(start, set()).add(finding.trace[-1] if finding.trace else start)

    def _lines(self, path: str, line: int) -> set[Place]:
        return {checker.Place(path, near) for near in statement(self.root / path, line)}

    def seen(self, pair: Pair) -> str:
        """``call``: reported where the loop's own function stands, down to this end; ``place``: reported there, with
        another end; ``sink``: only under another function; or empty."""
        starts, sinks = self._lines(pair.path, pair.line), self._lines(pair.sink_path, pair.sink_line)
        reported = [ends for start, ends in self.ends.items() if start in starts]
        if any(ends & sinks for ends in reported):
            return "call"
        if reported:
            return "place"
        return "sink" if any(ends & sinks for ends in self.ends.values()) else ""


def table(observed: list[Observed], comparison: Comparison) -> None:
    """A row is a group of calls, and of the places they hang from; a place is seen when one of its calls is."""
    groups: dict[str, list[Observed]] = {}
    for row in observed:
        where = "in a library" if row.pair.library else "in the package"
        groups.setdefault(f"{row.kind}, {where}", []).append(row)
        groups.setdefault(f"{row.kind}, all", []).append(row)
    print(f"\n{'':26}{'calls':>6}{'this end':>10}{'place':>8}{'or sink':>9}   {'places':>6}{'seen':>6}")
    for name, rows in sorted(groups.items()):
        outcomes = Counter(comparison.seen(row.pair) for row in rows)
        ends, at_place = outcomes["call"], outcomes["call"] + outcomes["place"]
        places = {(row.pair.path, row.pair.line) for row in rows}
        seen = {(row.pair.path, row.pair.line) for row in rows if comparison.seen(row.pair) in ("call", "place")}
        print(
            f"{name:26}{len(rows):6}{ends:10}{at_place:8}{at_place + outcomes['sink']:9}   {len(places):6}{len(seen):6}"
        )


def report(observed: list[Observed], comparison: Comparison) -> None:
    table(observed, comparison)
    print("\nmissed")
    for row in observed:
        if row.kind in ("blocking", "lock") and not comparison.seen(row.pair):
            pair = row.pair
            where = f"{pair.path}:{pair.line} {pair.function} -> {pair.sink_path}:{pair.sink_line}"
            print(f"  {where} {pair.through} [{', '.join(row.blocking)}]")


def write_facts(path: Path, package: str, version: str, observed: list[Observed], comparison: Comparison) -> None:
    """Write what was observed; an explanation that the file already holds for a miss is kept."""
    reasons: dict[tuple[object, ...], str] = {}
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            old = json.loads(line)
            reasons[old["path"], old["line"], old["sink"]["path"], old["sink"]["line"], old["through"]] = old["why"]
    with path.open("w", encoding="utf-8") as stream:
        for row in observed:
            if row.kind == "metadata":
                continue
            pair = row.pair
            outcome = comparison.seen(pair)
            key = (pair.path, pair.line, pair.sink_path, pair.sink_line, pair.through)
            fact: dict[str, Any] = {
                "package": package,
                "version": version,
                "path": pair.path,
                "line": pair.line,
                "function": pair.function,
                "coroutine": pair.coroutine,
                "sink": {"path": pair.sink_path, "line": pair.sink_line},
                "through": pair.through,
                "blocking": row.blocking,
                "kind": row.kind,
                "seen": bool(outcome),
                "by": outcome,
                "why": "" if outcome else reasons.get(key, ""),
            }
            stream.write(json.dumps(fact, ensure_ascii=False) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    checker.add_arguments(parser)
    parser.add_argument("--python", type=Path, required=True, help="interpreter with the package, its tests' needs")
    parser.add_argument("--package", required=True, metavar="NAME", help="name it is imported by")
    parser.add_argument("--tests", type=Path, metavar="DIR", help="tests folder of the source distribution")
    parser.add_argument("--work", type=Path, required=True, metavar="DIR", help="scratch folder")
    parser.add_argument("--records", type=Path, metavar="FILE", help="compare this record instead of running tests")
    parser.add_argument("--labels", type=Path, metavar="FILE", help="write one line a call there, metadata left out")
    parser.add_argument("parts", nargs="*", metavar="PART", help="files or folders under DIR (default: all)")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    arguments.work = arguments.work.resolve()
    # Not resolved: a virtual environment's interpreter is a link, and known by where it lies.
    arguments.python = arguments.python.absolute()
    package, version = installed(arguments.python, arguments.package)

    records = arguments.records
    if records is None:
        if arguments.tests is None:
            parser.error("--tests or --records is needed")
        records = arguments.work / "records.json"
        records.unlink(missing_ok=True)
        run_tests(arguments, package, records)

    root = arguments.work / "read"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(package, root / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    comparison = Comparison(root, checker.check(arguments.archwise, root))
    observed = read_records(records)
    print(f"{arguments.package} {version}: {len(observed)} calls, {Counter(row.kind for row in observed)}")
    report(observed, comparison)
    if arguments.labels:
        write_facts(arguments.labels, arguments.package, version, observed, comparison)


if __name__ == "__main__":
    main()
