"""What a project asks for: ``[tool.archwise]`` of pyproject.toml, or ``archwise.toml``."""

import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec

from archwise.engine.files import located
from archwise.engine.layers import Declared, is_pattern
from archwise.findings import Severity
from archwise.mistakes import mistake, unknown_key
from archwise.rules import RULES
from archwise.rules.selection import UnknownSelectorError, chosen, matching
from archwise.skills.policy import Policy
from archwise.skills.scanners import SCANNERS

DEFAULT_EXCLUDE = (
    ".bzr", ".direnv", ".eggs", ".git", ".hg", ".mypy_cache", ".nox", ".pytest_cache", ".ruff_cache", ".svn", ".tox",
    ".venv", "__pycache__", "__pypackages__", "build", "dist", "node_modules", "site-packages", "venv",
)  # fmt: skip

_OF_LAYERS = ("AW401",)
_OF_FEATURES = ("AW406",)
"""Rules that judge by what a project declares, and are on where it does."""

_FILES = ("archwise.toml", "pyproject.toml")
"""What settings are kept in, the first that has any."""

Workers = Annotated[int, msgspec.Meta(ge=1)]


class SettingsError(Exception):
    """The settings cannot be used; the message names the file and the key."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """One run's settings, each named as in the file.

    ``knowledge`` holds paths of extra knowledge files and tables written in place, both as given: judging reads them.
    ``layers``, outermost first, and ``features`` hold patterns of module names. ``decisions`` are what ``archwise
    decide --write`` keeps: an option by decision, each of which may take on rules.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    per_file_ignores: dict[str, tuple[str, ...]] = {}
    exclude: tuple[str, ...] = DEFAULT_EXCLUDE
    extend_exclude: tuple[str, ...] = ()
    respect_gitignore: bool = True
    knowledge: tuple[str | dict[str, Any], ...] = ()
    layers: dict[str, tuple[str, ...]] = {}
    features: dict[str, tuple[str, ...]] = {}
    decisions: dict[str, str] = {}
    severity: Severity = "warning"
    baseline: str | None = None
    cache: bool = True
    cache_dir: str | None = None
    workers: Workers | None = None
    skills: Policy = Policy()

    root: Path = Path()
    """The folder that the settings' own paths and globs start from; not a setting."""

    @property
    def declared(self) -> Declared:
        """The structure the project says it has."""
        return Declared(self.layers, self.features)

    @property
    def rules(self) -> frozenset[str]:
        """The codes of the rules that are on; what is decided or declared adds rules to the default ones."""
        held: tuple[str, ...] = ()
        if not self.select:
            held = (*(_OF_LAYERS if self.layers else ()), *(_OF_FEATURES if self.features else ()))
            held += _held(self.decisions) if self.decisions else ()
        return chosen(RULES, self.select, (*self.extend_select, *held), self.ignore)

    def override(self, **values: Any) -> "Settings":
        """The settings with those replaced that the command line gives.

        Raises:
            SettingsError: a rule is unknown.
        """
        settings = msgspec.structs.replace(self, **values)
        _check_selectors(settings, "command line")
        return settings


def load(start: Path, config: Path | None = None) -> Settings:
    """The settings that hold for a path: of ``config``, else of the nearest file upward that has any.

    Raises:
        SettingsError: the file cannot be read, or says what it may not.
    """
    if config is not None:
        if (table := _table(config)) is None:
            raise SettingsError(f"{config}: there is no [tool.archwise] table")
        return _convert(table, config)
    start = located(start)
    folders = [start, *start.parents] if start.is_dir() else [*start.parents]
    for folder in folders:
        for file, table in _kept_in(folder):
            return _convert(table, file)
    return Settings(root=_root(folders))


def file_in(folder: Path) -> Path | None:
    """The file of a folder that holds settings, where one does."""
    try:
        return next((file for file, _ in _kept_in(folder)), None)
    except SettingsError:
        return None


