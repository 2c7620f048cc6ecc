"""What a project declares: what each installation needs, what an extra that somebody asks for, and its commands.

Source: the project metadata of PEP 621, Poetry's own tables, and what setuptools reads from ``setup.cfg`` and
``setup.py`` (as far as it stands there as text).
"""

from __future__ import annotations

import ast
import configparser
import inspect
import re
import tomllib
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_SETUP = ("install_requires", "extras_require", "entry_points")
"""What ``setup`` is given of it."""


class Declared(msgspec.Struct, frozen=True):
    """Distributions by their normalized names, needed always or for an extra; the modules that commands lead to."""

    always: frozenset[str]
    extra: frozenset[str]
    commands: frozenset[str]

    def only_with_extra(self, distributions: Iterable[str]) -> bool:
        """Whether some of the distributions come with an extra, and none of them otherwise."""
        names = {normalized(each) for each in distributions}
        return bool(names & self.extra) and not names & self.always


def declared(texts: Mapping[str, str]) -> Declared | None:
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


def _declared(always: Iterable[str], extra: Iterable[str], commands: Iterable[str]) -> Declared:
    """``commands`` are entry points: ``module:function``, or that after a name and ``=``."""
    modules = (each.rpartition("=")[2].partition(":")[0].strip() for each in commands)
    return Declared(
        frozenset(map(normalized, always)), frozenset(map(normalized, extra)), frozenset(filter(None, modules))
    )


def _pyproject(text: str) -> Declared | None:
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
    return _declared(
        {*_strings(project.get("dependencies")), *(listed.keys() - optional)},
        {*_strings(_table(project, "optional-dependencies")), *optional},
        (*_strings(_table(project, "scripts")), *_strings(_table(poetry, "scripts"))),
    )


def _setup_cfg(text: str) -> Declared | None:
    parser = _ini(text)
    if parser is None or not parser.has_option("options", "install_requires"):
        return None
    extras = parser.items("options.extras_require") if parser.has_section("options.extras_require") else ()
    return _declared(
        parser.get("options", "install_requires").splitlines(),
        (line for _, lines in extras for line in lines.splitlines()),
        parser.get("options.entry_points", "console_scripts", fallback="").splitlines(),
    )


def _ini(text: str) -> configparser.ConfigParser | None:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    return parser


def _setup_py(text: str) -> Declared | None:
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
    needed, extras, entries = (_literal(said.get(name), named) for name in _SETUP)
    if not isinstance(needed, list):
        return None
    return _declared(_strings(needed), _strings(extras), _scripts(entries))


def _scripts(entries: object) -> Iterator[str]:
    """The commands among the entry points of ``setup``, which takes them by group or as the text of an INI file."""
    if isinstance(entries, dict):
        return _strings(entries.get("console_scripts"))
    parser = _ini(inspect.cleandoc(entries)) if isinstance(entries, str) else None
    if parser is None or not parser.has_section("console_scripts"):
        return iter(())
    return (value for _, value in parser.items("console_scripts"))


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
