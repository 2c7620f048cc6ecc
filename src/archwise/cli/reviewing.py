"""One run of ``archwise review``, from its options to the page."""

import datetime
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from archwise.cli.output import colored, write
from archwise.cli.progress import progress
from archwise.decide.brief import Brief, BriefError, assignments, read
from archwise.decide.context import contradictions
from archwise.decide.written import written
from archwise.engine.files import located
from archwise.findings import Report
from archwise.guide.load import guide
from archwise.review import terminal, text
from archwise.review.model import Review
from archwise.review.revision import Revision, RevisionError, revision
from archwise.settings import Settings, is_project, load

if TYPE_CHECKING:
    from archwise.engine.analysis import Analysis

Reviewed = tuple[Review, Report]
_WIDEST = 120
"""Columns beyond which lines are hard to read, however wide the terminal is."""


class Reviewing:
    """What was asked for, carried out."""

    def __init__(self, path: Path, options: Mapping[str, Any]) -> None:
        self.path, self.options = path, options
        self.guide = guide()

    def run(self) -> None:
        """Review, and write the page."""
        if not self.path.exists():
            raise click.ClickException(f"no such file or folder: {self.path}")
        settings = load(self.path, self.options["config"])
        values = {"workers": self.options["workers"]} if self.options["workers"] else {}
        if self.options["no_cache"]:
            values["cache"] = False
        settings = settings.override(**values)
        brief = self._brief()
        base = revision(self.path, self.options["compare"]) if self.options["compare"] else None
        review, report = self._review(self.path, settings, brief)
        if not report.files:
            raise click.ClickException(f"no Python files in {self.path}")
        if len(report.unread) == report.files:
            first = report.unread[0]
            raise click.ClickException(
                f"no file in {self.path} could be read; the first is {first.path}: {first.reason}"
            )
        if base is not None:
            review = self._compared(base, review, report, settings, brief)
        write(self._rendered(review, report), self.options["output_file"])

    def _review(self, path: Path, settings: Settings, brief: Brief) -> Reviewed:
        from archwise.check import check
        from archwise.review.review import measured, review

        found: list[Any] = []

        def look(analysis: "Analysis", shown: Callable[[str], str]) -> None:
            found.append(measured(analysis, shown))

        with progress(quiet=self.options["quiet"]) as tick:
            report = check([path], settings, tick, look)
        done = review(found[0], report, self.guide, name=_named(path, Path(report.root)), said=brief.answers,
                      recorded=settings.decisions, records=written(settings.root),
                      today=datetime.date.today())  # fmt: skip
        return done, report

    def _compared(self, base: Revision, review: Review, report: Report, settings: Settings, brief: Brief) -> Review:
        """The review, with what has changed since a revision."""
        from archwise.review.compare import compared

        at = self.path.resolve().relative_to(base.top)
        with tempfile.TemporaryDirectory(prefix="archwise-review-", ignore_cleanup_errors=True) as name:
            folder = Path(name).resolve()
            base.unpack(folder)
            if not (folder / at).exists():
                raise RevisionError(f"--compare: at {base.name} there was nothing to review in {self.path}")
            before, then = self._review(folder / at, _moved(settings, base.top, folder), brief)
        change = compared(before, then, review, report, revision=base.name, commit=base.commit)
        return msgspec.structs.replace(review, compared=change)

    def _brief(self) -> Brief:
        file = self.options["brief"]
        brief = read(file, self.guide) if file is not None else Brief(None, {})
        answers = brief.answers | assignments(self.guide, self.options["set_"], "--set")
        if wrong := contradictions(self.guide, answers):
            raise BriefError(str(each) for each in wrong)
        return Brief(brief.project, answers)

    def _rendered(self, review: Review, report: Report) -> str:
        match self.options["output_format"]:
            case "json":
                return msgspec.json.format(msgspec.json.encode(review), indent=2).decode() + "\n"
            case "html":
                from archwise.report.sources import SourceLines
                from archwise.review.page import render

                return render(review, report, SourceLines(report.root).line)
            case "markdown":
                return text.markdown(review, report)
            case _:
                return self._on_terminal(review, report)

    def _on_terminal(self, review: Review, report: Report) -> str:
        """As text: coloured as asked, and wrapped where a terminal shows it."""
        stream = sys.stdout if self.options["output_file"] is None else None
        shown = stream is not None and stream.isatty()
        width = min(shutil.get_terminal_size().columns, _WIDEST) if shown else None
        color = stream is not None and colored(self.options["color"], stream)
        return terminal.render(review, report, color=color, width=width)


def _named(path: Path, root: Path) -> str:
    """What a page is called: as the project's folder, or the reviewed one where no project begins around it."""
    if is_project(root):
        return root.name
    folder = located(path)
    return folder.name if folder.is_dir() else folder.parent.name


def _moved(settings: Settings, top: Path, folder: Path) -> Settings:
    """The same settings for files that lie in another folder: both revisions are held to what is asked for today."""
    root = settings.root.resolve()
    given = (str((root / each).resolve()) if isinstance(each, str) else each for each in settings.knowledge)
    below = root.relative_to(top) if root.is_relative_to(top) else Path()
    return msgspec.structs.replace(settings, root=folder / below, knowledge=tuple(given), cache=False)
