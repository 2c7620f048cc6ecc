"""Reads knowledge files, only those of the packages a program imports, and answers questions by dotted name."""

import functools
import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from archwise.knowledge.schema import File

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

ALWAYS = ("builtins",)
_ROOT = re.compile(r"(?<![\w.])([A-Za-z_]\w*)(?=\.)")


class KnowledgeError(Exception):
    """A knowledge file breaks the schema; the message names the file and the field."""


def available() -> frozenset[str]:
    """The import roots that have a file."""
    return frozenset(_files())


def load(roots: Iterable[str]) -> dict[str, File]:
    """The files of these import roots, of the roots that those refer to, and the always-needed ones, by name.

    Raises:
        KnowledgeError: a file cannot be read as the schema says.
    """
    files = _files()
    found: dict[str, File] = {}
    pending = {*roots, *ALWAYS}
    while pending:
        root = pending.pop()
        if root in files and root not in found:
            found[root] = _read(root)
            pending |= referred(found[root])
    return dict(sorted(found.items()))


def referred(file: File) -> set[str]:
    """The import roots of the types a file speaks of, and of the modules that it has under other names."""
    texts: list[str | None] = [*file.library.module_aliases.values()]
    texts += [function.returns for function in file.function]
    for cls in file.class_:
        texts += [cls.yields, cls.items, cls.call, *cls.bases, *cls.returns.values(), *cls.attributes.values()]
    return {root for text in texts if text for root in _ROOT.findall(text)}


def parse(text: str, origin: str) -> File:
    """One file's text, JSON or TOML by the name it comes from, as facts.

    Raises:
        KnowledgeError: the text is not of its format, or not of the schema.
    """
    if origin.endswith(".json"):
        try:
            return msgspec.json.decode(text, type=File)
        except msgspec.DecodeError as error:
            raise KnowledgeError(f"{origin}: {error}") from error
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise KnowledgeError(f"{origin}: {error}") from error
    return convert(table, origin)


def convert(table: Mapping[str, Any], origin: str) -> File:
    """One file's table as facts.

    Raises:
        KnowledgeError: the table is not of the schema.
    """
    try:
        return msgspec.convert(table, File)
    except msgspec.ValidationError as error:
        raise KnowledgeError(f"{origin}: {error}") from error


@functools.cache
def _files() -> "dict[str, Traversable]":
    from importlib import resources  # a run with nothing to judge needs none of it

    folder = resources.files("archwise.knowledge")
    return {entry.name.removesuffix(".toml"): entry for entry in folder.iterdir() if entry.name.endswith(".toml")}


@functools.cache
def _read(root: str) -> File:
    file = _files()[root]
    return parse(file.read_text(encoding="utf-8"), f"knowledge/{file.name}")
