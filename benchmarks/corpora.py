"""The pinned packages that the benchmarks read, and where they lie on disk."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

HERE = Path(__file__).resolve().parent
PINS = HERE / "corpora.toml"
LABELS = HERE / "labels"
DEFAULT_FOLDER = HERE / "corpora"


@dataclass(frozen=True)
class Corpus:
    """One pinned package.

    ``name`` is its key in the labels and its folder on disk; ``distribution`` is what the index calls it, where that
    differs, as for a second version of the same package. ``folder`` is the import package inside the corpus; label
    paths start with it and use forward slashes. ``python`` is the version that its wheel is asked for. A program taken
    from its repository has ``git`` instead of a file, GitHub's ``owner/name``; its version is the commit.
    """

    name: str
    version: str
    folder: str
    kind: str
    why: str
    file: str = ""
    sha256: str = ""
    python: str = "3.11"
    distribution: str = ""
    git: str = ""


def load(pins: Path = PINS) -> dict[str, Corpus]:
    with pins.open("rb") as stream:
        rows = tomllib.load(stream)["corpus"]
    pinned: dict[str, Corpus] = {}
    for row in rows:
        if row["name"] in pinned:
            raise SystemExit(f"{pins.name} names {row['name']} twice: give one of them another name and a distribution")
        pinned[row["name"]] = Corpus(**row)
    return pinned


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that every benchmark shares."""
    parser.add_argument(
        "--corpora", type=Path, default=DEFAULT_FOLDER, metavar="DIR", help="where fetch.py unpacked the packages"
    )
    parser.add_argument("--pins", type=Path, default=PINS, metavar="FILE", help="default: %(default)s")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="only this corpus (repeatable)")


def chosen(arguments: argparse.Namespace) -> list[tuple[Corpus, Path]]:
    """The corpora asked for that are on disk, each with its folder."""
    wanted: list[str] = arguments.only
    pinned = load(arguments.pins)
    if unknown := set(wanted) - set(pinned):
        raise SystemExit(f"not in {arguments.pins.name}: {', '.join(sorted(unknown))}")
    found = [
        (corpus, arguments.corpora / name)
        for name, corpus in pinned.items()
        if (not wanted or name in wanted) and (arguments.corpora / name).is_dir()
    ]
    if not found:
        raise SystemExit(f"no corpus under {arguments.corpora}: run `python benchmarks/fetch.py --into DIR` first")
    return found
