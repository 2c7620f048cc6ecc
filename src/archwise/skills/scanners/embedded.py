"""Programs that stand within other files: cells of notebooks, steps of workflows, recipes, the lines of an image, what
a system or an agent is set to start, and commands that programs in other languages hand to a shell."""

import functools
import html
import json
import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    import yaml

Language = Literal["python", "shell", "javascript", "powershell", "other"]

_COMMANDS = frozenset({
    "run", "script", "command", "shell", "cmd", "entrypoint", "before_script", "after_script", "postCreateCommand",
    "postStartCommand", "postAttachCommand", "onCreateCommand", "updateContentCommand", "initializeCommand", "entry",
    "preinstall", "postinstall", "install", "prepare", "program", "apiKeyHelper", "test", "build", "start",
    "local-exec",
})  # fmt: skip
"""Keys whose text is run by a shell."""
_PROGRAMS = frozenset({
    ".rb", ".pl", ".php", ".lua", ".go", ".rs", ".java", ".kt", ".kts", ".swift", ".cs", ".gradle", ".groovy", ".tf",
    ".sql", ".ex", ".r", ".applescript", ".scpt", ".vbs", ".bas", ".nix", ".toml", ".cfg", ".tex", ".jl", ".scala",
    ".c", ".cpp", ".nu",
})  # fmt: skip
"""Programs that are not parsed, and settings that programs are started by."""
_SHELLS = frozenset({"sh", "bash", "zsh", "dash"})
_RECIPE = re.compile(r"^(?:\t|[ ]{2,})[@-]*(.+)$|\$\(shell\s+(.+?)\)\s*$", re.MULTILINE)
_MEMBER = re.compile(r'"(\w+)"\s*:\s*"((?:[^"\\\n]|\\.)+)"')
_LONGEST = 100_000
"""Characters of a file that are read: more is data."""
_RUN = re.compile(r"^\s*(RUN|CMD|ENTRYPOINT|ADD)\s+((?:[^\n]*\\\n)*[^\n]*)", re.MULTILINE)
_UNIT = re.compile(r"^(?:Exec\w*|TryExec|command|Run)\s*=\s*(.+)$", re.MULTILINE)
_GIT = re.compile(
    r'^\s*(?:fsmonitor|sshCommand|editor|pager|textconv|hooksPath|\w+)\s*=\s*"?!?(.+?)"?\s*$', re.MULTILINE
)
_ELEMENTS = re.compile(r"((?:\s*<string>[^<]*</string>)+)")
_SCRIPT = re.compile(r"<script\b[^>]*>(.+?)</script>", re.DOTALL | re.IGNORECASE)
_LITERAL = re.compile(r""""((?:[^"\\\n]|\\.)+)"|'((?:[^'\\\n]|\\.)+)'|`([^`\n]+)`""")
_COMMAND = re.compile(
    r"(?:^|[|;&(\s!])(?:curl|wget|(?:ba|z)?sh\s+-c|nc|ncat|base64|osascript|python3?\s+-c|node\s+-e|crontab|launchctl|ssh|scp|chmod|powershell|pwsh)\s"
)
"""How a text within a program begins that is meant for a shell."""


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
    elif suffix in (".json", ".jsonc", ".yaml", ".yml"):
        yield from _values(text)
    elif name in ("makefile", "gnumakefile", "justfile") or suffix == ".mk":
        yield from _matches(_RECIPE, text)
    elif name in ("dockerfile", "containerfile") or suffix in (".dockerfile", ".containerfile"):
        yield _image(text)
    elif name.lstrip(".") in ("envrc", "bashrc", "zshrc", "profile", "bash_profile", "zprofile", "zshenv"):
        yield Embedded(1, "shell", text)
    elif suffix in (".service", ".timer", ".desktop", ".ini", ".conf"):
        yield from _matches(_UNIT, text)
    elif name.lstrip(".") in ("gitconfig", "config"):
        yield from _matches(_GIT, text)
    elif suffix in (".plist", ".xml"):
        yield from _arguments(text)
    elif suffix in (".html", ".htm", ".svg"):
        for found in _SCRIPT.finditer(text):
            yield Embedded(_line(text, found.start(1)), "javascript", found[1])
    elif suffix in _PROGRAMS:
        yield from _literals(text)


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[Embedded]:
    for found in pattern.finditer(text):
        command = next(group for group in found.groups() if group is not None)
        yield Embedded(_line(text, found.start()), "shell", command)


