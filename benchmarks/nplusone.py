"""How many of the reads and queries per row that a careful reader found does the checker find?

    python benchmarks/fetch.py --pins benchmarks/corpora-django.toml --into DIR
    python benchmarks/nplusone.py --corpora DIR

A label of ``labels/nplusone-recall.jsonl`` is found when a finding of AW501 to AW503 stands on its line, or has it in
its trace, and, where the label names a relation, names the same one.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import checker
import corpora

LABELS = corpora.LABELS / "nplusone-recall.jsonl"
RULES = ("AW501", "AW502", "AW503")


def is_found(label: dict[str, str], findings: list[checker.Finding]) -> bool:
    place = checker.Place(label["path"], int(label["line"]))
    for finding in findings:
        at = checker.Place(finding.path, finding.line) == place or place in finding.trace
        if at and (label["kind"] == "query" or label["relation"] in finding.message):
            return True
    return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=Path, default=corpora.DEFAULT_FOLDER, metavar="DIR")
    checker.add_arguments(parser)
    arguments = parser.parse_args()
    labels = [json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines()]
    found = total = 0
    for name in dict.fromkeys(label["package"] for label in labels):
        root = arguments.corpora / name
        if not root.is_dir():
            print(f"{name}: not there")
            continue
        findings = checker.check(arguments.archwise, root, ("--select", ",".join(RULES)))
        for label in labels:
            if label["package"] == name:
                total += 1
                if is_found(label, findings):
                    found += 1
                else:
                    print(f"missed: {name} {label['path']}:{label['line']} {label['why']}")
    print(f"{found} of {total} found")


if __name__ == "__main__":
    main()
