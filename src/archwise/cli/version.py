"""``archwise version``."""

import click


def banner() -> str:
    """The version, and the Python it runs on: that one decides which syntax can be read."""
    import platform
    from importlib.metadata import version

    return f"archwise {version('archwise')} (Python {platform.python_version()})"


@click.command("version")
def command() -> None:
    """Print the version."""
    click.echo(banner())
