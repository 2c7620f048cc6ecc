"""The files beside the Python ones that say how a project is built, tested and on what it depends."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from archwise.engine.declared import Declared, declared

_NAMES = re.compile(
    r"\.?pytest\.(ini|toml)|pyproject\.toml|tox\.ini|setup\.cfg|setup\.py|Pipfile|[\w.-]*requirements[\w.-]*\.(txt|in)"
    r"|Makefile|justfile|noxfile\.py|(uv|poetry|pdm|Pipfile)\.lock|environment\.ya?ml|\.gitlab-ci\.yml"
)
_LISTS = re.compile(r"(pyproject\.toml|setup\.py|\.lock|(^|/)[\w.-]*requirements[\w./-]*\.(txt|in))$")
"""Those of them that list requirements, one an item or a line."""
_FOLDERS = {"requirements": (".txt", ".in"), ".github/workflows": (".yml", ".yaml")}
_OTHERS = frozenset({"example", "examples", "demo", "demos", "docs", "doc", "tests", "test"})
"""Folders whose programs are not the one that is looked at."""
_DEEPEST = 3
"""Levels below the root at which packages of a common repository lie."""


def find(root: Path, files: Iterable[Path]) -> list[Path]:
    """Such files of the root and of the folders near it that hold ``files``, sorted."""
    folders = {root}
    for parent in {file.parent for file in files}:
        if parent.is_relative_to(root):
            parts = parent.relative_to(root).parts[:_DEEPEST]
            folders.update(root.joinpath(*parts[:count]) for count in range(len(parts) + 1))
    return sorted(file for folder in folders for file in _in(folder))


def _in(folder: Path) -> Iterator[Path]:
    try:
        yield from (each for each in folder.iterdir() if _NAMES.fullmatch(each.name) and each.is_file())
        for name, endings in _FOLDERS.items():
            if (inner := folder / name).is_dir():
                yield from (each for each in inner.iterdir() if each.name.endswith(endings) and each.is_file())
    except OSError:
        return


def is_project_file(path: str) -> bool:
    """Whether a POSIX path is that of such a file, in whichever folder."""
    *folders, name = path.split("/")
    return _NAMES.fullmatch(name) is not None or any(
        "/".join(folders).endswith(folder) and name.endswith(endings) for folder, endings in _FOLDERS.items()
    )


def read(file: Path) -> str:
    """A file's text, nothing where it cannot be read."""
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


class ProjectFiles:
    """The texts of such files, by path relative to the program's root."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts
        self._said: dict[str, bool] = {}
        self._by_folder: dict[PurePosixPath, dict[str, str]] = {}
        self._declared: dict[PurePosixPath, Declared | None] = {}
        for name, text in texts.items():
            path = PurePosixPath(name)
            self._by_folder.setdefault(path.parent, {})[path.name] = text

    def mentions(self, distribution: str) -> bool:
        """Whether any of them names a distribution, however it is spelled; a lock file, one that it installs."""
        spelled = _spelled(distribution).pattern
        locked = re.compile(rf'name = "{spelled}"|"{spelled}":')
        return any(
            re.search(locked if name.endswith(".lock") else spelled, text) is not None
            for name, text in self.texts.items()
        )

    def says(self, pattern: str) -> bool:
        """Whether a regular expression occurs in any of them."""
        if pattern not in self._said:
            self._said[pattern] = any(re.search(pattern, text) for text in self.texts.values())
        return self._said[pattern]

    def requires(self, distribution: str) -> bool:
        """Whether a list of requirements names a distribution, as an item or on a line of its own."""
        return bool(self._requiring(distribution))

    def required_in(self, distribution: str) -> str:
        """The first file that asks for a distribution itself; lock files and those of examples and tests left out."""
        found = (name for name in self._requiring(distribution) if not name.endswith(".lock"))
        return next((name for name in found if _OTHERS.isdisjoint(name.split("/")[:-1])), "")

    def _requiring(self, distribution: str) -> list[str]:
        item = re.compile(
            rf"(?m)(?:^|[\"'])\s*{_spelled(distribution).pattern}\s*(?:\[[^\]]*\])?\s*(?:$|[\"'<>=!~;,@])"
        )
        return [name for name, text in sorted(self.texts.items()) if _LISTS.search(name) and item.search(text)]

    def above(self, path: str) -> Iterator[dict[str, str]]:
        """The texts of each folder above a file, by name, the nearest folder first."""
        for folder in PurePosixPath(path).parents:
            if folder in self._by_folder:
                yield self._by_folder[folder]

    def declared(self, path: str) -> Declared | None:
        """What the project that a file belongs to declares; None where no folder above it says."""
        for folder in PurePosixPath(path).parents:
            if folder in self._by_folder and folder not in self._declared:
                self._declared[folder] = declared(self._by_folder[folder])
            if (found := self._declared.get(folder)) is not None:
                return found
        return None

    def requirements(self, distribution: str) -> list[str]:
        """The version specifiers that a distribution is required with; what a lock file has chosen, if one has."""
        name = _spelled(distribution).pattern
        locked = re.compile(rf'^name = "{name}"\nversion = "([^"]+)"', re.MULTILINE)
        chosen = [f"=={version}" for text in self.texts.values() for version in locked.findall(text)]
        if chosen:
            return chosen
        plain = re.compile(rf"{name}(?:\[[^\]]*\])?\s*\(?((?:[<>=!~]=?=?\s*[\w.*+!-]+[\s,]*)+)")
        poetry = re.compile(rf'^{name}\s*=\s*(?:\{{[^}}]*version\s*=\s*)?"([^"]+)"', re.MULTILINE)
        return [
            spec.strip(" ,\n")
            for text in self.texts.values()
            for found in (plain, poetry)
            for spec in found.findall(text)
        ]


def _spelled(distribution: str) -> re.Pattern[str]:
    words = re.split(r"[-_.]", distribution)
    return re.compile(rf"(?<![\w.-])(?i:{'[-_.]'.join(map(re.escape, words))})(?![\w-])")


def admits(specifier: str, version: tuple[int, ...]) -> bool:
    """Whether a version specifier lets some release from ``version`` on be installed."""
    return all(_clause_admits(clause.strip(), version) for clause in specifier.split(",") if clause.strip())


def excludes_older(specifier: str, version: tuple[int, ...]) -> bool:
    """Whether a version specifier lets no release older than ``version`` be installed."""
    for clause in specifier.split(","):
        match = re.match(r"(===?|~=|>=?|\^|~)?\s*(\d+(?:\.\d+)*)", clause.strip())
        if match is not None and tuple(map(int, match[2].split("."))) >= version:
            return True
    return False


def _clause_admits(clause: str, version: tuple[int, ...]) -> bool:
    match = re.match(r"(===?|~=|<=?|\^|~)?\s*(\d+(?:\.\d+)*)", clause)
    if match is None:
        return True
    operator, bound = match[1], tuple(map(int, match[2].split(".")))
    if operator == "<":
        return bound > version
    if operator in ("~=", "^", "~"):
        return bound[: _fixed(operator, bound)] >= version[: _fixed(operator, bound)]
    return bound >= version[: len(bound)]


def _fixed(operator: str, bound: tuple[int, ...]) -> int:
    """How many leading numbers of a compatible-release bound stay as they are."""
    if operator == "~=":
        return max(1, len(bound) - 1)
    if operator == "~":
        return min(2, len(bound))
    return next((index for index, number in enumerate(bound) if number), len(bound) - 1) + 1
