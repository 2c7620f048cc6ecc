"""Of what the checker reports, how much is true?

    python benchmarks/precision.py sample --corpora DIR --count 120    # draw findings to judge
    python benchmarks/precision.py report                              # count the judged ones

``sample`` draws findings over all corpora, evenly over rules and confidences, and writes
``labels/precision-2.jsonl``. Someone then reads the code and fills in ``verdict`` (true, false, or minor: true
but not worth a report) and ``why``. Judged lines are kept when a new sample is drawn.
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import checker
import corpora

if TYPE_CHECKING:
    from collections.abc import Iterable

    from checker import Finding

SAMPLE = corpora.LABELS / "precision-2.jsonl"
VERDICTS = ("true", "false", "minor")


def read(file: Path) -> list[dict[str, Any]]:
    if not file.exists():
        return []
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def row(package: str, version: str, finding: Finding) -> dict[str, Any]:
    return {
        "package": package,
        "version": version,
        "rule": finding.rule,
        "confidence": finding.confidence,
        "severity": finding.severity,
        "path": finding.path,
        "line": finding.line,
        "message": finding.message,
        "trace": [[hop.path, hop.line] for hop in finding.trace],
        "fingerprint": finding.fingerprint,
        "verdict": None,
        "why": None,
    }


def stratified(
    strata: dict[tuple[str, str], list[dict[str, Any]]], count: int, chance: random.Random
) -> list[dict[str, Any]]:
    """Take from each stratum in turn, so that rare rules are judged as well as common ones."""
    for rows in strata.values():
        chance.shuffle(rows)
    chosen: list[dict[str, Any]] = []
    while len(chosen) < count and any(strata.values()):
        for _, rows in sorted(strata.items()):
            if rows and len(chosen) < count:
                chosen.append(rows.pop())
    return chosen


def by_quota(strata: dict[tuple[str, str], list[dict[str, Any]]], quotas: list[str], seed: int) -> list[dict[str, Any]]:
    """Take as many of each rule and confidence as its quota says, from each package in turn."""
    chosen: list[dict[str, Any]] = []
    for quota in quotas:
        rule, confidence, count = quota.split(":")
        packages: dict[str, list[dict[str, Any]]] = {}
        for item in strata.get((rule, confidence), ()):
            packages.setdefault(item["package"], []).append(item)
        order = sorted(packages)
        random.Random(f"{seed}:{rule}:{confidence}").shuffle(order)
        left = int(count)
        while left and any(packages.values()):
            for name in order:
                if packages[name] and left:
                    chosen.append(packages[name].pop())
                    left -= 1
    return chosen


def sample(arguments: argparse.Namespace) -> None:
    strata: dict[tuple[str, str], list[dict[str, Any]]] = {}
    rules = sorted({*arguments.rule, *(quota.partition(":")[0] for quota in arguments.quota)})
    selected = ["--select", ",".join(rules)] if rules else []
    for corpus, root in corpora.chosen(arguments):
        causes: set[str] = set()
        findings = checker.check(arguments.archwise, root, selected)
        # One finding a cause: a helper under forty endpoints is one thing to judge.
        random.Random(f"{arguments.seed}:{corpus.name}").shuffle(findings)
        for finding in findings:
            if arguments.shown and finding.severity == "info":
                continue
            if finding.cause and finding.cause in causes:
                continue
            causes.add(finding.cause)
            key = (finding.rule, finding.confidence)
            strata.setdefault(key, []).append(row(corpus.name, corpus.version, finding))
    judged = {(old["package"], old["fingerprint"]): old for old in read(arguments.file) if old["verdict"]}
    if arguments.quota:
        drawn = by_quota(strata, arguments.quota, arguments.seed)
    else:
        drawn = stratified(strata, arguments.count, random.Random(arguments.seed))
    rows = list(judged.values()) + [new for new in drawn if (new["package"], new["fingerprint"]) not in judged]
    rows.sort(key=lambda item: (item["rule"], item["package"], item["path"], item["line"]))
    arguments.file.write_text("".join(json.dumps(item) + "\n" for item in rows), encoding="utf-8")
    print(f"{len(rows)} findings, {len(judged)} of them judged, in {arguments.file}")


def interval(good: int, of: int) -> tuple[float, float]:
    """The Wilson interval of a share, at 95 %."""
    z = 1.96
    share = good / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return middle - half, middle + half


def show(title: str, rows: Iterable[dict[str, Any]]) -> None:
    counts = Counter(item["verdict"] for item in rows)
    total = counts.total()
    good = counts["true"] + counts["minor"]
    low, high = interval(good, total)
    print(
        f"{title:22} {good:4d} / {total:<4d} {100 * good / total:5.1f} %  ({100 * low:.0f} to {100 * high:.0f})", end=""
    )
    print(f"  minor {counts['minor']}")


def report(arguments: argparse.Namespace) -> None:
    rows = [item for item in read(arguments.file) if item["verdict"]]
    if not rows:
        raise SystemExit(f"nothing judged in {arguments.file}")
    if wrong := {item["verdict"] for item in rows} - set(VERDICTS):
        raise SystemExit(f"verdicts must be one of {', '.join(VERDICTS)}, not {', '.join(map(str, wrong))}")
    for rule, confidence in sorted({(item["rule"], item["confidence"]) for item in rows}):
        show(
            f"{rule} {confidence}",
            [item for item in rows if (item["rule"], item["confidence"]) == (rule, confidence)],
        )
    show("all", rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    drawing = commands.add_parser("sample", help="draw findings to judge")
    corpora.add_arguments(drawing)
    checker.add_arguments(drawing)
    drawing.add_argument("--count", type=int, default=120, help="default: %(default)s")
    drawing.add_argument(
        "--quota",
        action="append",
        default=[],
        metavar="CODE:CONFIDENCE:COUNT",
        help="so many of these, from each package in turn (repeatable; instead of --count)",
    )
    drawing.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    drawing.add_argument(
        "--rule", action="append", default=[], metavar="CODE", help="only this rule, on by default or not (repeatable)"
    )
    drawing.add_argument("--shown", action="store_true", help="leave out what is information, off by default")
    drawing.set_defaults(run=sample)
    counting = commands.add_parser("report", help="count the judged findings")
    counting.set_defaults(run=report)
    for command in (drawing, counting):
        command.add_argument("--file", type=Path, default=SAMPLE, help="default: %(default)s")
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == "__main__":
    main()
