"""``archwise check``."""

from pathlib import Path
from typing import Any

import click

from archwise.cli.complete import rules
from archwise.cli.sections import SectionedCommand

FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "junit")
SECTIONS = {
    "Rules": ("select", "extend_select", "ignore", "severity"),
    "Output": ("output_format", "output_file", "statistics", "color", "quiet", "exit_zero"),
    "Fixes": ("fix", "unsafe_fixes", "diff", "add_ignore"),
    "Baseline": ("baseline", "write_baseline"),
    "Settings": ("extend_exclude", "config", "show_settings", "show_files"),
    "Speed": ("workers", "no_cache", "cache_dir"),
}
_FILE = click.Path(path_type=Path)
_FOLDER = click.Path(path_type=Path, file_okay=False)


def _codes(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    listed = [code.strip() for value in values for code in value.split(",")]
    if values and not any(listed):
        raise click.BadParameter("it names no rule")
    return tuple(code.upper() if "-" not in code else code for code in listed if code)


@click.command(
    "check", cls=SectionedCommand, sections=SECTIONS, short_help="Find where code breaks a principle, and prove it."
)
@click.argument("paths", nargs=-1, type=_FILE)
@click.option(
    "--select",
    multiple=True,
    callback=_codes,
    shell_complete=rules,
    metavar="RULES",
    help="Enable only these: codes, prefixes, names, ALL.",
)
@click.option(
    "--extend-select",
    multiple=True,
    callback=_codes,
    shell_complete=rules,
    metavar="RULES",
    help="Enable these as well.",
)
@click.option("--ignore", multiple=True, callback=_codes, shell_complete=rules, metavar="RULES", help="Disable these.")
@click.option(
    "--severity", type=click.Choice(["error", "warning", "info"]), help="The lowest severity shown.  [warning]"
)
@click.option("--output-format", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--output-file", type=_FILE, help="Write the report to this file.")
@click.option("--statistics", is_flag=True, help="Show the number of findings per rule.")
@click.option("--fix", is_flag=True, help="Apply safe fixes, then report the rest.")
@click.option("--unsafe-fixes", is_flag=True, help="Include fixes that may change what the program does.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, without writing.")
@click.option("--add-ignore", is_flag=True, help="Add `# archwise: ignore[CODE]` to the line of each finding.")
@click.option("--baseline", type=_FILE, help="Hide the findings in this file; fail once one of them is fixed.")
@click.option("--write-baseline", is_flag=True, help="Create the baseline, or remove what is fixed from it.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if there are findings.")
@click.option("--show-files", is_flag=True, help="List the files that would be checked.")
@click.option("--show-settings", is_flag=True, help="Print the settings in effect, as JSON.")
@click.option(
    "--exclude",
    "--extend-exclude",
    "extend_exclude",
    multiple=True,
    metavar="GLOB",
    help="Also leave out these files and folders.",
)
@click.option("--config", type=_FILE, help="Read the settings from this file.")
@click.option("--no-cache", is_flag=True, help="Do not use the cache.")
@click.option("--cache-dir", type=_FOLDER, help="Keep the cache in this folder.")
@click.option("--workers", type=click.IntRange(min=1), help="Number of processes that read files.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but the report.")
@click.pass_context
def command(ctx: click.Context, /, paths: tuple[Path, ...], **options: Any) -> None:
    """Check PATHS (default: the current folder) as one program.

    A single file is judged as part of its project, but only its own findings are shown.

    \b
    Examples:
      archwise check                              everything below this folder
      archwise check src --output-format github   annotations on a pull request
      archwise check src/app/orders.py            one file
      archwise check --select AW2 --statistics    how many findings of one kind
      archwise check --diff                       what --fix would change

    Exit codes: 0 no findings, 1 findings, 2 the run failed.
    """
    from archwise.baseline import BaselineError
    from archwise.cli.job import Job
    from archwise.engine.read import WorkerError
    from archwise.knowledge.loader import KnowledgeError
    from archwise.settings import SettingsError

    try:
        ctx.exit(Job(paths or (Path(),), options).run())
    except (SettingsError, BaselineError, KnowledgeError, WorkerError) as error:
        raise click.ClickException(str(error)) from error
