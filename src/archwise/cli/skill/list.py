"""``archwise skill list``."""

from typing import Literal

import click

from archwise.cli.skill import desk


@click.command("list", short_help="List installed skills, and whether any has changed.")
@desk.globally
@desk.as_json
@desk.color
@desk.said
def command(of_user: bool, form: Literal["text", "json"], color: str) -> None:
    """List installed skills: for which agents, from where, and whether they have changed since."""
    import msgspec

    from archwise.cli.skill.placing import titles
    from archwise.report.style import plural, printable
    from archwise.skills import lock as locks
    from archwise.skills.verify import differences, unmanaged

    table = desk.Desk(of_user=of_user, paint=color)
    lock = locks.read(table.scope.lock)
    changed = {name: bool(differences(table.scope, entry)) for name, entry in lock.skills.items()}
    others = unmanaged(table.scope, lock)
    if form == "json":
        listed = [{**msgspec.to_builtins(entry), "changed": changed[name]} for name, entry in lock.skills.items()]
        answer = {"skills": listed, "unmanaged": [str(place) for place in others]}
        table.say(msgspec.json.format(msgspec.json.encode(answer), indent=2).decode())
        return
    for name, entry in lock.skills.items():
        clean = sum(scan.status == "clean" for scan in entry.scan.values())
        state = table.style("warning", "changed") if changed[name] else "as installed"
        at = f" at {entry.commit[:12]}" if entry.commit else ""
        table.say(f"{table.style('strong', name)}  {state} · {clean} of {len(entry.scan)} reported clean")
        table.say(f"  for {titles(entry.agents)}, from {printable(str(entry.source))}{at}")
    for place in others:
        table.say(printable(f"{place}: not installed by archwise"))
    table.say(plural(len(lock.skills), "skill"))
