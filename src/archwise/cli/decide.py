"""``archwise decide``."""

from pathlib import Path
from typing import Any

import click

from archwise.cli.complete import assignments

_FILE = click.Path(path_type=Path)


@click.command("decide", short_help="Decide an architecture, with reasons.")
@click.option("--brief", type=_FILE, help="Read the answers from this TOML, YAML or JSON file.")
@click.option(
    "--set",
    "set_",
    multiple=True,
    metavar="FACTOR=VALUE",
    shell_complete=assignments,
    help="An answer; overrides the brief.",
)
@click.option(
    "--what-if",
    multiple=True,
    metavar="FACTOR=VALUE",
    shell_complete=assignments,
    help="Show only what this answer would change.",
)
@click.option("--matrix", is_flag=True, help="Compare the options side by side, for this context.")
@click.option("--write", is_flag=True, help="Write a record of each settled decision, and the project's settings.")
@click.option("--output-format", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
@click.option("--output-file", type=_FILE, help="Write the report to this file.")
def command(**options: Any) -> None:
    """Decide the architecture of a project, with reasons and with what would flip each decision.

    Starts an interview on the terminal, unless --brief or --set gives answers. Decisions that depend on missing answers
    stay open, and the most useful next question is named.

    \b
    Examples:
      archwise decide
      archwise decide --brief brief.toml --write
      archwise decide --set kind=api --set admin=no --what-if admin=yes
    """
    from archwise.cli.decision import Decision
    from archwise.decide.brief import BriefError
    from archwise.settings import SettingsError

    try:
        Decision(options).run()
    except BriefError as error:
        raise click.ClickException("\narchwise: ".join(error.problems)) from error
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
