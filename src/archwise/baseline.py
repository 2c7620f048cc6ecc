"""A baseline: the findings a project has agreed to live with for now. It only ever shrinks."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec

from archwise.findings import Finding

Key = tuple[str, str, str]
"""A finding as a baseline knows it: path, rule and fingerprint."""


class BaselineError(Exception):
    """The baseline file cannot be read or written; the message names it."""


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file's findings of one rule. Two that cannot be told apart have the fingerprint twice."""

    path: str
    rule: str
    count: int
    fingerprints: tuple[str, ...]


class Baseline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file, with entries in the order of path and rule, so that changes of it read well."""

    version: Literal[1]
    entries: tuple[Entry, ...]

    @property
    def total(self) -> int:
        """How many findings it holds."""
        return sum(len(entry.fingerprints) for entry in self.entries)

    def keys(self) -> Counter[Key]:
        """Its findings, counted."""
        return Counter((entry.path, entry.rule, mark) for entry in self.entries for mark in entry.fingerprints)


class Comparison(msgspec.Struct, frozen=True):
    """A run set against a baseline: what is new, and which agreed findings are gone."""

    new: tuple[Finding, ...]
    gone: tuple[Key, ...]


def of(findings: Iterable[Finding]) -> Baseline:
    """The baseline that holds these findings."""
    return _of_keys(Counter(map(_key, findings)))


def read(file: Path) -> Baseline:
    """The baseline kept in a file.

    Raises:
        BaselineError: there is none, or it is not one.
    """
    try:
        return msgspec.json.decode(file.read_bytes(), type=Baseline)
    except FileNotFoundError as error:
        raise BaselineError(f"{file}: there is no baseline yet; --write-baseline makes it") from error
    except OSError as error:
        raise BaselineError(f"{file}: {error.strerror or error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BaselineError(f"{file}: not a baseline: {error}") from error


def write(file: Path, baseline: Baseline) -> None:
    """Keep a baseline in a file.

    Raises:
        BaselineError: the file cannot be written.
    """
    text = msgspec.json.format(msgspec.json.encode(baseline), indent=2) + b"\n"
    try:
        if file.exists():
            from archwise.fixes.apply import put  # few runs write one

            put(file, text)
        else:
            file.write_bytes(text)
    except OSError as error:
        raise BaselineError(f"{file}: {error.strerror or error}") from error


def compare(
    baseline: Baseline,
    findings: Iterable[Finding],
    *,
    scope: Iterable[str],
    rules: frozenset[str],
    unread: frozenset[str] = frozenset(),
) -> Comparison:
    """Set a run's findings, of every severity, against a baseline.

    An agreed finding counts as gone only when this run could have seen it: its rule was on, its file was not ``unread``
    and lies under one of the ``scope`` paths (relative to the root, ``.`` for all).
    """
    scope = tuple(scope)
    left = baseline.keys()
    new = []
    for finding in findings:
        key = _key(finding)
        if left[key] > 0:
            left[key] -= 1
        else:
            new.append(finding)

    def seen(path: str, rule: str) -> bool:
        return rule in rules and path not in unread and _within(path, scope)

    return Comparison(tuple(new), tuple(key for key in sorted(left.elements()) if seen(key[0], key[1])))


def without(baseline: Baseline, gone: Iterable[Key]) -> Baseline:
    """The baseline less some of its findings."""
    return _of_keys(baseline.keys() - Counter(gone))


def _key(finding: Finding) -> Key:
    return finding.path, finding.rule, finding.fingerprint


def _within(path: str, scope: tuple[str, ...]) -> bool:
    return any(folder in (".", path) or path.startswith(f"{folder}/") for folder in scope)


def _of_keys(keys: Counter[Key]) -> Baseline:
    groups: dict[tuple[str, str], list[str]] = {}
    for path, rule, mark in sorted(keys.elements()):
        groups.setdefault((path, rule), []).append(mark)
    entries = (Entry(path, rule, len(marks), tuple(marks)) for (path, rule), marks in groups.items())
    return Baseline(1, tuple(entries))