def _image(text: str) -> Embedded:
    """The recipe of an image as one script, on the lines it stands on; what is added from an address is fetched."""
    lines = [""] * (text.count("\n") + 1)
    for found in _RUN.finditer(text):
        command = found[2].replace("\\\n", " ")
        words = command.split()
        if found[1] == "ADD":
            command = f"curl -s -o {words[-1]} {words[-2]}" if len(words) > 1 and "://" in command else ""
        elif command.startswith("["):
            command = _joined_list(command)
        lines[_line(text, found.start(1)) - 1] = command
    return Embedded(1, "shell", "\n".join(lines))


def _joined_list(text: str) -> str:
    try:
        words = json.loads(text)
    except ValueError:
        return text
    return _command([str(word) for word in words])


def _command(words: Sequence[str]) -> str:
    """A command line of its words; of a shell that is given its commands, these."""
    if len(words) > 2 and PurePosixPath(words[0]).name in _SHELLS and words[1].startswith("-") and "c" in words[1]:
        return words[2]
    return " ".join(word if word.startswith(("$", "-")) or "$" in word else shlex.quote(word) for word in words)


def _arguments(text: str) -> Iterator[Embedded]:
    """The arguments of a program that the system is to start, as property lists have them."""
    for found in _ELEMENTS.finditer(text):
        words = [html.unescape(word) for word in re.findall(r"<string>([^<]*)</string>", found[1])]
        if len(words) > 1:
            yield Embedded(_line(text, found.start(1)), "shell", _command(words))


def _literals(text: str) -> Iterator[Embedded]:
    """Commands for a shell that stand as texts in a program whose language is not parsed."""
    for found in _LITERAL.finditer(text):
        command = next(group for group in found.groups() if group is not None)
        if _COMMAND.search(command):
            yield Embedded(_line(text, found.start()), "shell", command.replace('\\"', '"').replace("\\'", "'"))


def _cells(text: str) -> Iterator[Embedded]:
    try:
        cells = json.loads(text)["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell.get("cell_type") == "code"]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return
    for source in sources:
        lines = source.splitlines()
        at = _line(text, max(0, text.find(json.dumps(lines[0])[1:-1]))) if lines else 1
        yield Embedded(at, "python", "\n".join("" if line.lstrip().startswith(("!", "%")) else line for line in lines))
        for line in lines:
            if line.lstrip().startswith("!"):
                yield Embedded(at, "shell", line.lstrip()[1:])


def _values(text: str) -> Iterator[Embedded]:
    import yaml

    try:
        roots = list(yaml.compose_all(text.replace("\t", " "), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except (yaml.YAMLError, RecursionError):
        yield from _members(text)
        return
    for root in roots:
        if root is not None:
            yield from _commands(root, set())


def _members(text: str) -> Iterator[Embedded]:
    """The same of what is nearly JSON: with comments in it, or cut short."""
    for found in _MEMBER.finditer(text):
        if found[1] in _COMMANDS:
            try:
                command = json.loads(f'"{found[2]}"')
            except ValueError:
                continue
            yield Embedded(_line(text, found.start()), "shell", command)


def _commands(node: "yaml.Node", seen: set[int]) -> Iterator[Embedded]:
    import yaml

    if id(node) in seen:  # an anchor, and what refers to it
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        members = {key.value: value for key, value in node.value if isinstance(key, yaml.ScalarNode)}
        for key, value in node.value:
            named = isinstance(key, yaml.ScalarNode) and key.value in _COMMANDS
            words = _words(value)
            if named and words:
                line = value.start_mark.line + 1 + (getattr(value, "style", None) == "|")
                given = _words(members.get("args")) if key.value == "command" else []
                whole = [*words, *given] if given or isinstance(value, yaml.SequenceNode) else []
                yield Embedded(line, "shell", _command(whole) if whole else words[0])
            else:
                yield from _commands(value, seen)
    elif isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _commands(each, seen)


def _words(node: "yaml.Node | None") -> list[str]:
    """The texts of a value that is a text, or a list of them."""
    import yaml

    if isinstance(node, yaml.ScalarNode):
        return [node.value] if node.value else []
    if isinstance(node, yaml.SequenceNode) and all(isinstance(each, yaml.ScalarNode) for each in node.value):
        return [each.value for each in node.value]
    return []
