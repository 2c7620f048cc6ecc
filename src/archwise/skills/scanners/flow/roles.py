"""What functions and commands do with data, by name: ``roles.toml`` as it is read."""

import functools
import tomllib

import msgspec

from archwise.skills.scanners.rules import source


class Roles(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What functions of a language do, by name."""

    environment: tuple[str, ...]
    variable: tuple[str, ...]
    home: tuple[str, ...]
    walks: tuple[str, ...]
    reads: tuple[str, ...]
    watches: tuple[str, ...]
    fetches: tuple[str, ...]
    connects: tuple[str, ...]
    sends: tuple[str, ...]
    resolves: tuple[str, ...]
    decodes: tuple[str, ...]
    runs_code: tuple[str, ...]
    runs_command: tuple[str, ...]
    writes: tuple[str, ...]
    deletes: tuple[str, ...]
    installs: tuple[str, ...]
    harmless: tuple[str, ...]


class Knowledge(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """``flow/roles.toml``."""

    secret_places: tuple[str, ...]
    secret_names: tuple[str, ...]
    known_hosts: tuple[str, ...]
    python: Roles
    javascript: Roles
    shell: Roles
    powershell: Roles


@functools.cache
def knowledge() -> Knowledge:
    return msgspec.convert(tomllib.loads(source("flow/roles.toml").decode()), Knowledge)


@functools.cache
def plays(name: str, names: tuple[str, ...]) -> bool:
    """Whether a call's name is one of those."""
    method = f".{name.rpartition('.')[2]}" if name.startswith(".") else ""
    return any(name == each or method == each or (each.endswith("*") and name.startswith(each[:-1])) for each in names)
