"""One run of ``archwise review``, from its options to the page."""

import datetime
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from archwise.cli.output import tell, write
from archwise.cli.progress import progress
from archwise.decide.brief import Brief, BriefError, assignment, read
from archwise.decide.context import contradictions
from archwise.findings import Report
from archwise.guide.load import guide
from archwise.review import text
from archwise.review.model import Review
from archwise.settings import Settings, load

if TYPE_CHECKING:
    from archwise.engine.analysis import Analysis


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
        review, report = self._review(self.path, settings.override(**values))
        write(self._rendered(review, report), self.options["output_file"])

    def _review(self, path: Path, settings: Settings) -> tuple[Review, Report]:
        from archwise.check import check
        from archwise.review.review import measured, review

        brief = self._brief()
        found: list[Any] = []

        def look(analysis: "Analysis", shown: Callable[[str], str]) -> None:
            found.append(measured(analysis, settings.declared.features, shown))

        with progress(quiet=self.options["quiet"]) as tick:
            report = check([path], settings, tick, look)
        if not report.files:
            tell(f"warning: no Python files in {path}", quiet=self.options["quiet"])
        done = review(found[0], report, self.guide, name=Path(report.root).name, said=brief.answers, recorded={},
                      today=datetime.date.today())  # fmt: skip
        return done, report

    def _brief(self) -> Brief:
        file = self.options["brief"]
        brief = read(file, self.guide) if file is not None else Brief(None, {})
        answers = brief.answers | dict(assignment(self.guide, each, "--set") for each in self.options["set_"])
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
                return text.text(review, report)
