"""``archwise explain``."""

import sys
from typing import Literal

import click

from archwise.cli.complete import rules


@click.command("explain")
@click.argument("rule", shell_complete=rules)
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
def command(rule: str, output_format: Literal["text", "json"], color: Literal["auto", "always", "never"]) -> None:
    """Explain a RULE, by its code or its name: what, why, an example, the way out, the sources."""
    from archwise.cli.output import colored, write
    from archwise.report.rule import as_json
    from archwise.rules import by_selector
    from archwise.rules.selection import UnknownSelectorError

    try:
        found = by_selector(rule if "-" in rule else rule.upper())
    except UnknownSelectorError as error:
        raise click.ClickException(str(error)) from error
    if output_format == "json":
        write(as_json(found))
        return
    text = "\n".join(each.markdown() for each in found)
    write(_painted(text) if colored(color, sys.stdout) else text)


def _painted(text: str) -> str:
    import io

    from rich.console import Console
    from rich.markdown import Markdown

    page = io.StringIO()
    console = Console(file=page, force_terminal=True, width=min(Console().width, 100))
    console.print(Markdown(text))
    return page.getvalue()
