"""``archwise facts``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from archwise.knowledge.schema import File

_FILE = click.Path(path_type=Path)


@click.command("facts", short_help="Read from a library's source what calling it does.")
@click.argument("package", type=_FILE)
@click.option("--name", metavar="DISTRIBUTION", help="What it is installed as.  [default: the package's own name]")
@click.option("--source", metavar="TEXT", help="What was read: a version, a revision.")
@click.option("--output-file", type=_FILE, help="Write the facts to this file.")
@click.option("--workers", type=click.IntRange(min=1), help="Number of processes that read files.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but the facts.")
def command(
    package: Path, name: str | None, source: str | None, output_file: Path | None, workers: int | None, quiet: bool
) -> None:
    """Read the source of the library in PACKAGE, and write down what its public functions and methods wait for.

    PACKAGE is the folder that holds its `__init__.py`, or its only module. Nothing is imported or run. Put the file
    into the setting `knowledge`, and `archwise check` knows the library without reading it again.

    \b
    Examples:
      archwise facts ../acme-client/src/acme --output-file acme.json
      archwise facts .venv/lib/python3.13/site-packages/acme --output-file acme.json

    Exit codes: 0 written, even if nothing waits; 2 the run failed.
    """
    from archwise.cli.output import tell, write
    from archwise.derive.write import as_json
    from archwise.engine.read import WorkerError

    if not package.exists():
        raise click.ClickException(f"no such file or folder: {package}")
    if not (package / "__init__.py").is_file() and package.suffix != ".py":
        raise click.ClickException(f"{package} is no package: name the folder that holds its `__init__.py`")
    try:
        facts = _derived(package, name, source, workers, quiet)
    except WorkerError as error:
        raise click.ClickException(str(error)) from error
    write(as_json(facts), output_file)
    tell(f"{len(facts.class_)} classes and {len(facts.function)} functions of {facts.library.name}", quiet=quiet)


def _derived(package: Path, name: str | None, source: str | None, workers: int | None, quiet: bool) -> "File":
    from archwise.cli.progress import progress
    from archwise.derive.derive import derive
    from archwise.derive.package import analysed
    from archwise.knowledge.schema import Library

    root = package.resolve().stem
    with progress(quiet=quiet) as tick:
        analysis = analysed(package, workers, tick)
        return derive(analysis, root, Library(name or root, source or f"the source of {name or root}", derived=True))
