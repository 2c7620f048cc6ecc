"""Which database a program talks to and through which driver: by what it imports, or requires beside an ORM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.review.model import Place, Seen
from archwise.review.uses import traces

if TYPE_CHECKING:
    from archwise.engine.projectfiles import ProjectFiles
    from archwise.review.uses import Uses

_REQUIRED = {
    "psycopg": ("postgresql", ("psycopg",)),
    "psycopg2": ("postgresql", ("psycopg2", "psycopg2-binary")),
    "asyncpg": ("postgresql", ("asyncpg",)),
    "mysqlclient": ("mysql", ("mysqlclient",)),
    "PyMySQL": ("mysql", ("pymysql",)),
    "asyncmy": ("mysql", ("asyncmy",)),
    "aiomysql": ("mysql", ("aiomysql",)),
    "aiosqlite": ("sqlite", ("aiosqlite",)),
}
"""By driver its database, and the distributions that a project requires to have it."""


def driver(uses: Uses, beside: ProjectFiles) -> Seen | None:
    """The driver; None where an ORM loads it by a name in the settings, or where there are several."""
    found, layer = uses.option("database-driver"), uses.option("data-layer")
    if layer is not None and layer.value != "sql":
        if found is None or found.value == "sqlite3":  # beside an ORM it is for something else
            return _required(uses, beside)
    elif found is None:
        return Seen("none", "no driver and no ORM is imported") if layer is None else None
    return None if len(_databases(uses)) > 1 else found


def database(uses: Uses, beside: ProjectFiles) -> Seen | None:
    """The database; None where the code alone does not say which."""
    layer = uses.option("data-layer")
    values = _databases(uses)
    if layer is not None and layer.value != "sql":
        if values <= {"sqlite"}:
            required = _required(uses, beside)
            return Seen(_REQUIRED[required.value][0], required.why, required.places) if required else None
        # An ORM speaks to each database whose driver is installed; SQLite's is there for tests.
        values |= {_REQUIRED[name][0] for name in _requirements(beside)} - {"sqlite"}
    if len(values) > 1:
        return None
    return uses.factor("database") if values or layer else Seen("none", "no driver, ORM or client of one is imported")


def _databases(uses: Uses) -> set[str]:
    """The databases that imports speak for."""
    return {each.value for each in traces() if each.factor == "database" and uses.traced(each)}


def _requirements(beside: ProjectFiles) -> dict[str, str]:
    """The drivers that a project requires, each with the file that asks for it."""
    return {
        name: path
        for name, (_, distributions) in _REQUIRED.items()
        if (path := next(filter(None, map(beside.required_in, distributions)), ""))
    }


def _required(uses: Uses, beside: ProjectFiles) -> Seen | None:
    """The driver that a project requires, if it is one."""
    found = _requirements(beside)
    if len(found) != 1:
        return None
    name, path = found.popitem()
    shown = uses.shown(path)
    return Seen(name, f"required in {shown}", (Place(shown, 1, f"requires {name}"),))
