"""``archwise skill update``."""

import click

from archwise.cli.skill import desk


@click.command("update", short_help="Update skills to what their sources have now.")
@click.argument("names", nargs=-1)
@desk.globally
@desk.accept
@desk.force
@desk.yes
@desk.color
@click.pass_context
@desk.said
def command(
    ctx: click.Context, /, names: tuple[str, ...], of_user: bool, accept: tuple[str, ...], force: bool, yes: bool,
    color: str,
) -> None:  # fmt: skip
    """Update skills to what their sources have now: show what changed, scan it and ask.

    A skill that was added at a commit stays at it; to move it, add it again at another one.
    """
    import msgspec

    from archwise.cli.skill.placing import Placing, locked
    from archwise.report.skill_diff import diff
    from archwise.skills.errors import SkillError
    from archwise.skills.git import is_commit
    from archwise.skills.install import places, state
    from archwise.skills.restore import latest

    table = desk.Desk(of_user=of_user, paint=color)
    entries = [entry for entry in table.entries(names) if not is_commit(entry.source.ref)]
    for entry in entries:
        edited = [place for place in places(table.scope, entry) if state(place, entry) in ("edited", "link")]
        if edited and not force:
            raise SkillError(f"{edited[0]} was edited since it was installed; --force replaces it and keeps a copy")
    wanted = []
    for candidate, entry in latest(entries, table.base()):
        if candidate.skill.digest() == entry.digest:
            table.say(f"{entry.name} is up to date")
            continue
        table.say(diff(table.scope, entry, candidate, table.style))
        accepted = tuple(sorted({*entry.accepted, *accept}))
        fresh = locked(candidate, entry.agents, accepted)
        wanted.append((candidate, msgspec.structs.replace(fresh, name=entry.name)))
    ctx.exit(Placing(table, force=force, yes=yes).place(wanted) if wanted else desk.CLEAN)
