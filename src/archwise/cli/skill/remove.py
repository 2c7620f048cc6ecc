"""``archwise skill remove``."""

import click

from archwise.cli.skill import desk


@click.command("remove", short_help="Remove skills.")
@click.argument("names", nargs=-1, required=True)
@desk.globally
@desk.for_agents
@desk.force
@click.option("--yes", "-y", is_flag=True, expose_value=False, help="Accepted as elsewhere: nothing is asked here.")
@desk.said
def command(names: tuple[str, ...], of_user: bool, agents: tuple[str, ...], force: bool) -> None:
    """Remove skills, from all agents or from some, and from the lock once no agent has them.

    It does not ask: only what is named goes, and what you have edited stays unless --force is given.
    """
    from archwise.cli.skill.placing import Placing
    from archwise.skills import install as installing
    from archwise.skills.agents import known

    table = desk.Desk(of_user=of_user)
    going = known(agents)
    with table.changing() as lock:
        entries = desk.wanted(lock, names)
        for entry in entries:
            if force:
                Placing(table).set_aside(entry, entry)
            lock = installing.remove(table.scope, lock, entry, going or entry.agents, overwrite=force)
            table.say(f"removed {entry.name}{' from ' + ', '.join(going) if going else ''}")
