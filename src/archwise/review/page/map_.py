"""The map as a picture: parts as boxes in rows, imports as lines, only the wrong ones in colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.review.page.markup import Markup, tag

if TYPE_CHECKING:
    from archwise.review.model import Edge, Map, Part

_WIDE, _HIGH, _GAP, _ROW, _MARGIN = 190, 54, 26, 104, 16
_ACROSS = 5
"""Boxes in a row of the picture."""


def drawn(map_: Map) -> Markup:
    """The picture, as SVG with a title and a description for those who do not see it."""
    rows = _rows(map_)
    places = {
        part.name: (_MARGIN + column * (_WIDE + _GAP), _MARGIN + row * _ROW)
        for row, parts in enumerate(rows)
        for column, part in enumerate(parts)
    }
    width = 2 * _MARGIN + max(len(parts) for parts in rows) * (_WIDE + _GAP) - _GAP
    height = 2 * _MARGIN + len(rows) * _ROW - (_ROW - _HIGH)
    level = {part.name: row for row, parts in enumerate(rows) for part in parts}
    wrong = [edge for edge in map_.edges if _is_wrong(map_, edge, level)]
    right = [edge for edge in map_.edges if edge not in wrong and edge.source in places and edge.target in places]
    said = "; ".join(f"{edge.source} imports {edge.target} against the direction" for edge in wrong) or "nothing wrong"
    return tag(
        "svg",
        tag("title", f"Map of {map_.kind}", id="map-name"),
        tag("desc", said, id="map-said"),
        [_line(edge, places, wrong=False) for edge in right],
        [_line(edge, places, wrong=True) for edge in wrong],
        [_box(part, *places[part.name]) for parts in rows for part in parts],
        viewBox=f"0 0 {width} {height}",
        role="img",
        aria_labelledby="map-name map-said",
        style=f"max-width:{width}px",
    )


def _rows(map_: Map) -> list[list[Part]]:
    """Layers one below the other; other parts by how far down they are imported, the top ones first."""
    if map_.kind == "layers":
        return [[part] for part in map_.parts]
    depth = _depths(map_)
    rows: dict[int, list[Part]] = {}
    for part in map_.parts:
        rows.setdefault(depth[part.name], []).append(part)
    return [row[at : at + _ACROSS] for _, row in sorted(rows.items()) for at in range(0, len(row), _ACROSS)]


def _depths(map_: Map) -> dict[str, int]:
    """How many imports lead down to each part, cycles cut where the fewest imports are."""
    depth = {part.name: 0 for part in map_.parts}
    strong = sorted(map_.edges, key=lambda edge: (-edge.imports, edge.source, edge.target))
    kept: dict[str, set[str]] = {name: set() for name in depth}
    for edge in strong:
        if not _reaches(kept, edge.target, edge.source):
            kept[edge.source].add(edge.target)
    for _ in depth:
        for source, targets in kept.items():
            for target in targets:
                depth[target] = max(depth[target], depth[source] + 1)
    return depth


def _reaches(kept: dict[str, set[str]], start: str, goal: str) -> bool:
    pending, seen = [start], {start}
    while pending:
        here = pending.pop()
        if here == goal:
            return True
        fresh = kept[here] - seen
        seen |= fresh
        pending += fresh
    return False


def _is_wrong(map_: Map, edge: Edge, level: dict[str, int]) -> bool:
    if map_.kind == "layers":
        return edge.wrong > 0
    return level[edge.source] > level[edge.target]


def _box(part: Part, x: int, y: int) -> Markup:
    name = part.name if len(part.name) <= 24 else f"…{part.name[-23:]}"
    counted = f"{len(part.modules)} modules" + (f" · {part.endpoints} endpoints" if part.endpoints else "")
    return tag(
        "g",
        tag("title", part.name),
        tag("rect", x=x, y=y, width=_WIDE, height=_HIGH, rx=6, class_="box"),
        tag("text", name, x=x + 12, y=y + 23, class_="name"),
        tag("text", counted, x=x + 12, y=y + 42, class_="note"),
    )


def _line(edge: Edge, places: dict[str, tuple[int, int]], *, wrong: bool) -> Markup:
    (x1, y1), (x2, y2) = places[edge.source], places[edge.target]
    down = y2 > y1
    shift = 18 if wrong else 0
    start = x1 + _WIDE // 2 + shift, y1 + (_HIGH if down else 0)
    end = x2 + _WIDE // 2 + shift, y2 + (0 if down else _HIGH)
    if y1 == y2:
        start, end = (x1 + _WIDE // 2, y1), (x2 + _WIDE // 2, y2)
        bend = y1 - 14
        path = f"M{start[0]} {start[1]}C{start[0]} {bend} {end[0]} {bend} {end[0]} {end[1]}"
    else:
        middle = (start[1] + end[1]) // 2
        path = f"M{start[0]} {start[1]}C{start[0]} {middle} {end[0]} {middle} {end[0]} {end[1]}"
    count = edge.wrong if wrong and edge.wrong else edge.imports
    name = f"{edge.source} imports {edge.target}: {count} imports"
    return tag("path", tag("title", name), d=path, class_="edge wrong" if wrong else "edge")
