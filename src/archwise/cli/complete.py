"""What the shell offers for a rule, and for whatever else can be explained."""

import click
from click.shell_completion import CompletionItem


def rules(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The codes and names that start like the last of a comma list."""
    from archwise.rules import RULES

    head, comma, tail = incomplete.rpartition(",")
    names = (name for rule in RULES for name in (rule.code, rule.name))
    return [CompletionItem(f"{head}{comma}{name}") for name in names if name.lower().startswith(tail.lower())]


def explainable(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The rules, claims, decisions, factors and facts that start like this."""
    from archwise.guide.find import ids
    from archwise.guide.load import guide

    names = [name for name in ids(guide()) if name.lower().startswith(incomplete.lower())]
    return [*rules(ctx, param, incomplete), *(CompletionItem(name) for name in names)]
