"""What the shell offers for a rule."""

import click
from click.shell_completion import CompletionItem


def rules(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The codes and names that start like the last of a comma list."""
    from archwise.rules import RULES

    head, comma, tail = incomplete.rpartition(",")
    names = (name for rule in RULES for name in (rule.code, rule.name))
    return [CompletionItem(f"{head}{comma}{name}") for name in names if name.lower().startswith(tail.lower())]
