"""``archwise skill sync``."""

import click

from archwise.cli.skill import desk


@click.command("sync", short_help="Install what the lock says.")
@click.argument("names", nargs=-1)
@desk.globally
@desk.force
@desk.color
@click.pass_context
@desk.said
def command(ctx: click.Context, /, names: tuple[str, ...], of_user: bool, force: bool, color: str) -> None:
    """Install what the lock says, byte for byte. What is missing is fetched at its commit, scanned and restored.

    An edited skill is reported and left alone; --force replaces it and keeps a copy.
    """
    from archwise.cli.skill.placing import Placing
    from archwise.report.style import plural
    from archwise.skills.errors import SkillError
    from archwise.skills.install import places, state
    from archwise.skills.restore import restored

    table = desk.Desk(of_user=of_user, paint=color)
    entries = table.entries(names)
    states = {entry.name: {state(place, entry) for place in places(table.scope, entry)} for entry in entries}
    edited = [name for name, found in states.items() if found & {"edited", "link"}]
    if edited and not force:
        raise SkillError(f"{', '.join(edited)} changed since it was installed: --force replaces it and keeps a copy")
    stale = [entry for entry in entries if states[entry.name] != {"current"} or entry.replaces]
    code = desk.CLEAN
    if stale:
        code = Placing(table, force=force, yes=True).place(list(restored(stale, table.base())))
    table.say(f"{plural(len(entries), 'skill')} in the lock, {len(entries) - len(stale)} up to date already")
    ctx.exit(code)
