"""Dependencies: what a skill has installed, by its manifests, its programs' inline metadata and the commands shown.

Only what can be told offline is told: look-alike names, sources outside the index, programs that run on installation.
Known vulnerabilities need an index that is asked over the network, which this panel never does.
"""

import functools
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import PurePosixPath

import msgspec

from archwise.skills.scanners import rules
from archwise.skills.scanners.reading import Snippet, snippets
from archwise.skills.scanners.scanner import Alarm, Severity, SkippedError
from archwise.skills.skill import Skill

NAME = "dependencies"
TITLE = "Dependencies"
_RULES = "dependencies.toml"
_INLINE = re.compile(r"(?m)^# /// script\s*$\s(?P<content>(?:^#(?:| .*)$\s)+)^# ///$")
_PIP = re.compile(r"\b(?:pip3?|uv\s+pip|pipx|uv\s+tool|uv)\s+(?:install|add)\s+([^\n|;&#`]+)")
_NPM = re.compile(
    r"\b(?:npm\s+(?:install|i|add)|yarn\s+add|pnpm\s+(?:add|install)|bun\s+add|npx(?:\s+-y)?)\s+([^\n|;&#`]+)"
)
_OTHER_INDEX = re.compile(r"--(?:extra-)?index-url[ =]|(?<!\S)-i ")
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")
_ELSEWHERE = re.compile(r"^(?:git\+|https?:|ssh:|git:|github:)")
_KNOWN_HOSTS = (
    "git+https://github.com/",
    "git+https://gitlab.com/",
    "https://github.com/",
    "github:",
    "https://download.pytorch.org/",
)
_SETTINGS = frozenset(
    {".npmrc", "npmrc", ".yarnrc", ".yarnrc.yml", "pip.conf", "pip.ini", ".pip.conf", ".condarc", "uv.toml", ".pypirc"}
)
"""Files that tell an installer where packages come from."""
_INDEX = re.compile(
    r"^[ \t]*[\"\w:@./-]*(?:registry|index-url|npmRegistryServer|index|url)\"?[ \t]*[=:][ \t]*\"?https?://\S+",
    re.MULTILINE,
)
_SOURCE = re.compile(
    r"^\[\[tool\.(?:uv\.index|poetry\.source|pdm\.source)\]\][^\[]*?^url\s*=\s*\"([^\"]+)\"", re.MULTILINE
)
_USES = re.compile(r"^[ \t]*(?:-[ \t]*)?uses:[ \t]*[\"']?([\w.-]+)/[\w./-]+@", re.MULTILINE)
"""A step of a pipeline, by whose it is."""
_HOOKS = ("preinstall", "install", "postinstall", "prepare")


