"""What a run costs, beside parsing the same files and beside other tools, measured in one go on one machine.

    python benchmarks/speed.py --corpora DIR --only prefect --work DIR --with ruff

User and system CPU of the process and its children, wall time and peak memory: the least of ``--repeat`` runs. The
yardstick is a process that reads and parses the same files with ``ast``, the cyclic collector off; every other row is
given as a multiple of its CPU time too, which travels between machines better than seconds do.
"""

from __future__ import annotations

import argparse
import itertools
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import checker
import corpora
from peers import environment

if TYPE_CHECKING:
    from collections.abc import Callable

PARSE = """
import ast, gc, os, sys
gc.disable()
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        if name.endswith(".py"):
            with open(os.path.join(folder, name), "rb") as stream:
                ast.parse(stream.read())
"""
PEERS = ("ruff", "hydroid")
ENVIRONMENT = dict(os.environ)
OTHERS = (*PEERS, "mypy", "pyright", "pylint", "flake8-async")


@dataclass(frozen=True)
class Cost:
    cpu: float
    wall: float
    peak: float

    def __str__(self) -> str:
        return f"{self.cpu:8.2f} {self.wall:8.2f} {self.peak:8.0f}"


def compiled(work: Path) -> dict[str, str]:
    """The environment, with byte code kept as in an installation even where the checker runs from a checkout."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(work / "bytecode")}


def run(command: list[str], cwd: Path) -> Cost:
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = code = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    # Linters answer "findings" with small codes (pylint adds powers of two up to 31).
    if code < 0 or code > 31 or (code == 2 and "archwise" in " ".join(command)):
        raise SystemExit(f"{shlex.join(command)}: exit code {code}\n{errors.decode(errors='replace')[-2000:]}")
    # The kernel counts the peak of the largest process: in bytes on macOS, in kilobytes elsewhere.
    peak = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return Cost(usage.ru_utime + usage.ru_stime, wall, peak)


def least(repeat: int, command: list[str], cwd: Path, before: Callable[[], None] | None = None) -> Cost:
    costs = []
    for _ in range(repeat):
        if before:
            before()
        costs.append(run(command, cwd))
    return min(costs, key=lambda cost: cost.cpu)


def central_file(root: Path, folder: str) -> Path:
    """The file that most others import, by the text of their import statements."""
    names: Counter[str] = Counter()
    pattern = re.compile(rf"^\s*(?:from|import) ({re.escape(folder)}[.\w]+)", re.MULTILINE)
    for file in root.rglob("*.py"):
        names.update(set(pattern.findall(file.read_text(encoding="utf-8", errors="replace"))))
    for name, _ in names.most_common():
        file = root.joinpath(*name.split(".")).with_suffix(".py")
        if file.is_file():
            return file
    return next(root.rglob("*.py"))


def lines_of(root: Path) -> tuple[int, int]:
    files = list(root.rglob("*.py"))
    return len(files), sum(file.read_bytes().count(b"\n") for file in files)


def other_commands(name: str, work: Path, folder: str) -> dict[str, tuple[list[str], Path | None]]:
    """The runs of another tool: what to call each, the command, and the cache to remove before a cold one."""
    if name == "ruff":
        tool = str(environment("ruff", work) / "ruff")
        base = [tool, "check", "--isolated", "--select", "ASYNC", "--quiet"]
        return {"ruff ASYNC, no cache": ([*base, "--no-cache", "."], None)}
    if name == "hydroid":
        base = [str(environment("hydroid", work) / "hydroid"), "--format", "json", "."]
        return {"hydroid cold": (base, Path(".hydroid_cache")), "hydroid warm": (base, None)}
    # These take minutes and pull in much: used as they are installed beside this interpreter or on PATH.
    commands = {
        "mypy": ["mypy", "--ignore-missing-imports", "--cache-dir", ".mypy_cache", folder],
        "pyright": ["pyright", folder],
        "pylint": ["pylint", "-j1", "--disable=all", "--enable=E", "--recursive=y", folder],
        "flake8-async": ["flake8-async", "--enable=ASYNC2", folder],
    }
    if not shutil.which(commands[name][0]):
        raise SystemExit(f"{name} is not installed")
    if name == "mypy":
        return {"mypy cold": (commands[name], Path(".mypy_cache")), "mypy warm": (commands[name], None)}
    return {name: (commands[name], None)}


def measure(chosen: list[tuple[corpora.Corpus, Path]], arguments: argparse.Namespace) -> None:
    """Measures corpora side by side, as the parts of one program."""
    title = ", ".join(f"{corpus.name} {corpus.version}" for corpus, _ in chosen)
    root = arguments.work / "copies" / "-".join(corpus.name for corpus, _ in chosen)
    shutil.rmtree(root, ignore_errors=True)
    for corpus, source in chosen:
        shutil.copytree(source, root if len(chosen) == 1 else root / corpus.name)
    corpus = chosen[0][0]
    files, lines = lines_of(root)
    print(f"\n{title}: {files} files, {lines} lines")
    print(f"{'':26} {'CPU s':>8} {'wall s':>8} {'peak MB':>8} {'x parse':>8} {'k lines/CPU s':>14}")

    yardstick = least(arguments.repeat, [sys.executable, "-c", PARSE, str(root)], root)

    def show(name: str, cost: Cost) -> None:
        print(
            f"{name:26} {cost} {cost.cpu / yardstick.cpu:8.2f} {lines / 1000 / max(cost.cpu, 0.001):14.0f}", flush=True
        )

    show("ast.parse, gc off", yardstick)
    cache = root / ".archwise-bench"
    base = [*shlex.split(arguments.archwise), "check", "--output-format", "json", "--cache-dir", str(cache), "."]
    edited = central_file(root if len(chosen) == 1 else root / corpus.name, corpus.folder)
    original = edited.read_bytes()

    def forget() -> None:
        shutil.rmtree(cache, ignore_errors=True)

    marks = itertools.count()

    def edit(more: bytes) -> None:
        # Back to the state the cache holds, then something more in the file that most others import.
        edited.write_bytes(original)
        run(base, root)
        edited.write_bytes(original + more % next(marks))

    show("archwise cold", least(arguments.repeat, base, root, forget))
    show("archwise warm", least(arguments.repeat, base, root))
    comment = partial(edit, b"\n# added by the benchmark: %d\n")
    function = partial(edit, b"\n\ndef added_by_the_benchmark_%d(value):\n    return value\n")
    show("archwise, a comment added", least(arguments.repeat, base, root, comment))
    show("archwise, a function added", least(arguments.repeat, base, root, function))
    edited.write_bytes(original)
    show("archwise cold, 1 worker", least(arguments.repeat, [*base, "--workers", "1"], root, forget))
    for name in arguments.with_:
        for title, (command, cold) in other_commands(name, arguments.work, corpus.folder).items():
            before = partial(shutil.rmtree, root / cold, ignore_errors=True) if cold else None
            show(title, least(arguments.repeat if name in PEERS else 1, command, root, before))
    shutil.rmtree(root)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    corpora.add_arguments(parser)
    checker.add_arguments(parser)
    parser.add_argument(
        "--work", type=Path, required=True, metavar="DIR", help="for copies and the tools' environments"
    )
    parser.add_argument("--repeat", type=int, default=3, help="runs a row, the least counts (default: %(default)s)")
    parser.add_argument(
        "--with", dest="with_", action="append", default=[], choices=OTHERS, help="measure this tool too (repeatable)"
    )
    parser.add_argument("--together", action="store_true", help="all of them side by side, as one program")
    arguments = parser.parse_args()
    arguments.work = arguments.work.resolve()
    arguments.work.mkdir(parents=True, exist_ok=True)
    ENVIRONMENT.clear()
    ENVIRONMENT.update(compiled(arguments.work))
    chosen = corpora.chosen(arguments)
    for group in [chosen] if arguments.together else [[each] for each in chosen]:
        measure(group, arguments)


if __name__ == "__main__":
    main()
