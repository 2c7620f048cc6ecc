"""Where a command's text goes, and in which colours."""

import os
import sys
from pathlib import Path
from typing import Literal, TextIO

import click

Color = Literal["auto", "always", "never"]
PLEASE_REPORT = "please report it, with the output of the same run under ARCHWISE_DEBUG=1"
"""What is asked of users who meet an error of our own."""


def colored(choice: Color, stream: TextIO | None) -> bool:
    """Whether to colour what goes to a stream: as asked, else as NO_COLOR, FORCE_COLOR and the terminal say."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"


def write(text: str, file: Path | None = None) -> None:
    """Print a text, or keep it in a file. A reader that has left (``| head``) is no error.

    Raises:
        click.ClickException: it cannot be written.
    """
    if file is not None:
        try:
            file.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
        except OSError as error:
            raise click.ClickException(f"{file}: {error.strerror or error}") from error
        return
    if sys.stdout is None:
        raise click.ClickException("standard output is closed: --output-file FILE keeps the report")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise click.ClickException(f"standard output: {error.strerror or error}") from error


def tell(message: str, *, quiet: bool = False) -> None:
    """Say something about the run itself, apart from its result."""
    if not quiet:
        click.echo(f"archwise: {message}", err=True)
