"""``archwise skill show``."""

from pathlib import Path
from typing import Literal

import click

from archwise.cli.skill import desk


@click.command("show", short_help="Show a skill, and what the panel reports.")
@click.argument("skill")
@click.argument("path", default="")
@desk.globally
@desk.as_json
@desk.color
@desk.said
def command(skill: str, path: str, of_user: bool, form: Literal["text", "json"], color: str) -> None:
    """Show a SKILL, given the name of an installed one or a source and PATH, and what the panel reports now.

    Nothing is installed.
    """
    import msgspec

    from archwise.report.listing import as_data, listing
    from archwise.skills import catalogue
    from archwise.skills.candidate import Candidate, candidates, matching
    from archwise.skills.errors import SkillError
    from archwise.skills.install import places, read
    from archwise.skills.panel import capabilities, scan
    from archwise.skills.skill import Skill
    from archwise.skills.source import parse

    table = desk.Desk(of_user=of_user, paint=color)
    nearby: tuple[catalogue.Listed, ...] = ()
    entry = {each.name: each for each in table.entries(())}.get(skill) if not path else None
    if entry is not None:
        place = next((each for each in places(table.scope, entry) if each.exists()), None)
        if place is None:
            raise SkillError(f"{skill} is in the lock but not installed: `archwise skill sync` puts it back")
        found = Candidate(
            Skill.of(place.name, *read(place, entry.files)), entry.source, entry.path, entry.commit, entry.archive
        )
    else:
        origin = parse(skill, Path.cwd(), table.base())
        with origin.open(table.base()) as tree:
            folders = matching(tree, path or origin.path)
            if len(folders) > 1:
                raise SkillError(f"{tree.name} holds {len(folders)} skills: {', '.join(folders)}")
            (found,) = candidates(tree, origin, folders)
            nearby = catalogue.shelf(tree, origin).skills
    rows, (can,) = scan(found.installed), capabilities([found.installed])
    like = catalogue.related(found, [*nearby, *(each for shelf in catalogue.read().shelves for each in shelf.skills)])
    if form == "json":
        table.say(msgspec.json.format(msgspec.json.encode(as_data(found, rows, can, like)), indent=2).decode())
    else:
        table.say(listing(found, rows, can, like, table.style))
