"""Keeps decisions in a project's settings, which ``archwise check`` then holds the code to."""

from pathlib import Path
from typing import Any

from archwise.decide.verdict import Advice


class MissingExtraError(Exception):
    """The package that edits TOML is not installed."""


def planned(advice: Advice, root: Path) -> dict[Path, str]:
    """The settings file with the settled decisions in it; comments and layout stay as they are.

    It is ``archwise.toml`` where there is one, else ``pyproject.toml``, else a new ``archwise.toml``.

    Raises:
        MissingExtraError: the package that edits TOML is not installed.
    """
    try:
        import tomlkit
    except ImportError as error:
        raise MissingExtraError("--write needs `pip install 'archwise[decide]'`") from error
    chosen = {
        verdict.decision.id: verdict.choice
        for verdict in advice.verdicts
        if verdict.choice is not None and not verdict.decision.named(verdict.choice).moot
    }
    file = _file(root)
    before = file.read_bytes().decode() if file.exists() else ""
    document = tomlkit.parse(before)
    table: Any = document
    for name in ("tool", "archwise") if file.name == "pyproject.toml" else ():
        table = table.setdefault(name, tomlkit.table(is_super_table=True))
    new = "decisions" not in table
    kept = table.setdefault("decisions", tomlkit.table())
    for verdict in advice.verdicts:
        if verdict.choice is not None and verdict.decision.id not in chosen:
            kept.pop(verdict.decision.id, None)
    for name, choice in chosen.items():
        if kept.get(name) != choice:
            kept[name] = choice
    if new:
        kept.add(tomlkit.nl())  # another table may follow
    after = tomlkit.dumps(document)
    if new:
        after = after.rstrip("\r\n") + "\n"
    if "\r\n" in before:
        after = after.replace("\r\n", "\n").replace("\n", "\r\n")
    return {file: after} if after != before else {}


def _file(root: Path) -> Path:
    own, shared = root / "archwise.toml", root / "pyproject.toml"
    return shared if shared.exists() and not own.exists() else own
