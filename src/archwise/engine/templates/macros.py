"""Jinja's macros: the parts of a template that others call with arguments, and the names that these import them by."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK = "#"
"""Between a template's name and that of a macro in it."""
_MACRO = re.compile(r"\{%-?\s*macro\s+(?P<name>\w+)\s*\((?P<parameters>[^)]*)\)\s*-?%\}")
_END = re.compile(r"\{%-?\s*endmacro\b[^%]*%\}")
_FROM = re.compile(r"\{%-?\s*from\s+[\"'](?P<template>[^\"']+)[\"']\s+import\s+(?P<names>[^%]*?)\s*-?%\}")
_IMPORT = re.compile(r"\{%-?\s*import\s+[\"'](?P<template>[^\"']+)[\"']\s+as\s+(?P<name>\w+)[^%]*%\}")


class Macro(msgspec.Struct, frozen=True):
    """A macro's parameters, and where its body stands in its template's text."""

    parameters: tuple[str, ...]
    start: int
    end: int


def macros(text: str) -> dict[str, Macro]:
    """The macros of a template by name."""
    return dict(_macros(text)) if "macro" in text else {}


def _macros(text: str) -> Iterator[tuple[str, Macro]]:
    for match in _MACRO.finditer(text):
        end = _END.search(text, match.end())
        parameters = tuple(part.partition("=")[0].strip() for part in match["parameters"].split(","))
        yield match["name"], Macro(parameters, match.end(), end.start() if end else len(text))


def imported(text: str) -> dict[str, str]:
    """What a template calls the macros of others, ``name`` or ``module.``, and what they are: ``file#name``."""
    found: dict[str, str] = {}
    for match in _FROM.finditer(text) if "import" in text else ():
        for part in match["names"].removesuffix("with context").removesuffix("without context").split(","):
            name, _, alias = part.strip().partition(" as ")
            found[alias.strip() or name] = f"{match['template']}{MARK}{name}"
    for match in _IMPORT.finditer(text) if "import" in text else ():
        found[f"{match['name']}."] = f"{match['template']}{MARK}"
    return found
