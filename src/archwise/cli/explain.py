"""``archwise explain``."""

import sys
from typing import TYPE_CHECKING, Literal

import click

from archwise.cli.complete import explainable

if TYPE_CHECKING:
    from archwise.guide.find import Entry
    from archwise.rules.rule import Rule


@click.command("explain", short_help="Explain a rule, a decision or a claim of the guide.")
@click.argument("id_", metavar="ID", shell_complete=explainable)
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
def command(id_: str, output_format: Literal["text", "json"], color: Literal["auto", "always", "never"]) -> None:
    """Explain an ID: a rule (code or name), a claim or section of the guide, a decision, a factor or a fact.

    \b
    Examples:
      archwise explain AW201
      archwise explain blocking-call-on-event-loop
      archwise explain G2.4
      archwise explain framework
    """
    from archwise.cli.output import colored, write
    from archwise.guide.find import entries
    from archwise.guide.load import guide

    found = entries(guide(), id_)
    if found:
        text = _entries_json(found) if output_format == "json" else _entries_text(found)
    else:
        rules = _rules(id_)
        text = _rules_json(rules) if output_format == "json" else "\n".join(rule.markdown() for rule in rules)
    write(_painted(text) if output_format == "text" and colored(color, sys.stdout) else text)


def _rules(selector: str) -> "tuple[Rule, ...]":
    from archwise.guide.find import ids
    from archwise.guide.load import guide
    from archwise.rules import RULES, by_selector
    from archwise.rules.selection import UnknownSelectorError

    try:
        return by_selector(selector if "-" in selector else selector.upper())
    except UnknownSelectorError as error:
        import difflib

        names = [rule.name for rule in RULES] + list(ids(guide()))
        near = [error.nearest] if error.nearest else difflib.get_close_matches(selector, names, n=1)
        near = near or [name for name in names if selector.lower() in name.lower()][:3]
        hint = f": did you mean `{'`, `'.join(near)}`?" if near else "; `archwise rules` and `archwise guide` list all"
        raise click.ClickException(f"nothing is called `{selector}`{hint}") from error


def _rules_json(rules: "tuple[Rule, ...]") -> str:
    from archwise.report.rule import as_json

    return as_json(rules)


def _entries_text(found: "list[Entry]") -> str:
    import datetime

    from archwise.cli.main import COMMANDS
    from archwise.guide.find import page
    from archwise.guide.load import guide
    from archwise.rules import CLAIMS

    return "\n".join(page(guide(), entry, CLAIMS, COMMANDS, datetime.date.today()) for entry in found)


def _entries_json(found: "list[Entry]") -> str:
    import json

    from archwise.guide.find import as_data

    return json.dumps([as_data(entry) for entry in found], indent=2, ensure_ascii=False) + "\n"


def _painted(text: str) -> str:
    import io

    from rich.console import Console
    from rich.markdown import Markdown

    page = io.StringIO()
    console = Console(file=page, force_terminal=True, width=min(Console().width, 100))
    console.print(Markdown(text))
    return page.getvalue()
