"""One run of ``archwise check``, from its options to its exit code."""

import os
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import msgspec

from archwise.cli import named
from archwise.cli.gate import gate
from archwise.cli.output import PLEASE_REPORT, colored, tell, write
from archwise.cli.progress import progress
from archwise.engine.files import NOT_CODE
from archwise.findings import Report
from archwise.report import View, render
from archwise.report.causes import SEVERITIES
from archwise.report.sources import SourceLines
from archwise.report.style import plural
from archwise.settings import Settings, load

CLEAN, FOUND, FAILED = 0, 1, 2
_STATISTICS_FORMATS = ("text", "json")


class Job:
    """What was asked for, carried out."""

    def __init__(self, paths: tuple[Path, ...], options: Mapping[str, Any]) -> None:
        self.paths, self.options = paths, options
        self.quiet: bool = options["quiet"]

    def run(self) -> int:
        """Check, report, and return the exit code."""
        self._validate()
        settings = self._settings()
        if self.options["show_settings"]:
            values = msgspec.json.encode(settings, enc_hook=str)
            write(msgspec.json.format(values, indent=2).decode() + "\n")
            return CLEAN
        if self.options["show_files"]:
            files = sorted(import_module("archwise.check").discover(self.paths, settings))
            write("".join(f"{file}\n" for file in files))
            return CLEAN
        if self.options["diff"]:
            return self._show_fixes(settings)
        if self.options["fix"]:
            self._fix(settings)
        report = self._check(settings)
        if any(_is_whole(path, settings.root) for path in self.paths):
            for key, pattern in report.unmatched:
                tell(f"warning: `{key}`: no module is called `{pattern}`: correct or remove it", quiet=self.quiet)
        for file in report.unheeded:
            folder = file.rpartition("/")[0]
            tell(f"warning: {file}: settings not read here: run `archwise check {folder}` for them", quiet=self.quiet)
        gated = gate(report, settings, self.paths, update=self.options["write_baseline"])
        shown = _at_least(gated.report, settings)
        if self.options["add_ignore"]:
            return self._add_ignores(shown)
        hidden = len(gated.report.findings) - len(shown.findings)
        write(self._rendered(shown, hidden), self.options["output_file"])
        for rule, error in report.failed:
            tell(f"internal error: what {rule} finds is missing: {error} ({PLEASE_REPORT})")
        return self._exit_code(shown, stale=gated.stale)

    def _validate(self) -> None:
        missing = [str(path) for path in self.paths if not _exists(path)]
        if missing:
            raise click.ClickException(f"no such file or folder: {', '.join(missing)}")
        self._refuse_contradictions()
        for path in self.paths:
            if path.suffix in NOT_CODE and path.is_file():
                tell(f"warning: {path} is left out: {NOT_CODE[path.suffix]} are not read", quiet=self.quiet)

        output = self.options["output_file"]
        if output is not None and output.suffix == ".py" and output.exists():
            raise click.ClickException(f"{output}: the report would overwrite a file of code: name another")

    def _refuse_contradictions(self) -> None:
        fixes = self.options["fix"] or self.options["diff"]
        if self.options["add_ignore"] and fixes:
            raise click.UsageError("--add-ignore silences what --fix puts right: take one of them")
        if self.options["write_baseline"] and (fixes or self.options["add_ignore"]):
            raise click.UsageError("--write-baseline agrees to what is found: run --fix or --add-ignore before it")
        if self.options["statistics"] and (self.options["add_ignore"] or self.options["diff"]):
            raise click.UsageError("--statistics counts what is reported, and --add-ignore and --diff report nothing")
        if self.options["statistics"] and self.options["output_format"] not in _STATISTICS_FORMATS:
            raise click.UsageError(f"--statistics has no {self.options['output_format']} format: take text or json")

    def _settings(self) -> Settings:
        settings = load(named.start(self.paths), self.options["config"])
        values = {key: self.options[key] for key in ("severity", "workers") if self.options[key]}
        values |= _selection(settings, self.options)
        if self.options["extend_exclude"]:
            values["extend_exclude"] = settings.extend_exclude + self.options["extend_exclude"]
        if settings.baseline is not None:
            values["baseline"] = str(settings.root / settings.baseline)
        if self.options["baseline"] is not None:
            values["baseline"] = str(self.options["baseline"])
        if self.options["cache_dir"] is not None:
            values["cache_dir"] = str(self.options["cache_dir"].absolute())
        if self.options["no_cache"]:
            values["cache"] = False
        settings = settings.override(**values)
        if not settings.rules:
            tell("warning: all rules that are selected are ignored as well: none is on", quiet=self.quiet)
        return settings

    def _check(self, settings: Settings) -> Report:
        with progress(quiet=self.quiet) as tick:
            paths = named.program(self.paths, settings.root)
            report: Report = import_module("archwise.check").check(paths, settings, tick)
        if not report.files:
            tell(f"warning: no Python files in {', '.join(map(str, self.paths))}", quiet=self.quiet)
        return named.narrowed(report, self.paths)

    def _show_fixes(self, settings: Settings) -> int:
        from archwise.cli.fix import difference

        text, fixed = difference(self._fixable(settings), unsafe=self.options["unsafe_fixes"])
        write(text, self.options["output_file"])
        tell(f"would fix {plural(fixed, 'finding')}", quiet=self.quiet)
        return FOUND if fixed and not self.options["exit_zero"] else CLEAN

    def _fix(self, settings: Settings) -> None:
        from archwise.cli.fix import fix

        fixed = fix(lambda: self._fixable(settings), unsafe=self.options["unsafe_fixes"])
        tell(f"fixed {plural(fixed, 'finding')}", quiet=self.quiet)

    def _fixable(self, settings: Settings) -> Report:
        """What would be reported: only that is put right."""
        return _at_least(gate(self._check(settings), settings, self.paths, update=False).report, settings)

    def _rendered(self, report: Report, hidden: int) -> str:
        color = self.options["output_file"] is None and colored(self.options["color"], sys.stdout)
        view = View(
            SourceLines(report.root),
            color=color,
            prefix=_prefix(report.root),
            inside=_inside(report.root),
            checkout=_checkout(report.root),
            hidden=hidden,
            unsafe=self.options["unsafe_fixes"],
        )
        name = self.options["output_format"]
        if self.options["statistics"]:
            from archwise.report import statistics

            return statistics.render(report, view, as_json=name == "json")
        return render(report, name, view)

    def _add_ignores(self, report: Report) -> int:
        from archwise.cli.add_ignore import add_ignores

        added = add_ignores(Path(report.root), report.findings)
        tell(f"wrote {plural(added.lines, 'suppression')} in {plural(added.files, 'file')}", quiet=self.quiet)
        for finding in added.refused:
            tell(f"{finding.path}:{finding.line}: no comment can stand here for {finding.rule}")
        return FOUND if added.refused else CLEAN

    def _exit_code(self, report: Report, *, stale: bool) -> int:
        if report.files and len(report.unread) >= (report.asked or report.files):
            tell("none of the files could be read")
            return FAILED
        if report.failed:
            return FAILED
        failing = stale or any(finding.severity != "info" for finding in report.findings)
        return FOUND if failing and not self.options["exit_zero"] else CLEAN


