"""``archwise skill``: a module a command, imported when that command is asked for."""

from importlib import import_module

import click

COMMANDS = ("add", "list", "show", "search", "source", "verify", "sync", "update", "remove", "audit", "export")


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"archwise.cli.skill.{cmd_name}").command
        return command


@click.group("skill", cls=_Commands, invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Agent skills: install them pinned and scanned, list, verify, update and remove them.

    Exit codes: 0 done, 1 something is blocked, changed or alarming, 2 the job could not be done.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        ctx.exit(2)
