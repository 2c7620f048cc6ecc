"""Programs that stand within other files: cells of notebooks, steps of workflows, recipes, the lines of an image."""

import functools
import json
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    import yaml

Language = Literal["python", "shell", "javascript", "powershell", "other"]

_COMMANDS = frozenset({
    "run", "script", "command", "shell", "cmd", "entrypoint", "before_script", "after_script", "postCreateCommand",
    "postStartCommand", "onCreateCommand", "initializeCommand", "preinstall", "postinstall", "install", "prepare",
})  # fmt: skip
"""Keys whose text is run by a shell."""
_RECIPE = re.compile(r"^\t[@-]*(.+)$|\$\(shell\s+(.+?)\)\s*$", re.MULTILINE)
_MEMBER = re.compile(r'"(\w+)"\s*:\s*"((?:[^"\\\n]|\\.)+)"')
_LONGEST = 100_000
"""Characters of a file that are read: more is data."""
_RUN = re.compile(r"^\s*(?:RUN|CMD|ENTRYPOINT)\s+((?:[^\n]*\\\n)*[^\n]*)", re.MULTILINE)


class Embedded(msgspec.Struct, frozen=True):
    """A program within a file, in ``language``; ``line`` counts from 1."""

    line: int
    language: Language
    text: str


@functools.lru_cache(maxsize=128)
def programs(path: str, text: str) -> tuple[Embedded, ...]:
    """The programs that a file carries."""
    return tuple(_programs(path, text)) if len(text) < _LONGEST else ()


def _programs(path: str, text: str) -> Iterator[Embedded]:
    name, suffix = PurePosixPath(path).name.lower(), PurePosixPath(path).suffix.lower()
    if suffix == ".ipynb":
        yield from _cells(text)
    elif suffix in (".json", ".jsonc"):
        yield from _members(text)
    elif suffix in (".yaml", ".yml"):
        yield from _values(text)
    elif name in ("makefile", "gnumakefile", "justfile") or suffix == ".mk":
        yield from _matches(_RECIPE, text)
    elif name in ("dockerfile", "containerfile") or suffix in (".dockerfile", ".containerfile"):
        yield from _matches(_RUN, text)
    elif name.lstrip(".") in ("envrc", "bashrc", "zshrc", "profile", "bash_profile", "zprofile", "zshenv"):
        yield Embedded(1, "shell", text)


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[Embedded]:
    for found in pattern.finditer(text):
        command = next(group for group in found.groups() if group is not None)
        yield Embedded(text.count("\n", 0, found.start()) + 1, "shell", command)


def _cells(text: str) -> Iterator[Embedded]:
    try:
        cells = json.loads(text)["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell.get("cell_type") == "code"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return
    for source in sources:
        lines = source.splitlines()
        at = text.count("\n", 0, max(0, text.find(json.dumps(lines[0])[1:-1]))) + 1 if lines else 1
        yield Embedded(at, "python", "\n".join("" if line.lstrip().startswith(("!", "%")) else line for line in lines))
        for line in lines:
            if line.lstrip().startswith("!"):
                yield Embedded(at, "shell", line.lstrip()[1:])


def _members(text: str) -> Iterator[Embedded]:
    for found in _MEMBER.finditer(text):
        if found[1] in _COMMANDS:
            try:
                command = json.loads(f'"{found[2]}"')
            except ValueError:
                continue
            yield Embedded(text.count("\n", 0, found.start()) + 1, "shell", command)


def _values(text: str) -> Iterator[Embedded]:
    import yaml

    try:
        root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError):
        return
    if root is not None:
        yield from _commands(root, set())


def _commands(node: "yaml.Node", seen: set[int]) -> Iterator[Embedded]:
    import yaml

    if id(node) in seen:  # an anchor, and what refers to it
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in _COMMANDS and isinstance(value, yaml.ScalarNode):
                yield Embedded(value.start_mark.line + 1 + (value.style == "|"), "shell", value.value)
            else:
                yield from _commands(value, seen)
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _commands(each, seen)
