"""Choose, by a seeded draw, the files whose blocking calls were labelled by reading.

    python benchmarks/sample_files.py --corpora DIR             # the files of recall.jsonl
    python benchmarks/sample_files.py --corpora DIR --second    # the files of recall-2.jsonl, from other packages
    python benchmarks/sample_files.py --corpora DIR --fourth    # those of recall-4.jsonl, which leaves some of them out
    python benchmarks/sample_files.py --corpora DIR --fifth     # those of recall-5.jsonl, likewise
    python benchmarks/sample_files.py --corpora DIR --sixth     # those of recall-6.jsonl, likewise
    python benchmarks/sample_files.py --corpora DIR --seventh   # those of recall-7.jsonl, likewise
    python benchmarks/sample_files.py --corpora DIR --eighth    # those of recall-8.jsonl, likewise
    python benchmarks/sample_files.py --corpora DIR --ninth     # those of recall-9.jsonl, likewise; with Python 3.11
    python benchmarks/sample_files.py --corpora DIR --tenth     # those of recall-10.jsonl, likewise; with Python 3.11
    python benchmarks/sample_files.py --corpora DIR --eleventh  # those of recall-11.jsonl, likewise; with Python 3.11
    python benchmarks/sample_files.py --corpora DIR --twelfth --seed 20261124  # those of recall-12.jsonl, likewise
    python benchmarks/sample_files.py --corpora DIR --thirteenth --seed 20261125  # those of recall-13.jsonl, likewise

The draw looks at text only, never at what a checker reports. Half of each package's files come from those that name a
module or call able to block, themselves or in a module they import; the others come from all that define coroutines.
One longer file a package, which names such a call itself, is drawn apart: handlers of real services are rarely short.
So are two files a package that serve requests by their path (routers, handlers, services) and name such a call.

The draw of the fifth to the tenth set asks nothing of the kind: four files a package (three in the ninth), of all
whose coroutines call something that is not awaited. That of the eleventh takes one such file, and two that name a
call able to block themselves, one of them a file that serves requests by its path.

The draw of the twelfth is that of the fifth again, three files a package, one of which answers requests or events by
its path where there is such a file; that of the thirteenth is the same.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import re
from dataclasses import dataclass
from pathlib import Path

from corpora import DEFAULT_FOLDER, load
from sample_packages import (
    EIGHTH,
    ELEVENTH,
    FIFTH,
    FOURTH,
    LONG_PACKAGES,
    NINTH,
    PACKAGES,
    SECOND,
    SERVING_PACKAGES,
    SEVENTH,
    SIXTH,
    TENTH,
    THIRTEENTH,
    TWELFTH,
)

SEED = 20261122
PER_PACKAGE = 6
SHORTEST, LONGEST = 40, 520
LONG = range(LONGEST + 1, 1001)
SERVING = re.compile(r"(^|/)(api|apihandlers|handlers|routers?|routes|server|services?|storage|views)(/|\.py$|_)")
ANSWERING = re.compile(
    r"(^|/)(api|apihandlers|bot|cogs|commands|consumers|endpoints|events|exts?|extensions|handlers|modules|plugins"
    r"|routers?|routes|server|services?|storage|views)(/|\.py$|_)"
)
SECOND_PER_PACKAGE = 4
FOURTH_PER_PACKAGE = 3
PLAIN_PER_PACKAGE = 4
NINTH_PER_PACKAGE = 3
TWELFTH_PER_PACKAGE = 3
SKIPPED = re.compile(
    r"(^|/)(tests?|testing|migrations|alembic|_vendor|_internal/compatibility|examples?|thirdparty)(/|$)|/(test_|conftest)"
)
MAY_BLOCK = re.compile(
    rb"\b(requests|subprocess|urllib|sqlite3|boto3|psycopg2|redis|smtplib|shutil|socket|sqlalchemy\.orm)\b"
    rb"|\bopen\(|time\.sleep|\.(read|write)_(text|bytes)\(|httpx\.Client|\.objects\b|\.query\("
)
COROUTINE = re.compile(rb"^\s*async def ", re.MULTILINE)


@dataclass(frozen=True)
class Candidate:
    path: str
    may_block: bool


def imported_files(path: Path, root: Path, tree: ast.Module) -> set[Path]:
    """The files of the same corpus that this one imports by name."""
    found: set[Path] = set()
    package = path.relative_to(root).parts[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            base += node.module.split(".") if node.module else []
            modules = [base, *([*base, alias.name] for alias in node.names)]
        elif isinstance(node, ast.Import):
            modules = [alias.name.split(".") for alias in node.names]
        else:
            continue
        for parts in modules:
            file = root.joinpath(*parts).with_suffix(".py") if parts else root
            if file.is_file():
                found.add(file)
    return found


def candidates(root: Path) -> list[Candidate]:
    rows: list[Candidate] = []
    for path in sorted(root.rglob("*.py")):
        name = path.relative_to(root).as_posix()
        source = path.read_bytes()
        if SKIPPED.search(name) or not COROUTINE.search(source):
            continue
        if not SHORTEST <= source.count(b"\n") <= LONGEST:
            continue
        reach = {path} | imported_files(path, root, ast.parse(source))
        rows.append(Candidate(name, any(MAY_BLOCK.search(file.read_bytes()) for file in reach)))
    return rows


def draw(name: str, root: Path, count: int, seed: int) -> list[str]:
    # Seeded by name as well, so that adding a package leaves the others' files as they were.
    chance = random.Random(f"{seed}:{name}")
    rows = candidates(root)
    likely = [row.path for row in rows if row.may_block]
    chosen = chance.sample(likely, min(count // 2, len(likely)))
    rest = [row.path for row in rows if row.path not in set(chosen)]
    return sorted(chosen + chance.sample(rest, min(count - len(chosen), len(rest))))


def named(root: Path, lines: range, path: re.Pattern[str]) -> list[str]:
    """The files of this length, at such a path, that define coroutines and name a blocking call themselves."""
    rows = []
    for file in sorted(root.rglob("*.py")):
        name = file.relative_to(root).as_posix()
        source = file.read_bytes()
        if (
            path.search(name)
            and not SKIPPED.search(name)
            and source.count(b"\n") in lines
            and COROUTINE.search(source)
            and MAY_BLOCK.search(source)
        ):
            rows.append(name)
    return rows


def draw_long(name: str, root: Path, seed: int) -> list[str]:
    rows = named(root, LONG, re.compile(""))
    return random.Random(f"{seed}:{name}:long").sample(rows, min(1, len(rows)))


def draw_serving(name: str, root: Path, seed: int, drawn: set[str]) -> list[str]:
    rows = [row for row in named(root, range(SHORTEST, LONG.stop), SERVING) if row not in drawn]
    return sorted(random.Random(f"{seed}:{name}:serving").sample(rows, min(2, len(rows))))


def calls_without_waiting(tree: ast.Module) -> bool:
    """Whether there is a coroutine in which a call stands that is not awaited."""
    coroutines = (node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef))
    nodes = [inner for coroutine in coroutines for inner in ast.walk(coroutine)]
    awaited = {id(node.value) for node in nodes if isinstance(node, ast.Await)}
    return any(isinstance(node, ast.Call) and id(node) not in awaited for node in nodes)


def plain(root: Path) -> list[str]:
    """The files whose coroutines call something without awaiting it, whatever that may be."""
    rows = []
    for file in sorted(root.rglob("*.py")):
        name = file.relative_to(root).as_posix()
        source = file.read_bytes()
        if SKIPPED.search(name) or not COROUTINE.search(source) or not SHORTEST <= source.count(b"\n") <= LONGEST:
            continue
        try:
            tree = ast.parse(source)
        except SyntaxError:  # written for a newer Python than this one
            continue
        if calls_without_waiting(tree):
            rows.append(name)
    return rows


def draw_plain(name: str, root: Path, count: int, seed: int) -> list[str]:
    rows = plain(root)
    return sorted(random.Random(f"{seed}:{name}:plain").sample(rows, min(count, len(rows))))


def draw_mixed(name: str, root: Path, seed: int) -> list[str]:
    """One file that serves requests and one other, which both name a call able to block, and one of all the others."""
    rows = plain(root)
    naming = [row for row in rows if MAY_BLOCK.search((root / row).read_bytes())]
    chance = random.Random(f"{seed}:{name}:mixed")
    chosen: list[str] = []
    for group in ([row for row in naming if SERVING.search(row)], naming, rows):
        left = [row for row in group if row not in chosen]
        chosen += chance.sample(left, min(1, len(left)))
    return sorted(chosen) or draw_long(name, root, seed)


def draw_answering(name: str, root: Path, seed: int) -> list[str]:
    """One file that answers requests or events by its path, and others of all that are left."""
    rows = plain(root)
    answering = [row for row in rows if ANSWERING.search(row)]
    chance = random.Random(f"{seed}:{name}:events")
    chosen = chance.sample(answering, min(1, len(answering)))
    left = [row for row in rows if row not in chosen]
    return sorted(chosen + chance.sample(left, min(TWELFTH_PER_PACKAGE - len(chosen), len(left))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=Path, default=DEFAULT_FOLDER, metavar="DIR")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--second", action="store_true", help="the second set of packages, four files each")
    parser.add_argument("--fourth", action="store_true", help="the fourth set of packages, three files each")
    parser.add_argument("--fifth", action="store_true", help="the fifth set of packages, four files each")
    parser.add_argument("--sixth", action="store_true", help="the sixth set of packages, four files each")
    parser.add_argument("--seventh", action="store_true", help="the seventh set of packages, four files each")
    parser.add_argument("--eighth", action="store_true", help="the eighth set of packages, four files each")
    parser.add_argument("--ninth", action="store_true", help="the ninth set of packages, three files each")
    parser.add_argument("--tenth", action="store_true", help="the tenth set of packages, four files each")
    parser.add_argument("--eleventh", action="store_true", help="the eleventh set of packages, three files each")
    parser.add_argument("--twelfth", action="store_true", help="the twelfth set of packages, three files each")
    parser.add_argument("--thirteenth", action="store_true", help="the thirteenth set of packages, three files each")
    arguments = parser.parse_args()
    pinned = load()
    short, long, serving = (SECOND,) * 3 if arguments.second else (PACKAGES, LONG_PACKAGES, SERVING_PACKAGES)
    count = SECOND_PER_PACKAGE if arguments.second else PER_PACKAGE
    if arguments.fourth:
        short, long, serving, count = FOURTH, FOURTH, FOURTH, FOURTH_PER_PACKAGE
    plain_sets = {"fifth": FIFTH, "sixth": SIXTH, "seventh": SEVENTH, "eighth": EIGHTH, "ninth": NINTH, "tenth": TENTH}
    plainly = next((packages for name, packages in plain_sets.items() if getattr(arguments, name)), ())
    if plainly:
        short, long, serving = plainly, (), ()
    elif arguments.eleventh:
        short, long, serving = ELEVENTH, (), ()
    elif arguments.twelfth:
        short, long, serving = TWELFTH, (), ()
    elif arguments.thirteenth:
        short, long, serving = THIRTEENTH, (), ()
    known_as = {name: pinned[name].distribution or name for name in (*short, *long, *serving)}
    if plainly:
        count = NINTH_PER_PACKAGE if arguments.ninth else PLAIN_PER_PACKAGE
        rows = [(name, draw_plain(name, arguments.corpora / name, count, arguments.seed)) for name in plainly]
    elif arguments.eleventh:
        rows = [(name, draw_mixed(name, arguments.corpora / name, arguments.seed)) for name in ELEVENTH]
    elif arguments.twelfth or arguments.thirteenth:
        rows = [(name, draw_answering(name, arguments.corpora / name, arguments.seed)) for name in short]
    else:
        rows = [(name, draw(known_as[name], arguments.corpora / name, count, arguments.seed)) for name in short]
    rows += [(name, draw_long(known_as[name], arguments.corpora / name, arguments.seed)) for name in long]
    drawn = {path for _, paths in rows for path in paths}
    rows += [(name, draw_serving(known_as[name], arguments.corpora / name, arguments.seed, drawn)) for name in serving]
    for name, paths in rows:
        for path in paths:
            print(json.dumps({"package": name, "version": pinned[name].version, "path": path}))


if __name__ == "__main__":
    main()
