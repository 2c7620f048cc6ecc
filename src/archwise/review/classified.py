"""What a project says that it is, to those who look for a package: the classifiers of its metadata."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from archwise.engine.program import Module
    from archwise.engine.projectfiles import ProjectFiles

_METADATA = frozenset({"pyproject.toml", "setup.cfg", "setup.py"})
_CONSOLE = r"Environment :: Console"
_LIBRARY = r"Topic :: Software Development :: Libraries\b"


class Classified(msgspec.Struct, frozen=True):
    """Whether a project names the console as what it runs in, and libraries as what it belongs to.

    Source: the classifiers of https://pypi.org/classifiers/, which PEP 301 brought in.
    """

    console: bool
    library: bool


def classified(beside: ProjectFiles, modules: Iterable[Module]) -> Classified:
    """What the projects say that modules belong to, where all of them do."""
    texts = {_of_project(beside, module) for module in modules} or {""}
    return Classified(*(all(re.search(said, text) for text in texts) for said in (_CONSOLE, _LIBRARY)))


def _of_project(beside: ProjectFiles, module: Module) -> str:
    """The project files of the nearest folder above a module that hold metadata."""
    for folder in beside.above(module.path):
        text = "\n".join(text for name, text in sorted(folder.items()) if name in _METADATA)
        if text:
            return text
    return ""
