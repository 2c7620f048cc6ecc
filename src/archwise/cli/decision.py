"""One run of ``archwise decide``, from its options to its report."""

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from archwise.cli.interview import ask
from archwise.cli.output import tell, write
from archwise.decide import data, matrix, pages, project, records, text, whatif
from archwise.decide.brief import Brief, BriefError, assignments, read
from archwise.decide.context import Answer
from archwise.decide.keep import write_all
from archwise.decide.verdict import Advice, advise
from archwise.guide.load import guide
from archwise.rules import RULES
from archwise.settings import load

RULE_CLAIMS = {rule.code: (rule.name, rule.claims) for rule in RULES}


class Decision:
    """What was asked for, carried out."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.options = options
        self.guide = guide()
        self.today = datetime.date.today()

    def run(self) -> None:
        """Read the answers, decide, report, and keep what was decided where that was asked for."""
        if self.options["write"] and self.options["what_if"]:
            raise click.UsageError("--what-if is only a question: to write what it says, give it with --set")
        brief = self._brief()
        advice = self._advise(brief.answers)
        write(self._report(brief, advice), self.options["output_file"])
        if self.options["write"]:
            self._keep(advice)

    def _keep(self, advice: Advice) -> None:
        root = load(Path()).root
        try:
            files = records.planned(self.guide, advice, root, RULE_CLAIMS, self.today) | project.planned(advice, root)
        except (records.RecordError, project.MissingExtraError) as error:
            raise click.ClickException(str(error)) from error
        write_all(files)
        for file in files:
            tell(f"wrote {file.relative_to(root).as_posix()}")
        if not files:
            tell("nothing to write: what is settled is recorded already")

    def _brief(self) -> Brief:
        file, given = self.options["brief"], self.options["set_"]
        if file is None and not given:
            return Brief(None, ask(self.guide))
        brief = read(file, self.guide) if file is not None else Brief(None, {})
        return Brief(brief.project, brief.answers | self._assigned("set_", "--set"))

    def _assigned(self, key: str, option: str) -> dict[str, Answer]:
        return assignments(self.guide, self.options[key], option)

    def _advise(self, answers: Mapping[str, Answer]) -> Advice:
        advice = advise(self.guide, answers, self.today)
        if advice.contradictions:
            raise BriefError(str(each) for each in advice.contradictions)
        return advice

    def _report(self, brief: Brief, advice: Advice) -> str:
        format_ = self.options["output_format"]
        supposed = self._assigned("what_if", "--what-if")
        if supposed:
            after = self._advise(brief.answers | supposed)
            if format_ == "json":
                return _json(whatif.as_data(self.guide, advice, after))
            return whatif.render(advice, after)
        if format_ == "json":
            return _json(data.as_data(self.guide, advice))
        if self.options["matrix"]:
            return matrix.render(advice)
        if format_ == "markdown":
            return pages.overview(self.guide, advice, RULE_CLAIMS)
        return text.render(self.guide, advice)


def _json(found: dict[str, Any]) -> str:
    return json.dumps(found, indent=2, ensure_ascii=False) + "\n"
