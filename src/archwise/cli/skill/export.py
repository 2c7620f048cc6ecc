"""``archwise skill export``."""

from pathlib import Path

import click

from archwise.cli.skill import desk

_FOLDER = click.Path(path_type=Path, file_okay=False)


@click.command("export", short_help="Export skills as a marketplace and for each agent.")
@click.argument("source", type=_FOLDER)
@click.argument("target", type=_FOLDER)
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if the export is out of date.")
@click.option("--force", is_flag=True, help="Overwrite generated files that were edited by hand.")
@click.pass_context
@desk.said
def command(ctx: click.Context, /, source: Path, target: Path, check: bool, force: bool) -> None:
    """Export the skills of SOURCE to TARGET: a marketplace of plugins, and each agent's own form of every skill.

    SOURCE contains a marketplace.toml and skills in PLUGIN/SKILL. The export writes plugins/PLUGIN/skills/SKILL and the
    manifests that Claude Code reads, and below agents/ rules, commands and instructions for agents without skills.
    """
    from archwise.cli.output import tell, write
    from archwise.report.style import plural
    from archwise.skills.export import write as exporting
    from archwise.skills.export.collection import read
    from archwise.skills.export.render import render

    exported = render(read(source))
    for line in exported.left_out:
        tell(f"left out {line}")
    if check:
        found = exporting.stale(exported, target)
        for each in found:
            write(f"{target}/{each}\n")
        if found:
            tell(f"stale: run `archwise skill export {source} {target}`")
        ctx.exit(desk.FOUND if found else desk.CLEAN)
    written = exporting.write(exported, target, overwrite=force)
    write(f"{plural(len(exported.files), 'file')} in {target}, {len(written)} brought up to date\n")
