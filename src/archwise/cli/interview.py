"""The interview of ``archwise decide``, on a terminal."""

import sys
from collections.abc import Mapping

import click

from archwise.decide.context import Answer
from archwise.decide.interview import Interview
from archwise.decide.wording import worded
from archwise.guide.model import Factor, Guide

WHY, SKIP, BACK, STOP = "?why", "?skip", "?back", "?stop"
_SHOW, _REST = "?show", "?rest"


def ask(guide: Guide) -> dict[str, Answer]:
    """Ask until there is a whole answer, or every decision is settled, or the user stops, and return the answers.

    Raises:
        click.UsageError: there is no terminal, or the package that asks is not installed.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError(
            "the interview needs a terminal: write the answers to a file and give it with --brief FILE, "
            "or give them with --set FACTOR=VALUE (docs/decide.md)"
        )
    interview = Interview(guide)
    told: dict[str, str | None] = {}
    goes_on = False
    while (factor := interview.question()) is not None:
        told = _tell(guide, interview, told)
        if interview.is_whole and not goes_on and interview.steps:
            goes_on = _goes_on(interview)
            if not goes_on:
                break
        reply = _reply(interview, factor)
        if reply == STOP:
            break
        if reply == WHY:
            click.echo(f"  {factor.why} (claims {', '.join(factor.claims)})")
        elif reply == BACK:
            interview.back()
        elif reply == SKIP:
            interview.skip(factor)
        else:
            interview.answer(factor, reply)
    click.echo(f"archwise: the same without questions: {again(interview.answers)}", err=True)
    return interview.answers


def again(answers: dict[str, Answer]) -> str:
    """The command that gives the same answers."""
    return " ".join(["archwise decide", *(f"--set {name}={answer.value}" for name, answer in answers.items())])


def _tell(guide: Guide, interview: Interview, told: dict[str, str | None]) -> dict[str, str | None]:
    """Say which headline decisions have become settled."""
    now = {name: choice for name, choice in interview.choices().items() if guide.decisions[name].headline}
    for name, choice in now.items():
        if choice is not None and told.get(name) != choice:
            decision = worded(guide, {name: answer.value for name, answer in interview.answers.items()}).decisions[name]
            click.echo(f"  {decision.title}: {decision.named(choice).title}")
    return now


def _goes_on(interview: Interview) -> bool:
    """Ask whether to ask on, once there is a whole answer."""
    choices = interview.choices()
    open_ = [interview.guide.decisions[name].title for name, choice in choices.items() if choice is None]
    click.echo(f"  {len(choices) - len(open_)} of {len(choices)} decisions are settled.")
    click.echo(f"  What these come to can be told in a few cases: {', '.join(open_)}.")
    others = [(_SHOW, "Show the answer"), (_REST, "Ask me the rest, to settle them too")]
    return _select("Is that enough?", others) == _REST


def _select(question: str, others: list[tuple[str, str]], values: Mapping[str, str] | None = None) -> str:
    try:
        import questionary
    except ImportError as error:
        raise click.UsageError(
            "the interview needs `pip install 'archwise[decide]'`; --brief and --set do not"
        ) from error
    choices: list[questionary.Choice | questionary.Separator] = []
    if values:
        choices = [questionary.Choice(label, value) for value, label in values.items()]
        choices.append(questionary.Separator())
    choices += [questionary.Choice(label, value) for value, label in others]
    reply: str = questionary.select(question, choices, qmark="", instruction=" ").unsafe_ask()
    return reply


def _reply(interview: Interview, factor: Factor) -> str:
    others = [(WHY, "Why do you ask?"), (SKIP, "I do not know: skip"), (BACK, "Back"), (STOP, "Stop here")]
    offered = [(value, label) for value, label in others if value != BACK or interview.steps]
    return _select(factor.question, offered, interview.values(factor))
