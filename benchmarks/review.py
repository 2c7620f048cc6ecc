"""How many of the facts that a review measures are right?

    python benchmarks/review.py --corpora DIR      # by package, the wrong ones named

``labels/review.jsonl`` holds what someone reading each package says: kind, framework, async or sync, data access,
background work, grouping, size, validation, API style and tests. A fact on which readers could differ is left out.
``seen-before`` marks packages whose review had been looked at before they were labelled. What is no package names its
``repository`` on GitHub and the ``commit``: check it out below DIR, under the label's name. A library or tool must get
no verdict on web frameworks.
"""

from __future__ import annotations

import argparse
import datetime
import json
from typing import TYPE_CHECKING, Any

import corpora

from archwise.check import check
from archwise.guide.load import guide
from archwise.review.review import measured, review
from archwise.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from archwise.review.review import Program

LABELS = corpora.LABELS / "review.jsonl"
_NEVER_LECTURED = frozenset({"library", "tool"})


def measure(folder: Path) -> tuple[dict[str, set[str]], frozenset[str]]:
    """What a package's facts go by, by factor and decision, and the decisions that its review gives a verdict on."""
    found: list[Program] = []
    settings = Settings(root=folder, cache=False, select=("AW201",))
    report = check([folder], settings, None, lambda analysis, shown: found.append(measured(analysis, shown)))
    done = review(found[0], report, guide(), name=folder.name, said={}, recorded={}, today=datetime.date.today())
    seen = {**found[0].measured.factors, **found[0].measured.options}
    values = {name: {each.name, each.value} for name, each in seen.items()}
    return values, frozenset(verdict.decision for verdict in done.verdicts)


def wrong(label: dict[str, Any], values: dict[str, set[str]], decisions: frozenset[str]) -> list[str]:
    """What a review says otherwise than the label."""
    found = [
        f"{name}: {max(values.get(name, {'not seen'}))}, by reading {value}"
        for name, value in label["facts"].items()
        if value not in values.get(name, set())
    ]
    if label["facts"].get("kind") in _NEVER_LECTURED and "framework" in decisions:
        found.append("a verdict on web frameworks, though it is none's application")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    corpora.add_arguments(parser)

    arguments = parser.parse_args()
    right = total = 0
    for line in LABELS.read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        folder = arguments.corpora / label["package"]
        if not folder.is_dir() or (arguments.only and label["package"] not in arguments.only):
            continue
        found = wrong(label, *measure(folder))
        count = len(label["facts"])
        total += count
        right += max(0, count - len(found))
        print(f"{label['package']:<18} {count - len(found)} of {count}  {'; '.join(found)}", flush=True)
    print(f"{right} of {total} facts right" + (f" ({100 * right / total:.1f} %)" if total else ": run fetch.py first"))


if __name__ == "__main__":
    main()
