"""``archwise skill verify``."""

from typing import Literal

import click

from archwise.cli.skill import desk


@click.command("verify", short_help="Compare installed skills with the lock.")
@click.argument("names", nargs=-1)
@desk.globally
@desk.as_json
@click.pass_context
@desk.said
def command(ctx: click.Context, /, names: tuple[str, ...], of_user: bool, form: Literal["text", "json"]) -> None:
    """Compare installed skills, byte for byte, with the lock. Exits with 1 if one differs."""
    import msgspec

    from archwise.report.style import plural, printable
    from archwise.skills.verify import differences

    table = desk.Desk(of_user=of_user)
    entries = table.entries(names)
    found = [each for entry in entries for each in differences(table.scope, entry)]
    if form == "json":
        table.say(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    else:
        for each in found:
            table.say(printable(str(each)))
        table.say(f"{plural(len(entries), 'skill')}, {plural(len(found), 'difference')}")
    ctx.exit(desk.FOUND if found else desk.CLEAN)
