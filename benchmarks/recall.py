"""How many of the blocking calls that careful readers found does the checker find?

    python benchmarks/recall.py --corpora DIR

A label is found when a finding of a blocking rule stands on its statement (or one line beside it), or when a finding's
path runs through its async function into its sink. Labels of metadata-only file calls are counted apart.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import checker
import corpora
import labelled
from labelled import Label, Matcher, Safe, load_labels, load_safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from checker import Finding


def rate(found: int, of: int) -> str:
    return f"{found:4d} / {of:<4d} {100 * found / of:5.1f} %" if of else "   0 / 0        -  "


def table(title: str, labels: Iterable[Label], found: set[Label], key: Callable[[Label], object]) -> None:
    totals: Counter[object] = Counter()
    hits: Counter[object] = Counter()
    for label in labels:
        totals[key(label)] += 1
        hits[key(label)] += label in found
    print(f"\n{title}")
    for name, count in sorted(totals.items(), key=lambda item: (-item[1], str(item[0]))):
        print(f"  {name!s:20} {rate(hits[name], count)}")


def blocking(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.rule in checker.BLOCKING_RULES]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    corpora.add_arguments(parser)
    checker.add_arguments(parser)
    labelled.add_arguments(parser)
    parser.add_argument("--reports", type=Path, metavar="DIR", help="read DIR/<corpus>.json instead of running")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the outcome of every label there")
    parser.add_argument("--quiet", action="store_true", help="totals only: no list of misses")
    arguments = parser.parse_args()

    labels, read = load_labels(arguments.set)
    safe = load_safe(arguments.set)
    found: set[Label] = set()
    measured: list[Label] = []
    false_alarms: list[tuple[Safe, Finding]] = []
    unlabelled: list[tuple[str, Finding]] = []
    asked = 0
    for corpus, root in corpora.chosen(arguments):
        own = [label for label in labels if label.package == corpus.name]
        if corpus.name not in read:
            continue
        start = time.perf_counter()
        if arguments.reports:
            report = arguments.reports / f"{corpus.name}.json"
            findings = blocking(checker.read_report(report.read_text(encoding="utf-8")))
        else:
            findings = blocking(checker.check(arguments.archwise, root))
        print(f"{corpus.name}: {len(findings)} findings in {time.perf_counter() - start:.1f} s", file=sys.stderr)
        matcher = Matcher(root, own)
        measured += own
        found |= {label for label in own if matcher.finds(label, findings)}
        for row in safe:
            if row.package == corpus.name:
                asked += 1
                false_alarms += [(row, f) for f in findings if matcher.flags(row, f.path, f.line)]
        unlabelled += [
            (corpus.name, finding)
            for finding in findings
            if finding.path in read[corpus.name]
            and not any(matcher.at_place(label, finding.path, finding.line) for label in own)
        ]

    major = [label for label in measured if not label.minor]
    table("by package", major, found, lambda label: label.package)
    table("by door", major, found, lambda label: label.door)
    table("by kind", major, found, lambda label: label.kind)
    table("by hops", major, found, lambda label: label.hops)
    table("by context", major, found, lambda label: label.context)
    print()
    for title, group in (
        ("all", major),
        ("one hop or more", [label for label in major if label.hops]),
        ("run-once left out", [label for label in major if label.context not in ("once", "startup")]),
        ("as first labelled", [label for label in major if not label.reviewed]),
        ("metadata only", [label for label in measured if label.minor]),
    ):
        print(f"{title:22} {rate(sum(label in found for label in group), len(group))}")
    print(f"safe look-alikes flagged: {len({row for row, _ in false_alarms})} of {asked}")
    print(f"findings in the labelled files that no label explains: {len(unlabelled)}")
    if not arguments.quiet:
        print("\nmissed")
        for label in major:
            if label not in found:
                print(f"  {label.package}: {label.path}:{label.line} {label.function} [{label.door}] {label.why}")
        print("\nlook-alikes flagged")
        for row, finding in false_alarms:
            print(f"  {row.package}: {row.path}:{row.line} {finding.message} (safe: {row.why})")
        print("\nnot labelled")
        for package, finding in unlabelled:
            print(f"  {package}: {finding.path}:{finding.line} {finding.rule} {finding.message}")
    if arguments.json:
        rows = [
            {
                "package": x.package,
                "path": x.path,
                "line": x.line,
                "door": x.door,
                "minor": x.minor,
                "found": x in found,
            }
            for x in measured
        ]
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
