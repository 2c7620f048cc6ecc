"""``archwise skill add``."""

from pathlib import Path
from typing import Any

import click

from archwise.cli.skill import desk


@click.command("add", short_help="Install a skill, pinned and scanned.")
@click.argument("source")
@click.argument("path", default="")
@click.option("--agent", "agents", multiple=True, metavar="NAME", help="Install for this agent; by default, detected.")
@desk.globally
@click.option("--all", "every", is_flag=True, help="Install every skill in the source.")
@click.option("--repair", is_flag=True, help="Move front matter to where agents find it.")
@desk.accept
@desk.force
@desk.yes
@desk.color
@click.pass_context
@desk.said
def command(ctx: click.Context, /, source: str, path: str, **options: Any) -> None:
    """Install a skill from SOURCE: OWNER/REPO, OWNER/REPO@REF, a Git URL, a folder or an archive.

    PATH is the skill's folder in SOURCE, or its name. The skill is fetched at a fixed commit, validated against the
    specification, examined by the panel of scanners, and installed once you agree. Agents: claude-code, cursor,
    windsurf, codex, copilot, gemini-cli, and `agents` for the folder that many share.
    """
    from archwise.cli.skill.placing import Placing
    from archwise.skills.agents import known
    from archwise.skills.candidate import candidates, matching
    from archwise.skills.errors import SkillError
    from archwise.skills.source import parse

    table = desk.Desk(of_user=options["of_user"], paint=options["color"])
    agents = known(options["agents"]) or table.scope.detected()
    if not agents:
        raise SkillError("no coding agent was found here: name one (--agent claude-code, cursor, windsurf, agents, …)")
    origin = parse(source, Path.cwd(), table.base())
    with origin.open(table.base()) as tree:
        folders = matching(tree, path or origin.path)
        if len(folders) > 1 and not options["every"]:
            raise SkillError(_several(tree.name, source, folders))
        found = list(candidates(tree, origin, folders))
    if options["repair"]:
        found = [candidate.repaired() for candidate in found]
    placing = Placing(table, accept=options["accept"], force=options["force"], yes=options["yes"])
    ctx.exit(placing.add(found, agents))


def _several(name: str, source: str, folders: list[str]) -> str:
    listed = ", ".join(folder or "." for folder in folders[:8]) + (", …" if len(folders) > 8 else "")
    return (
        f"{name} holds {len(folders)} skills ({listed}): `archwise skill add {source} PATH` takes one, --all takes all"
    )
