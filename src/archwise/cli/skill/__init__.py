"""``archwise skill``: a module a command, imported when that command is asked for."""

import click

from archwise.cli.group import LazyGroup

COMMANDS = ("add", "list", "show", "search", "source", "verify", "sync", "update", "remove", "audit", "export")


@click.group(
    "skill",
    cls=LazyGroup,
    modules={name: f"{__name__}.{name}" for name in COMMANDS},
    invoke_without_command=True,
    short_help="Install, scan, list, update and export agent skills.",
)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Install agent skills, pinned and scanned; list, verify, update, remove and export them.

    Exit codes: 0 done; 1 the policy objects, or a change, an alarm or nothing at all was found; 2 the command failed,
    as when an edited skill is in its way.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        ctx.exit(2)
