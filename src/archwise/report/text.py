"""For people: one block a cause, with the path that proves it."""

from collections.abc import Iterator

from archwise.findings import Finding, Hop, Report
from archwise.report import View
from archwise.report.causes import Block, blocks, causes
from archwise.report.snippet import quote
from archwise.report.style import Style, plural, printable
from archwise.report.summary import summary

LISTED = 3


def render(report: Report, view: View) -> str:
    """Every cause as a block, then one line with the totals."""
    style = Style(color=view.color)
    found = causes(report.findings)
    shown = [_Text(block, view, style).text() for block in blocks(found)]
    return "\n\n".join([*shown, summary(report, found, view, style)]) + "\n"


class _Text:
    def __init__(self, block: Block, view: View, style: Style) -> None:
        self.cause, self.along, self.view, self.paint = block.cause, block.along, view, style
        self.shown = block.cause.shown
        places = [self.shown.line, *(hop.line for hop in self.shown.trace)]
        self.margin = len(str(max(places)))

    def text(self) -> str:
        lines = list(self._lines())
        return "\n".join(lines[:-1] if lines[-1] == self._gutter() else lines)

    def _lines(self) -> Iterator[str]:
        yield self._title()
        yield f"{' ' * self.margin}{self.paint('dim', '-->')} {self._place(self.shown)}{self._symbol()}"
        if self.cause.roots:
            yield self._gutter(f" reached by {_some(self.cause.roots)}")
        yield from self._trace()
        if self.shown.help:
            yield self._note("help:", self.shown.help)
        if others := self.cause.findings[1:]:
            yield self._note("and", self._others(others))
        for text in self._along():
            yield self._note("there too:", text)

    def _title(self) -> str:
        finding, severity = self.shown, self.cause.severity
        doubt = self.paint("dim", " (likely)") if finding.confidence == "likely" else ""
        message = printable(finding.cause_message or finding.message)
        fixable = f" {self.paint('help', '[*]')}" if self.view.fixable(finding) else ""
        return f"{self.paint(severity, f'{severity}[{finding.rule}]')}{fixable}: {self.paint('strong', message)}{doubt}"

    def _trace(self) -> Iterator[str]:
        finding = self.shown
        here = Hop(finding.path, finding.line, finding.column, finding.symbol, "")
        first, *rest = finding.trace or (here,)
        is_elsewhere = (first.path, first.line) != (finding.path, finding.line)
        if is_elsewhere:
            yield self._gutter()
            yield self._gutter(f" {self._hop(first)}")
        yield from self._marked(first, open_above=not is_elsewhere)
        for hop in rest[:-1]:
            note = f", {hop.note}" if hop.note else ""
            yield self._gutter(f" {self._hop(hop)}{printable(note)}")
            if (source := self.view.sources.line(hop.path, hop.line)) is not None:
                yield self._source(hop.line, quote(source, hop.column)[0])
        for hop in rest[-1:]:
            if len(rest) > 1:
                yield self._gutter()
            yield self._gutter(f" {self._hop(hop)}")
            yield from self._marked(hop, open_above=False)

    def _marked(self, hop: Hop, *, open_above: bool) -> Iterator[str]:
        source = self.view.sources.line(hop.path, hop.line)
        if source is None:
            if hop.note:
                yield self._gutter(f" {printable(hop.note)}")
            return
        text, carets = quote(source, hop.column)
        if open_above:
            yield self._gutter()
        yield self._source(hop.line, text)
        yield self._gutter(f"{self.paint(self.cause.severity, f'{carets} {printable(hop.note)}'.rstrip())}")
        yield self._gutter()

    def _source(self, line: int, text: str) -> str:
        return f"{self.paint('dim', f'{line:>{self.margin}} |')}{text}"

    def _gutter(self, text: str = "") -> str:
        return f"{' ' * self.margin} {self.paint('dim', '|')}{text}"

    def _note(self, label: str, text: str) -> str:
        return f"{' ' * self.margin} {self.paint('dim', '=')} {self.paint('help', label)} {printable(text)}"

    def _hop(self, hop: Hop) -> str:
        place = self.paint("place", printable(f"{self.view.place(hop.path)}:{hop.line}"))
        return f"{place}{_within(hop.symbol)}"

    def _place(self, finding: Finding) -> str:
        return self.paint("place", printable(f"{self.view.place(finding.path)}:{finding.line}:{finding.column}"))

    def _symbol(self) -> str:
        is_about_file = self.shown.symbol == self.shown.path
        return "" if is_about_file else _within(self.shown.symbol)

    def _others(self, others: tuple[Finding, ...]) -> str:
        places = [f"{self.view.place(other.path)}:{other.line}:{other.column}" for other in others[:LISTED]]
        rest = len(others) - len(places)
        return f"{plural(len(others), 'more place')}: {', '.join(places)}{f' and {rest:,} more' if rest else ''}"

    def _along(self) -> Iterator[str]:
        """What the causes shown along come to: the last step of each."""
        for cause in self.along[:LISTED]:
            last = cause.shown.trace[-1] if cause.shown.trace else None
            if last is not None and last.note:
                yield f"{last.note}, at {self.view.place(last.path)}:{last.line}"
            else:
                yield cause.shown.message
        if len(self.along) > LISTED:
            yield f"{len(self.along) - LISTED:,} more"


def _within(symbol: str) -> str:
    return f" in {printable(symbol)}" if symbol else ""


def _some(words: tuple[str, ...]) -> str:
    rest = len(words) - LISTED
    return printable(", ".join(words[:LISTED])) + (f" and {rest:,} more" if rest > 0 else "")