class _Known(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    python: frozenset[str]
    npm: frozenset[str]
    action: frozenset[str]


class Requirement(msgspec.Struct, frozen=True):
    """A package asked for: ``given`` is how, ``index`` whose."""

    index: str
    given: str
    path: str
    line: int


def version() -> str:
    """The state of the lists of names."""
    return rules.version(_RULES)


def scan(skill: Skill) -> Iterator[Alarm]:
    """What it has installed that it should not.

    Raises:
        SkippedError: it has nothing installed.
    """
    asked = list(requirements(skill))
    manifests = [path for path in skill.files if PurePosixPath(path).name == "package.json"]
    if not asked and not manifests:
        raise SkippedError("this skill installs nothing")
    seen = set()
    for each in asked:
        if (each.index, each.given, each.path) not in seen:
            seen.add((each.index, each.given, each.path))
            yield from _said(each)
    for path in manifests:
        yield from _hooks(path, skill.text(path) or "")


def requirements(skill: Skill) -> Iterator[Requirement]:
    """All packages that a skill asks for, where it does."""
    for path, text in skill.texts().items():
        yield from _of_file(path, text)
    for snippet in snippets(skill, "python"):
        yield from _of_script(snippet)
    for snippet in snippets(skill, "other"):
        yield from _of_steps(snippet.path, snippet.text, snippet.line)
    for snippet in snippets(skill, "shell", "powershell", "python"):
        yield from _of_commands(snippet)


def _of_file(path: str, text: str) -> Iterator[Requirement]:
    name = PurePosixPath(path).name.lower()
    if name.startswith("requirements") and name.endswith((".txt", ".in")):
        yield from _lines(path, text)
    elif name in _SETTINGS:
        for found in _INDEX.finditer(text):
            yield Requirement("index", found[0].strip(), path, _line(text, found))
    elif name == "package.json":
        for given in _package_json(text):
            yield Requirement("npm", given, path, 1)
    elif name.endswith((".yml", ".yaml")):
        yield from _of_steps(path, text)
    elif name == "pyproject.toml":
        for index, given in _pyproject(text):
            yield Requirement(index, given, path, 1)


def _of_steps(path: str, text: str, first: int = 1) -> Iterator[Requirement]:
    """The actions that the steps of a pipeline use."""
    for found in _USES.finditer(text):
        yield Requirement("action", found[1], path, _line(text, found, first))


def _of_script(snippet: Snippet) -> Iterator[Requirement]:
    """What a script says of itself in a comment (PEP 723)."""
    for block in _INLINE.finditer(snippet.text):
        lines = block["content"].splitlines(keepends=True)
        content = "".join(line[2:] if line.startswith("# ") else line[1:] for line in lines)
        for given in _listed(content, "dependencies"):
            yield Requirement("python", given, snippet.path, _line(snippet.text, block, snippet.line))


def _of_commands(snippet: Snippet) -> Iterator[Requirement]:
    """What commands install, or run from an index."""
    for index, pattern in (("python", _PIP), ("npm", _NPM)):
        for found in pattern.finditer(snippet.text):
            line = _line(snippet.text, found, snippet.line)
            words = found[1].split()
            named = [word for word in words if not word.startswith("-")]
            for word in named[:1] if found[0].startswith("npx") else words:
                yield Requirement(index, word.strip("\"'"), snippet.path, line)
            if index == "python" and _OTHER_INDEX.search(found[1]):
                yield Requirement("index", found[1].strip(), snippet.path, line)


def _line(text: str, found: re.Match[str], first: int = 1) -> int:
    return first + text.count("\n", 0, found.start())


def _said(asked: Requirement) -> Iterator[Alarm]:
    def alarm(rule: str, why: str, *, grave: bool) -> Alarm:
        return Alarm(rule, "high" if grave else "low", asked.path, asked.line, why, asked.given)

    if asked.index == "index":
        if not re.search(
            r"https://(?:(?:[\w-]+\.)*(?:pypi\.org|example\.(?:com|org|net))|registry\.npmjs\.org|registry\.yarnpkg\.com|npm\.pkg\.github\.com|download\.pytorch\.org|test\.pypi\.org|[\w-]+\.pkg\.dev|pypi\.nvidia\.com|\$)",
            asked.given,
        ):
            yield Alarm(
                "other-index", "medium", asked.path, asked.line, "installs from an index of its own", asked.given
            )
        return
    given = asked.given
    source = given.partition("@ ")[2].strip() or given
    if _ELSEWHERE.match(source):
        if not source.startswith(_KNOWN_HOSTS):
            why = "installs a package from outside every index"
            listed: Severity = "medium" if asked.path.endswith((".json", ".toml", ".txt", ".in")) else "low"
            severity: Severity = "high" if source.startswith(("http:", "git+http:")) else listed
            yield Alarm("from-anywhere", severity, asked.path, asked.line, why, asked.given)
        return
    scoped = given.startswith("@")
    found = _NAME.match(given)
    if scoped or found is None:
        return
    name = re.sub(r"[-_.]+", "-", found[0]).lower()
    twin = look_alike(name, asked.index)
    if twin is not None:
        yield alarm("look-alike-name", f"installs `{name}`, a name that is nearly `{twin}`", grave=True)


def look_alike(name: str, index: str) -> str | None:
    """The well-known package that a name is nearly, and not."""
    known: frozenset[str] = getattr(_known(), index)
    normal = {re.sub(r"[-_.]+", "-", each) for each in known}
    if name in normal or len(name) < 5:
        return None
    return next((each for each in sorted(normal) if len(each) >= 5 and _is_near(name, each)), None)


def _is_near(name: str, known: str) -> bool:
    """Whether one letter was left out, added, doubled, changed into one that looks the same, or two were swapped."""
    if sorted(name) == sorted(known) and sum(a != b for a, b in zip(name, known, strict=False)) == 2:
        return True
    longer, shorter = (name, known) if len(name) > len(known) else (known, name)
    if len(longer) == len(shorter) + 1:
        spots = [i for i in range(len(longer)) if longer[:i] + longer[i + 1 :] == shorter]
        plural = longer == f"{shorter}s" and not shorter.endswith("s")
        return any(longer[i].isalpha() for i in spots) and not plural
    if len(name) == len(known):
        changed = [(a, b) for a, b in zip(name, known, strict=True) if a != b]
        return len(changed) == 1 and frozenset(changed[0]) in _TWINS
    return False


_TWINS = frozenset(
    map(
        frozenset,
        ("l1", "o0", "il", "ec", "uv", "nm", "sz", "aq", "i1", "ea", "qg", "rn", "ck", "s5", "yi", "ou", "td"),
    )
)


def _lines(path: str, text: str) -> Iterator[Requirement]:
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.partition(" #")[0].strip()
        if stripped.startswith(("--index-url", "--extra-index-url", "-i ")):
            yield Requirement("index", stripped, path, number)
        elif stripped and not stripped.startswith(("#", "-")):
            yield Requirement("python", stripped, path, number)


def _package_json(text: str) -> Iterator[str]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return
    for group in ("dependencies", "devDependencies", "optionalDependencies"):
        wanted = found.get(group) if isinstance(found, dict) else None
        if isinstance(wanted, dict):
            for name, where in wanted.items():
                yield str(where) if _ELSEWHERE.match(str(where)) else str(name)


def _hooks(path: str, text: str) -> Iterator[Alarm]:
    try:
        scripts = json.loads(text).get("scripts")
    except (ValueError, RecursionError, AttributeError):
        yield Alarm("unreadable", "low", path, 1, "is not JSON that can be read: nobody has looked at it")
        return
    for hook in _HOOKS:
        command = scripts.get(hook) if isinstance(scripts, dict) else None
        if isinstance(command, str) and hook != "prepare":
            grave = re.search(r"curl|wget|https?://|base64|\bnode\s+-e|eval|powershell", command)
            yield Alarm(
                "runs-on-install",
                "high" if grave else "medium",
                path,
                1,
                f"runs a program when it is installed ({hook})",
                command,
            )


def _pyproject(text: str) -> Iterator[tuple[str, str]]:
    """What a project asks for, and the indexes that its tools ask."""
    try:
        whole = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    project = whole.get("project")
    wanted = project.get("dependencies") if isinstance(project, dict) else None
    if isinstance(wanted, list):
        yield from (("python", str(each)) for each in wanted)
    for found in _SOURCE.finditer(text):
        yield "index", found[1]


def _listed(text: str, key: str) -> Iterator[str]:
    try:
        wanted = tomllib.loads(text).get(key)
    except tomllib.TOMLDecodeError:
        return
    if isinstance(wanted, list):
        yield from map(str, wanted)


@functools.cache
def _known() -> _Known:
    return msgspec.convert(tomllib.loads(rules.source(_RULES).decode()), _Known)
