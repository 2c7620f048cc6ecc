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
    help="Only these: codes, prefixes, names, ALL.",
)
@click.option(
    "--extend-select", multiple=True, callback=_codes, shell_complete=rules, metavar="RULES", help="These as well."
)
@click.option("--ignore", multiple=True, callback=_codes, shell_complete=rules, metavar="RULES", help="Not these.")
@click.option("--severity", type=click.Choice(["error", "warning", "info"]), help="The lowest shown.  [warning]")
@click.option("--output-format", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--output-file", type=_FILE, help="Write the report there.")
@click.option("--statistics", is_flag=True, help="Count findings a rule instead of listing them.")
@click.option("--fix", is_flag=True, help="Put right what can safely be put right, then report the rest.")
@click.option("--unsafe-fixes", is_flag=True, help="With fixes that may change what the program does.")
@click.option("--diff", is_flag=True, help="Show what --fix would write, and write nothing.")
@click.option("--add-ignore", is_flag=True, help="Write `# archwise: ignore[CODE]` beside each finding.")
@click.option("--baseline", type=_FILE, help="Hide the findings that this file holds; fail when one of them is fixed.")
@click.option("--write-baseline", is_flag=True, help="Make the baseline, or remove from it what is fixed.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 in spite of findings.")
@click.option("--show-files", is_flag=True, help="List the files that would be checked.")
@click.option("--show-settings", is_flag=True, help="Print the settings in force, as JSON.")
@click.option(
    "--exclude",
    "--extend-exclude",
    "extend_exclude",
    multiple=True,
    metavar="GLOB",
    help="Leave these files and folders out as well.",
)
@click.option("--config", type=_FILE, help="Take the settings from this file.")
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache.")
@click.option("--cache-dir", type=_FOLDER, help="Keep the cache there.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes to read with.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
@click.option("--quiet", "-q", is_flag=True, help="Print nothing but the report.")
@click.pass_context
def command(ctx: click.Context, /, paths: tuple[Path, ...], **options: Any) -> None:
    """Check PATHS (default: here) as one program.

    A folder is read whole. A file that is named is judged as part of its project, and shown alone.

    \b
    Examples:
      archwise check                              all below this folder
      archwise check src --output-format github   annotations on a pull request
      archwise check src/app/orders.py            one file
      archwise check --select AW2 --statistics    how much there is of one kind
      archwise check --diff                       what --fix would write

    Exit codes: 0 nothing found, 1 findings, 2 the job could not be done.
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
