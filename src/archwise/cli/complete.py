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


def assignments(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The factors that start like this, then the values of one: ``kind=``, ``kind=api``."""
    from archwise.guide.load import guide

    name, equals, value = incomplete.partition("=")
    factors = guide().factors
    if not equals:
        return [CompletionItem(f"{each}=") for each in factors if each.startswith(name)]
    values = factors[name].values if name in factors else ()
    return [CompletionItem(f"{name}={each}") for each in values if each.startswith(value)]
