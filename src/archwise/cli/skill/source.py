"""``archwise skill source``."""

from pathlib import Path

import click

from archwise.cli.skill import desk

_NAMED = 5
"""Folders that are named one by one."""


@click.group("source")
def command() -> None:
    """Manage the sources that `skill search` searches."""


@command.command("add")
@click.argument("source")
@desk.said
def add(source: str) -> None:
    """Add a SOURCE and list its skills. Nothing is installed."""
    from archwise.cli.output import write
    from archwise.report.style import plural, printable
    from archwise.skills import catalogue
    from archwise.skills.agents import configuration
    from archwise.skills.source import parse

    origin = parse(source, Path.cwd(), configuration())
    with origin.open(configuration()) as tree:
        shelf = catalogue.shelf(tree, origin)
        broken = catalogue.unlisted(tree, shelf)
    catalogue.write(catalogue.read().with_shelf(shelf))
    named = ", ".join(map(printable, broken[:_NAMED])) + (", …" if len(broken) > _NAMED else "")
    left_out = f", and {len(broken)} without a description or a usable name: {named}" if broken else ""
    write(f"{plural(len(shelf.skills), 'skill')} in {shelf.address}{left_out}\n")


@command.command("list")
@desk.said
def list_() -> None:
    """List the sources."""
    from archwise.cli.output import write
    from archwise.report.style import plural
    from archwise.skills import catalogue

    for shelf in catalogue.read().shelves:
        at = f" at {shelf.commit[:12]}" if shelf.commit else ""
        write(f"{shelf.address}{at}: {plural(len(shelf.skills), 'skill')}\n")


@command.command("remove")
@click.argument("source")
@desk.said
def remove(source: str) -> None:
    """Remove a SOURCE, given as `skill source list` shows it."""
    from archwise.skills import catalogue
    from archwise.skills.errors import SkillError

    known = catalogue.read()
    found = [shelf.source for shelf in known.shelves if source in (str(shelf.source), shelf.address)]
    if not found:
        raise SkillError(f"{source} is none of the sources; `archwise skill source list` shows them")
    catalogue.write(known.without(found[0].location))


@command.command("update")
@desk.said
def update() -> None:
    """Read every source again."""
    from archwise.cli.output import write
    from archwise.report.style import plural
    from archwise.skills import catalogue
    from archwise.skills.agents import configuration

    for shelf in catalogue.read().shelves:
        with shelf.source.open(configuration()) as tree:
            fresh = catalogue.shelf(tree, shelf.source)
        catalogue.write(catalogue.read().with_shelf(fresh))
        write(f"{plural(len(fresh.skills), 'skill')} in {shelf.address}\n")