def _kept_in(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for file in (folder / name for name in _FILES):
        if file.is_file() and (table := _table(file)) is not None:
            yield file, table


def is_project(folder: Path) -> bool:
    """Whether something in a folder says that a project begins there: its files, or Git's."""
    return any((folder / name).is_file() for name in _FILES) or (folder / ".git").exists()


def _root(folders: list[Path]) -> Path:
    here = Path.cwd()
    return next(filter(is_project, folders), here if here in folders else folders[0])


def _table(file: Path) -> dict[str, Any] | None:
    try:
        content = tomllib.loads(file.read_bytes().decode())
    except OSError as error:
        raise SettingsError(f"{file}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{file}: not UTF-8, as TOML must be (byte {error.start})") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: not valid TOML: {error}") from error
    if file.name != "pyproject.toml":
        return content
    tool = content.get("tool", {})
    table = tool.get("archwise") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise SettingsError(f"{file}: tool.archwise is not a table")
    return table


def _convert(table: dict[str, Any], file: Path) -> Settings:
    known = [field.encode_name for field in msgspec.structs.fields(Settings) if field.name != "root"]
    if "tool" in table:
        raise SettingsError(f"{file}: here the keys stand at the top, without [tool.archwise]")
    for key in table:
        if key not in known:
            raise SettingsError(f"{file}: {unknown_key(key, known)}")
    if isinstance(table.get("knowledge"), dict):
        table = {**table, "knowledge": [table["knowledge"]]}
    try:
        settings = msgspec.convert(table, Settings)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{file}: {mistake(error, Settings)}") from error
    _check_selectors(settings, str(file))
    if settings.decisions:
        _check_decisions(settings.decisions, str(file))
    _check_structure(settings, str(file))
    _check_scanners(settings.skills.required_scanners, str(file))
    return msgspec.structs.replace(settings, root=file.resolve().parent)


def _held(decisions: dict[str, str]) -> tuple[str, ...]:
    from archwise.guide.load import guide  # its files are read only where a project has decisions

    tables = guide().decisions
    return tuple(selector for name, option in decisions.items() for selector in tables[name].named(option).holds)


def _check_decisions(decisions: dict[str, str], origin: str) -> None:
    from archwise.guide.load import guide

    tables = guide().decisions
    for name, option in decisions.items():
        if name not in tables:
            raise SettingsError(f"{origin}: `decisions`: there is no decision `{name}`{_nearest(name, tables)}")
        options = [each.id for each in tables[name].option]
        if option not in options:
            raise SettingsError(f"{origin}: `decisions.{name}`: no option is `{option}`{_nearest(option, options)}")


def _check_scanners(names: Iterable[str], origin: str) -> None:
    for name in names:
        if name not in SCANNERS:
            raise SettingsError(
                f"{origin}: `skills.required-scanners`: no scanner is called `{name}`{_nearest(name, SCANNERS)}"
            )


def _nearest(name: str, known: Iterable[str]) -> str:
    import difflib

    known = tuple(known)
    close = difflib.get_close_matches(name, known, n=1)
    return f": did you mean `{close[0]}`?" if close else f"; there are {', '.join(known)}"


def _check_selectors(settings: Settings, origin: str) -> None:
    lists = {
        "select": settings.select,
        "extend-select": settings.extend_select,
        "ignore": settings.ignore,
        **{f"per-file-ignores.{glob}": codes for glob, codes in settings.per_file_ignores.items()},
    }
    for key, selectors in lists.items():
        for selector in selectors:
            try:
                matching(selector, RULES)
            except UnknownSelectorError as error:
                raise SettingsError(f"{origin}: `{key}`: {error}") from error


def _check_structure(settings: Settings, origin: str) -> None:
    for key, table in {"layers": settings.layers, "features": settings.features}.items():
        if len(table) == 1:
            raise SettingsError(f"{origin}: `{key}`: one alone says nothing: name at least two, each with its modules")
        owners: dict[str, str] = {}
        for name, patterns in table.items():
            if not patterns:
                raise SettingsError(f'{origin}: `{key}.{name}`: no modules: name some, such as `["shop.{name}"]`')
            for pattern in patterns:
                if not is_pattern(pattern):
                    raise SettingsError(
                        f"{origin}: `{key}.{name}`: `{pattern}` is no module name: write it as an import does, "
                        "with dots; `*` stands for one part"
                    )
                if pattern in owners:
                    raise SettingsError(f"{origin}: `{key}`: `{pattern}` is of `{owners[pattern]}` and of `{name}`")
                owners[pattern] = name
