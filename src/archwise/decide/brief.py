"""Reads a brief: answers to factors in TOML, YAML or JSON, each with its line."""

import difflib
import json
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from archwise.decide.context import Answer
from archwise.guide.model import Guide

RESERVED = ("project", "$schema")
_FORMATS = (".toml", ".yaml", ".yml", ".json")


class BriefError(Exception):
    """A brief cannot be used; one line for each thing that is wrong, with the place and the nearest valid name."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class Brief(msgspec.Struct, frozen=True):
    """What a brief says: the project's name, if given, and the answers."""

    project: str | None
    answers: dict[str, Answer]


def read(file: Path, guide: Guide) -> Brief:
    """The brief in a file.

    Raises:
        BriefError: it cannot be read, or names a factor or value that does not exist.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BriefError([f"{file}: {error.strerror or error}"]) from error
    except UnicodeDecodeError as error:
        raise BriefError([f"{file}: not UTF-8 (byte {error.start}): save it as UTF-8"]) from error
    table = _table(file, text)
    problems = []
    answers = {}
    for name, given in table.items():
        if name in RESERVED:
            continue
        place = f"{file}:{_line(text, name)}"
        try:
            answers[name] = Answer(value_of(guide, name, given), place)
        except ValueError as error:
            problems.append(f"{place}: {error}")
    project = table.get("project")
    if project is not None and (not isinstance(project, str) or not project.strip()):
        problems.append(f"{file}:{_line(text, 'project')}: `project` takes a name")
    if problems:
        raise BriefError(problems)
    return Brief(project, answers)


def assignment(guide: Guide, text: str, option: str) -> tuple[str, Answer]:
    """A factor and its answer, as given on the command line: ``factor=value``.

    Raises:
        BriefError: it is not of that form, or names a factor or value that does not exist.
    """
    name, equals, value = (part.strip() for part in text.partition("="))
    if not equals:
        raise BriefError([f"{option} {text}: write factor=value, such as {option} kind=api"])
    try:
        return name, Answer(value_of(guide, name, value), option)
    except ValueError as error:
        raise BriefError([f"{option} {text}: {error}"]) from error


def assignments(guide: Guide, texts: Iterable[str], option: str) -> dict[str, Answer]:
    """The answers that an option gives, one a factor.

    Raises:
        BriefError: as `assignment`, or two are for one factor: which of them is meant cannot be told.
    """
    found: dict[str, Answer] = {}
    for text in texts:
        name, answer = assignment(guide, text, option)
        if name in found:
            raise BriefError([f"{option} {text}: `{name}` is given already, as {found[name].value}; give it once"])
        found[name] = answer
    return found


def value_of(guide: Guide, name: str, given: object) -> str:
    """A factor's value, as it was given; true and false are yes and no.

    Raises:
        ValueError: there is no such factor, or it has no such value.
    """
    factor = guide.factors.get(name)
    if factor is None:
        raise ValueError(f"unknown factor `{name}`{_hint(name, guide.factors)}")
    values = tuple(factor.values)
    if isinstance(given, bool):
        given = "yes" if given else "no"
    if not isinstance(given, str):
        kind = {int: "a number", float: "a number", list: "a list", dict: "a table"}.get(type(given), "no value")
        raise ValueError(f"`{name}` takes one of {', '.join(values)}, not {kind}")
    if given not in values:
        raise ValueError(f"`{name}` has no value `{given}`{_hint(given, values)}")
    return given


def _hint(name: str, known: Iterable[str]) -> str:
    known = tuple(known)
    close = difflib.get_close_matches(name.lower().replace("_", "-"), known, n=1, cutoff=0.5)
    return f": did you mean `{close[0]}`?" if close else f"; there are {', '.join(known)}"


def _table(file: Path, text: str) -> dict[str, Any]:
    if file.suffix not in _FORMATS:
        raise BriefError([f"{file}: a brief is a {', '.join(_FORMATS[:-1])} or {_FORMATS[-1]} file"])
    try:
        found = _parsed(file, text)
    except tomllib.TOMLDecodeError as error:
        raise BriefError([f"{file}: not valid TOML: {error}"]) from error
    except json.JSONDecodeError as error:
        raise BriefError([f"{file}:{error.lineno}: not valid JSON: {error.msg}"]) from error
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise BriefError([f"{file}: a brief is a table of factors and values"])
    return found


def _parsed(file: Path, text: str) -> Any:
    if file.suffix == ".toml":
        return tomllib.loads(text)
    if file.suffix == ".json":
        return json.loads(text, object_pairs_hook=lambda pairs: _once(file, text, pairs))
    try:
        import yaml
    except ImportError as error:
        raise BriefError([f"{file}: YAML needs `pip install 'archwise[decide]'`; TOML and JSON do not"]) from error
    try:
        node = yaml.compose(text, yaml.SafeLoader)
        if isinstance(node, yaml.MappingNode):
            _once(file, text, ((key.value, None) for key, _ in node.value if isinstance(key, yaml.ScalarNode)))
        return yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise BriefError([f"{file}{line}: not valid YAML: {getattr(error, 'problem', None) or error}"]) from error


def _once(file: Path, text: str, pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """What is given by name, each once, as TOML asks for; JSON and YAML would take the last."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise BriefError([f"{file}:{_line(text, name)}: `{name}` is given twice; give it once"])
        found[name] = value
    return found


def _line(text: str, name: str) -> int:
    key = re.compile(rf"""^[^#]*?(?<![\w-])["']?{re.escape(name)}["']?\s*[=:]""")
    return next((number for number, line in enumerate(text.splitlines(), 1) if key.match(line)), 1)
