"""The ``archwise`` command, and what becomes of an error on its way to the user."""

import contextlib
import gc
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import click

from archwise.cli.group import LazyGroup
from archwise.cli.output import PLEASE_REPORT

COMMANDS = {
    "check": "archwise.cli.check",
    "decide": "archwise.cli.decide",
    "explain": "archwise.cli.explain",
    "facts": "archwise.cli.facts",
    "guide": "archwise.cli.guide",
    "review": "archwise.cli.review",
    "rules": "archwise.cli.rules",
    "skill": "archwise.cli.skill",
    "version": "archwise.cli.version",
}
"""The module of each command; it has a ``command``, and is imported when that command is asked for."""

FAILED, INTERRUPTED = 2, 130


class _Commands(LazyGroup):
    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:  # click would print an empty line first
            click.echo("archwise: interrupted", err=True)
            ctx.exit(INTERRUPTED)

    def hint(self, name: str) -> str:
        return f": did you mean `archwise check {name}`?" if Path(name).exists() else super().hint(name)


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from archwise.cli.version import banner

        click.echo(banner())
        ctx.exit()


@click.group(
    cls=_Commands,
    modules=COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="The version."
)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Architecture advice for Python, made executable.

    Start with `archwise check` in a project: it needs no configuration, imports nothing and runs nothing.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help(), err=True)
        ctx.exit(FAILED)


def main() -> NoReturn:
    """Run the command that the process was called with."""
    gc.disable()  # a collection would cost more than the process ever gives back
    code = run()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)  # taking a large program's objects apart one by one would cost a twentieth of the run


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 clean, 1 findings, 2 could not do the job, 130 interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = cli.main(arguments, prog_name="archwise", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        return _fail(error.format_message())
    except click.Abort:
        return INTERRUPTED
    except OSError as error:
        return _unexpected(error) if _debugging() else _fail(_said(error))
    except Exception as error:
        return _unexpected(error)


def _said(error: OSError) -> str:
    if isinstance(error.filename, (str, bytes)):
        return f"{os.fsdecode(error.filename)}: {error.strerror}"
    if isinstance(error, FileNotFoundError):  # what asks for the working folder names none
        return "the folder that this was started in is gone"
    return error.strerror or str(error)


def _debugging() -> bool:
    from archwise.engine.read import debugging  # only an error asks

    return debugging()


def _unexpected(error: Exception) -> int:
    if _debugging():
        raise error
    said = " ".join(str(error).split())
    what = f"{type(error).__name__}: {said}" if said else type(error).__name__
    return _fail(f"internal error: {what} ({PLEASE_REPORT})")


def _fail(message: str) -> int:
    with contextlib.suppress(OSError):  # nobody can be told
        click.echo(f"archwise: {message}", err=True)
    return FAILED
