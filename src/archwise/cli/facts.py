"""``archwise facts``."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

if TYPE_CHECKING:
    from archwise.derive.environment import Installed
    from archwise.knowledge.schema import File

_FILE = click.Path(path_type=Path)


@click.command("facts", short_help="Read from the source of libraries what calling them does.")
@click.argument("path", type=_FILE)
@click.option(
    "--project",
    type=_FILE,
    default=".",
    show_default=True,
    help="With an environment: the program whose imports are looked up in it.",
)
@click.option("--name", metavar="TEXT", help="With a package: its name and version, kept with the facts.")
@click.option("--output-file", type=_FILE, help="Write the facts to this file.")
@click.option("--workers", type=click.IntRange(min=1), help="Number of processes that read files.")
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but the facts.")
def command(
    path: Path, project: Path, name: str | None, output_file: Path | None, workers: int | None, quiet: bool
) -> None:
    """Read the source of libraries, and write down what their public functions and methods wait for.

    PATH is a virtual environment: then these are the packages that the project imports and that Archwise knows
    nothing of yet. Or it is one package: the folder that holds its `__init__.py`, or its only module. Nothing is
    imported or run. List the file in the setting `knowledge`, and `archwise check` uses it without reading them again.

    \b
    Examples:
      archwise facts .venv --output-file archwise-facts.json
      archwise facts ../acme-client/src/acme --output-file acme.json

    Exit codes: 0 written, even if nothing waits; 2 the run failed.
    """
    from archwise.cli.output import tell, write
    from archwise.derive.environment import Installed, site_packages, undescribed
    from archwise.derive.package import imports
    from archwise.derive.write import as_json
    from archwise.engine.read import WorkerError
    from archwise.knowledge.loader import KnowledgeError
    from archwise.report.style import plural
    from archwise.settings import SettingsError

    for given in (path, project):
        if not given.exists():
            raise click.ClickException(f"no such file or folder: {given}")
    site = site_packages(path)
    if site is None and not (path / "__init__.py").is_file() and path.suffix != ".py":
        raise click.ClickException(
            f"{path} is neither a virtual environment nor a package: name the folder that holds its `__init__.py`"
        )
    try:
        if site is None:
            packages = [Installed(path.resolve(), name or path.resolve().stem, "")]
        else:
            packages = undescribed(site, imports(project, workers))
        facts = _derived(packages, workers, quiet)
    except (SettingsError, KnowledgeError, WorkerError) as error:
        raise click.ClickException(str(error)) from error
    write(as_json(facts), output_file)
    tell(
        f"read {plural(len(packages), 'package')}: {plural(len(facts.class_), 'class', 'classes')} and "
        f"{plural(len(facts.function), 'function')} that wait, or lead to what waits",
        quiet=quiet,
    )


def _derived(packages: "list[Installed]", workers: int | None, quiet: bool) -> "File":
    from archwise.cli.progress import progress
    from archwise.derive.derive import derive
    from archwise.derive.package import analysed
    from archwise.knowledge.schema import File, Library

    names = ", ".join(f"{each.name} {each.version}".strip() for each in packages)
    facts = File(Library(names or "nothing", f"the source of {names}" if names else "nothing to read"))
    with progress(quiet=quiet) as tick:
        for done, package in enumerate(packages):
            if tick is not None:
                tick(f"reading {package.root}", done, len(packages))
            found = derive(analysed(package.path, workers), package.root)
            facts = msgspec.structs.replace(
                facts, function=facts.function + found.function, class_=facts.class_ + found.class_
            )
    return facts
