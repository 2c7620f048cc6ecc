"""What a project needs with each installation, and what only with an extra that somebody asks for.

Source: the project metadata of PEP 621, Poetry's own tables, and what setuptools reads from ``setup.cfg`` and
``setup.py`` (as far as it stands there as text).
"""

from __future__ import annotations

import ast
import configparser
import re
import tomllib
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


class Needs(msgspec.Struct, frozen=True):
    """Distributions by their normalized names: what is always installed, and what with an extra."""

    always: frozenset[str]
    extra: frozenset[str]

    def only_with_extra(self, distributions: Iterable[str]) -> bool:
        """Whether some of the distributions come with an extra, and none of them otherwise."""
        names = {normalized(each) for each in distributions}
        return bool(names & self.extra) and not names & self.always


def needs(texts: Mapping[str, str]) -> Needs | None:
    """What the project files of one folder say, by name; None where they do not list what is needed."""
    for name, read in (("pyproject.toml", _pyproject), ("setup.cfg", _setup_cfg), ("setup.py", _setup_py)):
        found = read(texts.get(name, ""))
        if found is not None:
            return found
    return None


def normalized(requirement: str) -> str:
    """The name in a requirement, as PEP 503 compares names."""
    name = re.match(r"\s*([\w.-]*)", requirement)
    return re.sub(r"[-_.]+", "-", name[1]).lower() if name else ""


def _named(always: Iterable[str], extra: Iterable[str]) -> Needs:
    return Needs(frozenset(map(normalized, always)), frozenset(map(normalized, extra)))


def _pyproject(text: str) -> Needs | None:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
    project, poetry = _table(data, "project"), _table(_table(data, "tool"), "poetry")
    if "dependencies" in _strings(project.get("dynamic")):
        return None
    listed = _table(poetry, "dependencies")
    if not (listed or "name" in project):
        return None
    optional = {name for name, said in listed.items() if isinstance(said, dict) and said.get("optional")}
    always = {*_strings(project.get("dependencies")), *(listed.keys() - optional)}
    return _named(always, {*_strings(_table(project, "optional-dependencies")), *optional})


def _setup_cfg(text: str) -> Needs | None:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    if not parser.has_option("options", "install_requires"):
        return None
    extras = parser.items("options.extras_require") if parser.has_section("options.extras_require") else ()
    return _named(
        parser.get("options", "install_requires").splitlines(),
        (line for _, lines in extras for line in lines.splitlines()),
    )


def _setup_py(text: str) -> Needs | None:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None
    said = {word.arg: word.value for node in ast.walk(tree) if isinstance(node, ast.Call) for word in node.keywords}
    named = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    values = [_literal(said.get(name), named) for name in ("install_requires", "extras_require")]
    if not isinstance(values[0], list):
        return None
    return _named(_strings(values[0]), _strings(values[1]))


def _literal(node: ast.expr | None, named: Mapping[str, ast.expr]) -> object:
    """The value of an expression, or of the name that it goes by; None where it is computed."""
    node = named.get(node.id) if isinstance(node, ast.Name) else node
    try:
        return ast.literal_eval(node) if node is not None else None
    except (ValueError, TypeError, MemoryError, RecursionError):
        return None


def _table(data: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = data.get(name)
    return found if isinstance(found, dict) else {}


def _strings(value: object) -> Iterator[str]:
    """The texts in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _strings(each)
