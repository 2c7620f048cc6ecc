"""``archwise skill search``."""

from typing import Literal

import click

from archwise.cli.skill import desk

_SHOWN = 20


@click.command("search", short_help="Search the sources for skills.")
@click.argument("words", nargs=-1, required=True)
@desk.as_json
@desk.color
@click.pass_context
@desk.said
def command(ctx: click.Context, /, words: tuple[str, ...], form: Literal["text", "json"], color: str) -> None:
    """Search the sources for skills that match all WORDS. Exits with 1 if there is none."""
    import msgspec

    from archwise.report.style import plural, printable
    from archwise.skills import catalogue
    from archwise.skills.errors import SkillError

    table = desk.Desk(of_user=True, paint=color)
    known = catalogue.read()
    if not known.shelves:
        raise SkillError("there is nowhere to search: `archwise skill source add OWNER/REPO` adds a source")
    hits = catalogue.search(known, words)
    if form == "json":
        listed = [{**msgspec.to_builtins(skill), "source": shelf.address} for shelf, skill in hits]
        table.say(msgspec.json.format(msgspec.json.encode(listed), indent=2).decode())
        ctx.exit(desk.CLEAN if hits else desk.FOUND)
    for shelf, skill in hits[:_SHOWN]:
        filed = " · ".join(filter(None, (skill.category, ", ".join(skill.tags))))
        table.say(f"{table.style('strong', printable(skill.name))}{f'  ({printable(filed)})' if filed else ''}")
        table.say(f"  {printable(skill.gist)}")
        table.say(f"  archwise skill add {printable(shelf.address)} {printable(skill.path)}")
    table.say(plural(len(hits), "skill") + (f", the first {_SHOWN} shown" if len(hits) > _SHOWN else ""))
    ctx.exit(desk.CLEAN if hits else desk.FOUND)