def _selection(settings: Settings, options: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """``--select`` starts afresh; without it, what is given comes on top of the settings."""
    given: dict[str, tuple[str, ...]] = {key: options[key] for key in ("select", "extend_select", "ignore")}
    if given["select"]:
        return given
    return {
        "extend_select": settings.extend_select + given["extend_select"],
        "ignore": settings.ignore + given["ignore"],
    }


def _is_whole(path: Path, root: Path) -> bool:
    """Whether a path holds all of a project's code, so that what its settings name has to be there."""
    full, root = path.resolve(), root.resolve()
    return root.is_relative_to(full) or full == root / "src"


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _at_least(report: Report, settings: Settings) -> Report:
    shown = SEVERITIES[: SEVERITIES.index(settings.severity) + 1]
    return msgspec.structs.replace(report, findings=tuple(f for f in report.findings if f.severity in shown))


def _prefix(root: str) -> str:
    folder, here = Path(root), Path.cwd()
    if folder == here:
        return ""
    near = folder.is_relative_to(here) or here.is_relative_to(folder)
    return f"{Path(os.path.relpath(folder)) if near else folder}/".replace(os.sep, "/")


def _inside(root: str) -> str:
    folder, here = Path(root), Path.cwd()
    return f"{here.relative_to(folder).as_posix()}/" if here.is_relative_to(folder) and here != folder else ""


def _checkout(root: str) -> str:
    """The way to the root from where GitHub Actions or GitLab has checked the repository out, if it lies in there."""
    top = os.environ.get("GITHUB_WORKSPACE") or os.environ.get("CI_PROJECT_DIR")
    folder = Path(root)
    if not top or not folder.is_relative_to(top) or folder == Path(top):
        return ""
    return f"{folder.relative_to(top).as_posix()}/"
