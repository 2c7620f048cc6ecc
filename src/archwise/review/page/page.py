"""The page: the verdict first, then decisions, causes, the map, findings, and what the figures rest on."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from archwise.report.style import plural
from archwise.review.page.data import Data
from archwise.review.page.map_ import drawn
from archwise.review.page.markup import Markup, join, prose, tag
from archwise.review.text import MARKS, changes, since

if TYPE_CHECKING:
    from collections.abc import Callable

    from archwise.findings import Report
    from archwise.review.model import Figure, Map, Part, Place, Review, Verdict

_WRONG = {
    "layers": "against the direction",
    "features": "of another feature's inside",
    "packages": "closing a cycle",
}
_ORDER = ("contradicts", "drifts", "fits", "undecided")
_CAUSES = 3
_EDGES = 60
_MODULES = 40


def render(review: Review, report: Report, source: Callable[[str, int], str | None]) -> str:
    """The page. ``source`` gives a line of a file by path and number; the same input gives the same bytes."""
    data = Data(report, source)
    body = join(
        tag("a", "Skip to findings", href="#findings", class_="skip"),
        _header(review, data),
        tag(
            "main",
            _decisions(review),
            _changes(review),
            _causes(data),
            _map(review),
            _findings(data),
            _details(review),
            _checklist(review),
            _figures(review),
            _blind(review),
            _next(review, data),
        ),
        tag("footer", "Written by archwise review. Every figure on this page is a count of places in the code."),
    )
    head = join(
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"Review of {review.name}"),
        tag("style", Markup(_asset("page.css"))),
    )
    scripts = join(
        tag("script", Markup(data.json()), type="application/json", id="data"),
        tag("script", Markup(_asset("page.js"))),
    )
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>{body}{scripts}</body></html>\n'


def _asset(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def _header(review: Review, data: Data) -> Markup:
    said = f"{review.files:,} files · {review.lines:,} lines · {data.causes_said}"
    return tag(
        "header",
        tag("p", "Architecture review", class_="kicker"),
        tag("h1", review.name),
        tag("p", review.sentence, class_="sentence"),
        tag("p", said, class_="counted"),
        tag("button", "Dark or light", type="button", id="theme", class_="script"),
    )


def _decisions(review: Review) -> Markup:
    chips = [
        tag(
            "li",
            tag(
                "a",
                tag("span", MARKS[verdict.stand], aria_hidden="true", class_="mark"),
                tag("span", verdict.title, class_="what"),
                tag("strong", verdict.taken.partition(":")[0] or "not seen"),
                tag("span", verdict.stand, class_="stand"),
                href=f"#decision-{verdict.decision}",
                class_=f"chip {verdict.stand}",
            ),
        )
        for verdict in _sorted(review)
    ]
    return _section("decisions", "Decisions", tag("ul", chips, class_="chips"))


def _changes(review: Review) -> Markup | None:
    if review.compared is None:
        return None
    lists = [
        join(tag("h3", title), tag("ul", [tag("li", prose(line)) for line in lines]))
        for title, lines in changes(review.compared)
    ]
    return _section("changes", since(review.compared), lists)


def _sorted(review: Review) -> list[Verdict]:
    return sorted(review.verdicts, key=lambda verdict: _ORDER.index(verdict.stand))


def _causes(data: Data) -> Markup:
    if not data.cards:
        return _section("causes", "Causes", tag("p", "No errors or warnings were found."))
    cards = [
        tag(
            "li",
            tag(
                "p",
                tag("span", cause.rule, class_="code"),
                _badge(cause.severity),
            ),
            tag("p", prose(cause.message), class_="message"),
            tag("p", cause.reach, class_="reach"),
            tag("ol", [_hop(*hop) for hop in cause.path], class_="path") if cause.path else None,
            tag("p", tag("strong", "Change: "), prose(cause.help)) if cause.help else None,
            class_="card",
        )
        for cause in data.cards[:_CAUSES]
    ]
    rest = len(data.cards) - len(cards)
    title = "The gravest causes, and of those the widest" if rest else plural(len(cards), "cause")
    return _section("causes", title, tag("ol", cards, class_="cards"))


def _hop(symbol: str, place: str) -> Markup:
    return tag("li", tag("code", symbol), " ", tag("small", place))


def _map(review: Review) -> Markup | None:
    if len(review.map.parts) < 2:
        return None
    said = "declared" if review.map.declared else "as its names and imports show"
    note = f"{review.map.kind.capitalize()}, {said}. {_wrong(review.map)}"
    ranked = sorted(review.map.edges, key=lambda edge: (-edge.wrong, -edge.imports, edge.source, edge.target))
    rows = [
        _row(edge.source, edge.target, str(edge.imports), str(edge.wrong), _places(edge.places[:3]))
        for edge in ranked[:_EDGES]
    ]
    parts = [_part(part) for part in review.map.parts]
    return _section(
        "map",
        "Map",
        tag("p", note, tag("span", " Point at a part to see its imports alone.", class_="script")),
        tag("div", drawn(review.map), class_="map", tabindex="0", role="region", aria_label="The map"),
        _folded("Modules of each part", tag("ul", parts)),
        _folded("The same as a table", _table(("from", "to", "imports", "against", "places"), rows)) if rows else None,
    )


def _wrong(map_: Map) -> str:
    count = sum(edge.wrong for edge in map_.edges)
    what = _WRONG[map_.kind]
    return f"{plural(count, 'import')} {what} (red)." if count else f"No import {what}."


def _part(part: Part) -> Markup:
    names = ", ".join(part.modules[:_MODULES]) + (" …" if len(part.modules) > _MODULES else "")
    return tag("li", tag("strong", part.name), f" ({len(part.modules):,}): ", tag("code", names))


def _findings(data: Data) -> Markup:
    rules = [tag("option", f"{code} {name} ({count})", value=code) for code, name, count in data.rules]
    controls = tag(
        "form",
        tag("label", "Search ", tag("input", type="search", id="search", placeholder="path, function, words  ( / )")),
        tag("label", "Rule ", tag("select", tag("option", "all", value=""), rules, id="rule")),
        tag(
            "fieldset",
            tag("legend", "Severity"),
            [
                tag(
                    "label",
                    tag("input", type="checkbox", name="severity", value=name, checked=name != "info"),
                    f" {name} ({data.by_severity[name]})",
                )
                for name in ("error", "warning", "info")
            ],
        ),
        tag("button", "Open all", type="button", id="open"),
        class_="controls script",
        id="controls",
    )
    return _section(
        "findings",
        "Findings",
        controls,
        tag("p", f"{data.total:,} findings.", id="shown", role="status", aria_live="polite"),
        tag(
            "div",
            tag("noscript", tag("p", "The list of findings needs JavaScript; `archwise check` prints it too.")),
            id="list",
        ),
    )


def _details(review: Review) -> Markup:
    return _section("each-decision", "Each decision", [_decision(verdict) for verdict in _sorted(review)])


def _decision(verdict: Verdict) -> Markup:
    evidence = verdict.evidence
    reasons = [
        tag(
            "li",
            tag("strong", f"{'against' if reason.against else 'for'} {reason.option}: "),
            reason.text,
            f" ({', '.join(reason.claims)})" if reason.claims else None,
        )
        for reason in verdict.reasons
    ]
    cost = verdict.cost
    return tag(
        "article",
        tag(
            "h3",
            f"{MARKS[verdict.stand]} {verdict.title}",
            _badge(verdict.stand),
        ),
        tag("p", verdict.question, class_="question"),
        tag(
            "dl",
            tag("dt", "Taken"),
            tag("dd", f"{verdict.taken}: {evidence.why}" if evidence else "nothing in the code says"),
            tag("dt", "Advised") if verdict.advised else None,
            tag("dd", verdict.advised) if verdict.advised else None,
            tag("dt", "Moving would touch") if cost else None,
            tag("dd", cost.counted) if cost else None,
        ),
        tag("ul", reasons) if reasons else None,
        tag("p", f"Still open: {' '.join(verdict.open)}") if verdict.open else None,
        _folded(f"Where it was seen ({len(evidence.places)})", _places(evidence.places))
        if evidence and evidence.places
        else None,
        _folded("What would be touched", _places(cost.places)) if cost and cost.places else None,
        id=f"decision-{verdict.decision}",
    )


def _checklist(review: Review) -> Markup:
    lines = [
        tag(
            "li",
            tag("span", MARKS[line.answer], class_=f"mark {line.answer}", aria_label=line.answer, role="img"),
            tag("strong", f" {line.text} "),
            tag("span", f"({line.claim}) ", class_="claim"),
            line.because,
        )
        for line in review.checklist
    ]
    return _section("checklist", "Checklist before implementing", tag("ul", lines, class_="checklist"))


def _figures(review: Review) -> Markup:
    rows = [
        tag("tr", tag("td", figure.title), tag("td", figure.value, class_="number"), tag("td", _seen(figure)))
        for figure in review.figures
    ]
    return _section("figures", "Figures", _table(("figure", "value", "counted at"), rows))


def _seen(figure: Figure) -> Markup | None:
    if not figure.places:
        return None
    more = figure.total - len(figure.places)
    rest = tag("p", f"and {more:,} more") if more > 0 else None
    return _folded(f"{figure.total:,} places", join(_places(figure.places), rest))


def _blind(review: Review) -> Markup | None:
    if not review.blind:
        return None
    items = [tag("li", f"{figure.title}: {figure.value}", _seen(figure)) for figure in review.blind]
    return _section("blind", "Not looked into", tag("ul", items))


def _next(review: Review, data: Data) -> Markup:
    commands = ["archwise check"]
    if data.cards:
        commands.insert(0, f"archwise explain {data.cards[0].rule}")
    open_ = next((v for v in review.verdicts if v.stand in ("contradicts", "drifts")), None)
    if open_ is not None:
        commands.append(f"archwise explain {open_.decision}")
    return _section("next", "Next", tag("pre", tag("code", "\n".join(commands))))


def _section(id: str, title: str, *children: Markup | list[Markup] | None) -> Markup:
    return tag("section", tag("h2", title, id=f"{id}-title"), *children, id=id, aria_labelledby=f"{id}-title")


def _folded(title: str, content: Markup) -> Markup:
    return tag("details", tag("summary", title), content)


def _table(heads: tuple[str, ...], rows: list[Markup]) -> Markup:
    head = tag("thead", tag("tr", [tag("th", head, scope="col") for head in heads]))
    table = tag("table", head, tag("tbody", rows))
    return tag("div", table, class_="wide", tabindex="0", role="region", aria_label=", ".join(heads))


def _row(*cells: str | Markup) -> Markup:
    return tag("tr", [tag("td", cell) for cell in cells])


def _badge(word: str) -> Markup:
    return tag("span", word, class_=f"badge {word}")


def _places(places: tuple[Place, ...]) -> Markup:
    lines = [join(tag("code", f"{each.path}:{each.line}"), f" {each.what}" if each.what else None) for each in places]
    return tag("ul", [tag("li", line) for line in lines], class_="places")
