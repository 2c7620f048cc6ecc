"""The hand-made labels, and when a reported place counts as one of them."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from corpora import LABELS

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from checker import Finding

NEAR = 1


@dataclass(frozen=True)
class Label:
    """A call, in an async function, that runs blocking code on the event loop.

    ``minor``: file metadata only. ``reviewed``: missed by the readers, added after a look at what tools reported.
    """

    package: str
    path: str
    line: int
    function: str
    kind: str
    hops: int
    door: str
    context: str
    why: str
    minor: bool
    reviewed: bool
    sinks: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Safe:
    """A call that looks blocking and is not."""

    package: str
    path: str
    line: int
    why: str


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            yield json.loads(line)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set",
        type=int,
        choices=range(1, 14),
        default=1,
        help="of labels, 1 to 13 (default: %(default)s)",
        metavar="N",
    )


def _file(name: str, number: int) -> Path:
    return LABELS / (f"{name}.jsonl" if number == 1 else f"{name}-{number}.jsonl")


def load_labels(number: int = 1) -> tuple[list[Label], dict[str, set[str]]]:
    """The labels, and the files that were read whole (a package to its paths), the empty ones included."""
    labels: list[Label] = []
    read: dict[str, set[str]] = {}
    for row in _rows(_file("recall", number)):
        read.setdefault(row["package"], set()).add(row["path"])
        if row.get("none"):
            continue
        sinks = [row["sink"], *row.get("also", ())]
        labels.append(
            Label(
                package=row["package"],
                path=row["path"],
                line=row["line"],
                function=row["function"],
                kind=row["kind"],
                hops=row["hops"],
                door=row["door"],
                context=row["context"],
                why=row["why"],
                minor=row.get("minor", False),
                reviewed="added" in row,
                sinks=tuple((sink["path"], sink["line"]) for sink in sinks),
            )
        )
    return labels, read


def load_safe(number: int = 1) -> list[Safe]:
    """The look-alikes, less those that turned out to be none (``wrong`` says why)."""
    rows = _rows(_file("safe", number))
    return [Safe(row["package"], row["path"], row["line"], row["why"]) for row in rows if "wrong" not in row]


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_bytes())


@cache
def statement(file: Path, line: int) -> range:
    """The lines of the innermost statement at ``line``; of a compound statement, its header only."""
    best = range(line, line + 1)
    size = None
    for node in ast.walk(_tree(file)):
        if not isinstance(node, ast.stmt | ast.ExceptHandler) or not node.lineno <= line <= (node.end_lineno or 0):
            continue
        body = getattr(node, "body", None)
        end = body[0].lineno - 1 if body else node.end_lineno or node.lineno
        if node.lineno <= line <= max(end, node.lineno):
            span = range(node.lineno, max(end, node.lineno) + 1)
            if size is None or len(span) < size:
                best, size = span, len(span)
    return best


@cache
def async_function(file: Path, line: int) -> range:
    """The lines of the innermost async function around ``line``."""
    spans = [
        range(node.lineno, (node.end_lineno or node.lineno) + 1)
        for node in ast.walk(_tree(file))
        if isinstance(node, ast.AsyncFunctionDef) and node.lineno <= line <= (node.end_lineno or 0)
    ]
    return min(spans, key=len, default=range(line, line + 1))


class Matcher:
    """Decides which labels of one corpus a set of reported places covers."""

    def __init__(self, root: Path, labels: Iterable[Label]) -> None:
        self.root = root
        self.labels = list(labels)
        self._taken = {(label.path, line) for label in self.labels for line in self.statement(label)}

    def statement(self, label: Label) -> range:
        return statement(self.root / label.path, label.line)

    def at_place(self, label: Label, path: str, line: int) -> bool:
        """Whether a report at this line is a report of the label's statement.

        A line beside the statement counts too, unless it belongs to the statement of another label.
        """
        if path != label.path:
            return False
        span = self.statement(label)
        if line in span:
            return True
        return span.start - NEAR <= line <= span.stop - 1 + NEAR and (path, line) not in self._taken

    def flags(self, safe: Safe, path: str, line: int) -> bool:
        """Whether a report at this line is a report of the look-alike, and not of a label in the same statement."""
        if path != safe.path:
            return False
        return line == safe.line or (
            line in statement(self.root / safe.path, safe.line) and (path, line) not in self._taken
        )

    def in_function(self, label: Label, path: str, line: int) -> bool:
        return path == label.path and line in async_function(self.root / label.path, label.line)

    def in_trace(self, label: Label, finding: Finding) -> bool:
        """Whether the finding's path runs through the label's function and ends in its sink."""
        passes = any(self.in_function(label, hop.path, hop.line) for hop in finding.trace)
        return passes and any(
            hop.path == path and abs(hop.line - line) <= NEAR for hop in finding.trace for path, line in label.sinks
        )

    def finds(self, label: Label, findings: Iterable[Finding]) -> bool:
        return any(
            self.at_place(label, finding.path, finding.line) or self.in_trace(label, finding) for finding in findings
        )
