"""``archwise rules``."""

from typing import Literal

import click


@click.command("rules", short_help="List the rules.")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(output_format: Literal["text", "json"]) -> None:
    """List the rules."""
    from archwise.cli.output import write
    from archwise.report.rule import as_json
    from archwise.rules import RULES

    if output_format == "json":
        write(as_json(RULES))
        return
    width = max(len(rule.name) for rule in RULES)
    states = ["" if rule.default else "  (off unless selected)" for rule in RULES]
    rows = zip(RULES, states, strict=True)
    write("".join(f"{rule.code}  {rule.name:<{width}}  {rule.severity}{state}\n" for rule, state in rows))
