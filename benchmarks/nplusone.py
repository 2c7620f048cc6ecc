"""How many of the reads and queries per row that a careful reader found does the checker find?

    python benchmarks/fetch.py --pins benchmarks/corpora-django.toml --into DIR
    python benchmarks/nplusone.py --corpora DIR
    python benchmarks/fetch.py --pins benchmarks/corpora-django-held-out.toml --into DIR
    python benchmarks/nplusone.py --corpora DIR --labels benchmarks/labels/nplusone-recall-2.jsonl
    python benchmarks/fetch.py --pins benchmarks/corpora-held-out-2.toml --into DIR
    python benchmarks/nplusone.py --corpora DIR --labels benchmarks/labels/nplusone-recall-3.jsonl

A label is found when a finding of the rules on queries per row, or a step of its trace, stands on its line; for a
relation, within three lines of it (anywhere in a template), on a path that has the relation and that the message, or a
step of the trace, names. A label whose kind is ``safe`` looks alike and is not to be found: it is when a finding stands
on its line and ends in its relation.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

import checker
import corpora

LABELS = corpora.LABELS / "nplusone-recall.jsonl"
RULES = ("AW501", "AW502", "AW503", "AW504", "AW505", "AW507")
NEAR = 3


def is_found(label: dict[str, str], findings: list[checker.Finding]) -> bool:
    return any(_shows(label, finding) for finding in findings)


def _shows(label: dict[str, str], finding: checker.Finding) -> bool:
    path, line = label["path"], int(label["line"])
    places = (checker.Place(finding.path, finding.line), *finding.trace)
    is_at = (finding.path == path and finding.line <= line <= finding.end_line) or checker.Place(path, line) in places
    told = [finding.message.partition(" read for each")[0], *(note for note in finding.notes if note.endswith(" too"))]
    paths = [path.split(".") for text in told for path in re.findall(r"`([^`]+)`", text)]
    if label["kind"] == "query":
        return is_at
    if label["kind"] == "safe":
        return is_at and any(path[-1] == label["relation"] for path in paths)
    is_template = not path.endswith(".py")
    is_near = any(place.path == path and (is_template or abs(place.line - line) <= NEAR) for place in places)
    return is_near and any(label["relation"] in path for path in paths)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpora", type=Path, default=corpora.DEFAULT_FOLDER, metavar="DIR")
    parser.add_argument("--labels", type=Path, default=LABELS, metavar="FILE")
    checker.add_arguments(parser)
    arguments = parser.parse_args()
    labels = [json.loads(line) for line in arguments.labels.read_text(encoding="utf-8").splitlines()]
    found = total = safe = alarms = 0
    for name in dict.fromkeys(label["package"] for label in labels):
        root = arguments.corpora / name
        if not root.is_dir():
            print(f"{name}: not there")
            continue
        findings = checker.check(arguments.archwise, root, ("--select", ",".join(RULES)))
        for label in (label for label in labels if label["package"] == name):
            seen = is_found(label, findings)
            if label["kind"] == "safe":
                safe, alarms = safe + 1, alarms + seen
            else:
                total, found = total + 1, found + seen
            if seen == (label["kind"] == "safe"):
                what = "false alarm" if seen else "missed"
                print(f"{what}: {name} {label['path']}:{label['line']} {label['why']}")
    print(f"{found} of {total} found; {alarms} of {safe} that are safe reported")


if __name__ == "__main__":
    main()
