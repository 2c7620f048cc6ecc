"""A review on a terminal: on the first screen what was decided, how it stands, and what to look at first."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from archwise.report.style import Style, plural, printable
from archwise.review.text import MARKS, beside, changes, explained, shown_causes, since

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archwise.findings import Report
    from archwise.report.style import Role
    from archwise.review.model import Line, Review, Stand, Verdict

_ROLES: dict[Stand, Role] = {"fits": "help", "drifts": "warning", "contradicts": "error", "undecided": "dim"}
_CAUSES = 3
_NARROWEST = 40
"""Columns below which wrapping leaves nothing to read."""
_ENDLESS = 100_000


def render(review: Review, report: Report, *, color: bool = False, width: int | None = None) -> str:
    """The review as text, wrapped to ``width`` columns; None leaves lines whole, for whatever reads them on."""
    return "\n".join(_Screen(review, report, Style(color=color), width).lines()) + "\n"


class _Screen:
    def __init__(self, review: Review, report: Report, paint: Style, width: int | None) -> None:
        self.review, self.report, self.paint = review, report, paint
        self.width = _ENDLESS if width is None else max(width, _NARROWEST)

    def lines(self) -> Iterator[str]:
        """What matters first; figures, which only back it, last."""
        for line in self._wrapped(f"{self.review.name}: {self.review.sentence}"):
            yield self.paint("strong", line)
        yield ""
        yield from self._decisions()
        yield from self._found()
        yield from self._since()
        yield from self._departures()
        yield from self._section("Checklist")
        for each in self.review.checklist:
            yield from self._checked(each)
        yield from self._figures()

    def _decisions(self) -> Iterator[str]:
        column = max((len(verdict.title) for verdict in self.review.verdicts), default=0)
        for verdict in self.review.verdicts:
            lead = f"  {MARKS[verdict.stand]} {verdict.title:<{column}}  "
            taken, advice = verdict.taken or "not seen", beside(verdict)
            if advice and len(lead) + len(taken) + len(advice) <= self.width:
                yield self._marked(verdict, f"{lead}{taken}") + self.paint("dim", advice)
                continue
            first, *rest = self._wrapped(taken, lead, " " * len(lead))
            yield self._marked(verdict, first)
            yield from rest
            for line in self._wrapped(advice.strip(), " " * len(lead), " " * (len(lead) + 2)) if advice else ():
                yield self.paint("dim", line)

    def _marked(self, verdict: Verdict, line: str) -> str:
        return self._with(_ROLES[verdict.stand], MARKS[verdict.stand], line)

    def _with(self, role: Role, mark: str, line: str) -> str:
        return line.replace(mark, self.paint(role, mark), 1)

    def _found(self) -> Iterator[str]:
        found = shown_causes(self.report)
        if not found:
            return
        places = sum(len(cause.findings) for cause in found)
        said = f"{plural(len(found), 'cause')} at {plural(places, 'place')}"
        yield from self._section(
            f"Found by check: {said}" + ("; the most severe and widespread" if len(found) > _CAUSES else "")
        )
        for cause in found[:_CAUSES]:
            lead = f"  {cause.shown.rule} "
            message = printable(cause.shown.cause_message or cause.shown.message)
            for number, line in enumerate(self._wrapped(message, lead, " " * len(lead))):
                yield line if number else self._with(cause.severity, cause.shown.rule, line)
            more = f" and {plural(len(cause.findings) - 1, 'more place')}" if len(cause.findings) > 1 else ""
            place = self.paint("place", printable(f"{cause.shown.path}:{cause.shown.line}"))
            yield f"{' ' * len(lead)}{place}{more}"

    def _since(self) -> Iterator[str]:
        compared = self.review.compared
        if compared is not None:
            yield from self._section(since(compared))
            for title, lines in changes(compared):
                yield f"  {title}"
                yield from self._listed(lines)

    def _departures(self) -> Iterator[str]:
        for verdict in self.review.verdicts:
            if verdict.stand in ("drifts", "contradicts"):
                yield ""
                said = self.paint(_ROLES[verdict.stand], verdict.stand)
                yield f"{self.paint('strong', verdict.title)} {said}"
                yield from self._listed(explained(verdict, ""))

    def _checked(self, line: Line) -> Iterator[str]:
        first, *rest = self._wrapped(f"{line.text}: {line.because}", f"  {MARKS[line.answer]} ", "    ")
        yield self._with(_ROLES[line.answer], MARKS[line.answer], first)
        yield from rest

    def _figures(self) -> Iterator[str]:
        for title, figures in (("Figures", self.review.figures), ("Not looked into", self.review.blind)):
            if figures:
                yield from self._section(title)
                column = max(len(figure.value) for figure in figures)
                for figure in figures:
                    yield from self._wrapped(figure.title, f"  {figure.value:>{column}}  ", " " * (column + 4))

    def _section(self, title: str) -> Iterator[str]:
        yield ""
        for line in self._wrapped(title):
            yield self.paint("strong", line)

    def _listed(self, lines: Iterable[str]) -> Iterator[str]:
        for line in lines:
            yield from self._wrapped(line, "    ", "      ")

    def _wrapped(self, text: str, lead: str = "", rest: str = "") -> list[str]:
        """The text in lines, the first after ``lead``. Paths stay whole."""
        return textwrap.wrap(
            printable(text), self.width, initial_indent=lead, subsequent_indent=rest,
            break_on_hyphens=False, break_long_words=False,
        ) or [lead]  # fmt: skip
