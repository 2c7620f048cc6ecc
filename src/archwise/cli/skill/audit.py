"""``archwise skill audit``."""

from typing import Literal

import click

from archwise.cli.skill import desk


@click.command("audit", short_help="Scan everything installed again.")
@click.argument("names", nargs=-1)
@desk.globally
@desk.as_json
@desk.color
@click.pass_context
@desk.said
def command(
    ctx: click.Context, /, names: tuple[str, ...], of_user: bool, form: Literal["text", "json"], color: str
) -> None:
    """Scan everything installed again, as it is now. Exits with 1 if the policy would not admit it."""
    import msgspec

    from archwise.report.panel import panel
    from archwise.report.style import plural
    from archwise.skills.install import places, read
    from archwise.skills.panel import scan_all
    from archwise.skills.skill import Skill

    table = desk.Desk(of_user=of_user, paint=color)
    entries = table.entries(names)
    found = [(entry, place) for entry in entries for place in places(table.scope, entry) if place.exists()]
    skills = [Skill.of(place.name, *read(place, entry.files)) for entry, place in found]
    objections, answer = 0, []
    for (entry, place), skill, rows in zip(found, skills, scan_all(skills), strict=True):
        reasons = table.policy.objections(skill, entry.source, rows, entry.accepted)
        objections += len(reasons)
        if form == "json":
            answer.append({"name": entry.name, "place": str(place), "rows": rows, "objections": reasons})
            continue
        table.say(f"{table.style('strong', entry.name)} in {place}\n{panel(rows, table.style)}")
        for reason in reasons:
            table.say(f"  {table.style('error', 'not allowed')}: {reason}")
    if form == "json":
        table.say(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
    else:
        table.say(f"{plural(len(skills), 'installed folder')}, {plural(objections, 'objection')}")
    ctx.exit(desk.FOUND if objections else desk.CLEAN)
