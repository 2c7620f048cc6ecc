"""Which settings pytest reads for a test file: the first of its files in a folder that has any."""

import configparser
import functools
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from archwise.engine.projectfiles import ProjectFiles

_ORDER = (
    *("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini"),
    *("pyproject.toml", "tox.ini", "setup.cfg"),
)
"""As pytest looks: https://docs.pytest.org/en/stable/reference/customize.html#initialization-determining-rootdir-and-configfile"""
_SECTIONS = {"tox.ini": "pytest", "setup.cfg": "tool:pytest", "pytest.ini": "pytest", ".pytest.ini": "pytest"}


class PytestSettings(msgspec.Struct, frozen=True):
    """What one file sets; ``shadowed`` are the settings of files beside it that pytest therefore does not read."""

    file: str
    values: dict[str, str]
    shadowed: tuple["PytestSettings", ...] = ()


def settings_above(files: ProjectFiles, path: str) -> Iterator[PytestSettings]:
    """The settings of each folder above a test file that has any, the nearest first."""
    for folder in files.above(path):
        found = [
            PytestSettings(name, values)
            for name in _ORDER
            if name in folder and (values := _values(name, folder[name])) is not None
        ]
        if found:
            yield PytestSettings(found[0].file, found[0].values, tuple(found[1:]))


@functools.cache
def _values(name: str, text: str) -> dict[str, str] | None:
    """What a file sets, in text; None where pytest would not take it for its own."""
    if name.endswith(".toml"):
        return _of_toml(name, text)
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    section = _SECTIONS[name]
    if parser.has_section(section):
        return dict(parser.items(section))
    return {} if name.endswith("pytest.ini") else None


def _of_toml(name: str, text: str) -> dict[str, str] | None:
    try:
        table: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
    if name == "pyproject.toml":
        table = _inner(_inner(table, "tool") or {}, "pytest")
        if table is None:
            return None
        table = _inner(table, "ini_options") or table
    else:
        table = _inner(table, "pytest")
    return {key: _text(value) for key, value in table.items()} if table is not None else {}


def _inner(table: Mapping[str, Any], key: str) -> dict[str, Any] | None:
    found = table.get(key)
    return found if isinstance(found, dict) else None


def _text(value: object) -> str:
    return (
        " ".join(map(str, value))
        if isinstance(value, list)
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
    )
