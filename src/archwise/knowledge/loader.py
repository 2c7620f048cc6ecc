"""Reads knowledge files, only those of the packages a program imports, and answers questions by dotted name."""

import functools
import tomllib
from collections.abc import Iterable
from importlib import resources
from importlib.resources.abc import Traversable

import msgspec

from archwise.knowledge.schema import File

ALWAYS = ("builtins",)


class KnowledgeError(Exception):
    """A knowledge file breaks the schema; the message names the file and the field."""


def available() -> frozenset[str]:
    """The import roots that have a file."""
    return frozenset(_files())


def load(roots: Iterable[str]) -> tuple[File, ...]:
    """The files of the given import roots, and the always-needed ones, in a fixed order.

    Raises:
        KnowledgeError: a file cannot be read as the schema says.
    """
    files = _files()
    return tuple(_read(files[root]) for root in sorted({*roots, *ALWAYS}) if root in files)


def parse(text: str, origin: str) -> File:
    """One file's text as facts.

    Raises:
        KnowledgeError: the text is not TOML or not of the schema.
    """
    try:
        return msgspec.convert(tomllib.loads(text), File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise KnowledgeError(f"{origin}: {error}") from error


@functools.cache
def _files() -> dict[str, Traversable]:
    folder = resources.files("archwise.knowledge")
    return {entry.name.removesuffix(".toml"): entry for entry in folder.iterdir() if entry.name.endswith(".toml")}


def _read(file: Traversable) -> File:
    return parse(file.read_text(encoding="utf-8"), f"knowledge/{file.name}")
