"""How often each rule was broken, instead of where; and how much of what is public is typed."""

import json
from collections import Counter

import msgspec

from archwise.findings import Report, Typed
from archwise.report import View
from archwise.report.causes import causes
from archwise.report.style import Style
from archwise.report.summary import summary


def render(report: Report, view: View, *, as_json: bool = False) -> str:
    """A row a rule: places, causes, code and name; the most frequent first. Then the share that is typed."""
    found = causes(report.findings)
    places = Counter((finding.rule, finding.name) for finding in report.findings)
    groups = Counter(cause.shown.rule for cause in found)
    ranked = sorted(places.items(), key=lambda row: (-row[1], row[0]))
    rows = [(count, groups[rule], rule, name) for (rule, name), count in ranked]
    if as_json:
        keys = ("places", "causes", "rule", "name")
        document = {
            "rules": [dict(zip(keys, row, strict=True)) for row in rows],
            "public": msgspec.to_builtins(report.typed),
        }
        return json.dumps(document, indent=2) + "\n"
    style = Style(color=view.color)
    table = [("places", "causes", "rule", ""), *((f"{row[0]:,}", f"{row[1]:,}", *row[2:]) for row in rows)]
    lines = [f"{row[0]:>7}  {row[1]:>7}  {row[2]:<5}  {row[3]}".rstrip() for row in table]
    lines[0] = style("dim", lines[0])
    public = [_share(report.typed)] if report.typed and report.typed.functions else []
    return "\n".join([*(lines if rows else []), *public, summary(report, found, view, style)]) + "\n"


def _share(typed: Typed) -> str:
    share = 100 * typed.typed / typed.functions
    return f"Typed throughout: {typed.typed:,} of {typed.functions:,} public functions ({share:.0f} %)."
