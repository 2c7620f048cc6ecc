"""``archwise review``."""

from pathlib import Path
from typing import Any

import click

from archwise.cli.complete import assignments

_FILE = click.Path(path_type=Path)


@click.command("review", short_help="Compare the decisions in the code with the advice.")
@click.argument("path", default=".", type=_FILE)
@click.option(
    "--output-format", type=click.Choice(["text", "markdown", "json", "html"]), default="text", show_default=True
)
@click.option("--output-file", type=_FILE, help="Write the review to this file.")
@click.option("--brief", type=_FILE, help="Read answers that code does not show from this TOML, YAML or JSON file.")
@click.option(
    "--set",
    "set_",
    multiple=True,
    metavar="FACTOR=VALUE",
    shell_complete=assignments,
    help="An answer; overrides the brief and what is measured.",
)
@click.option("--compare", metavar="REVISION", help="Show what got better and worse since this Git revision.")
@click.option("--config", type=_FILE, help="Read the settings from this file.")
@click.option("--no-cache", is_flag=True, help="Do not use the cache.")
@click.option("--workers", type=click.IntRange(min=1), help="Number of processes that read files.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but the review.")
def command(path: Path, **options: Any) -> None:
    """Compare the decisions made in the code of PATH (default: the current folder) with the advice for its context.

    Each decision gets a verdict (fits, drifts, contradicts, undecided), the places that show it, and a count of what
    moving to the advised option would touch. The page that `--output-format html` writes needs no network.

    \b
    Examples:
      archwise review
      archwise review --output-format html --output-file review.html
      archwise review --compare main --output-format markdown

    Exit codes: 0 reviewed, whatever the verdicts; 2 the run failed.
    """
    from archwise.cli.reviewing import Reviewing
    from archwise.decide.brief import BriefError
    from archwise.engine.read import WorkerError
    from archwise.knowledge.loader import KnowledgeError
    from archwise.review.revision import RevisionError
    from archwise.settings import SettingsError

    try:
        Reviewing(path, options).run()
    except BriefError as error:
        raise click.ClickException("\narchwise: ".join(error.problems)) from error
    except (SettingsError, KnowledgeError, RevisionError, WorkerError) as error:
        raise click.ClickException(str(error)) from error
