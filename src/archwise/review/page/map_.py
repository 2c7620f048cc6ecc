"""The map as a picture: parts as boxes, imports as lines, only the wrong ones in colour."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

import msgspec

from archwise.review.order import closing, depths, reaches
from archwise.review.page.markup import Markup, tag

if TYPE_CHECKING:
    from archwise.review.model import Edge, Map, Part

_WIDE, _HIGH, _GAP, _ROW, _MARGIN = 190, 54, 26, 104, 16
_ROUND = 70
_ACROSS = 5
"""Boxes in a row of the picture."""
_BAND, _STEP, _GUTTER = 620, 82, 110
"""Width of a layer's band, how far apart bands start, and the room for lines beside them."""
_CROWDED = 30
"""Lines that are right, beyond which they are drawn faintly until one points at a part."""
_NAME = 18
"""Characters of a name that fit into a box."""
_NOTE = 72
"""Characters that fit into a band."""


class _Box(msgspec.Struct, frozen=True):
    part: Part
    name: str
    x: int
    y: int
    wide: int
    note: str


def drawn(map_: Map) -> Markup:
    """The picture, as SVG with a title and a description for those who do not see it."""
    level = _levels(map_)
    wrong = [edge for edge in map_.edges if edge.wrong]
    right = [edge for edge in map_.edges if not edge.wrong]
    what = "and closes a cycle" if map_.kind == "packages" else "against the direction"
    said = "; ".join(f"{edge.source} imports {edge.target} {what}" for edge in wrong) or "nothing wrong"
    bands = map_.kind == "layers"
    boxes = _bands(map_) if bands else _grid(map_, level)
    lines = [_beside(edge, boxes, wrong=False) for edge in right] if bands else _between(right, boxes, wrong=False)
    lines += [_beside(edge, boxes, wrong=True) for edge in wrong] if bands else _between(wrong, boxes, wrong=True)
    width = max(box.x + box.wide for box in boxes.values()) + (_GUTTER if bands else _ROUND)
    height = max(box.y for box in boxes.values()) + _HIGH + _MARGIN
    return tag(
        "svg",
        tag("title", f"Map of {map_.kind}", id="map-name"),
        tag("desc", said, id="map-said"),
        tag("defs", _arrow("arrow", "tip"), _arrow("arrow-wrong", "tip wrong")),
        lines,
        [_drawn(box) for box in boxes.values()],
        viewBox=f"0 0 {width} {height}",
        class_="crowded" if len(lines) - len(wrong) > _CROWDED else None,
        role="img",
        aria_labelledby="map-name map-said",
        style=f"max-width:{width}px",
    )


def _arrow(id: str, style: str) -> Markup:
    tip = tag("path", d="M0 0L8 4L0 8z", class_=style)
    return tag("marker", tip, id=id, viewBox="0 0 8 8", refX=8, refY=4, markerWidth=7, markerHeight=7, orient="auto",
               markerUnits="userSpaceOnUse")  # fmt: skip


def _levels(map_: Map) -> dict[str, int]:
    """In which row each part stands: layers in their order, others by how far down they are imported."""
    if map_.kind == "layers":
        return {part.name: at for at, part in enumerate(map_.parts)}
    imports = {(edge.source, edge.target): edge.imports for edge in map_.edges}
    return depths((part.name for part in map_.parts), imports)


# -- layers, as bands


def _bands(map_: Map) -> dict[str, _Box]:
    return {
        part.name: _Box(part, part.name, _GUTTER, _MARGIN + at * _STEP, _BAND, _holds(part))
        for at, part in enumerate(map_.parts)
    }


def _holds(part: Part) -> str:
    """The counts of a part, and as many of its modules as there is room for."""
    said = f"{_counted(part)}: "
    shown: list[str] = []
    for name in part.modules:
        short = ".".join(name.split(".")[-2:])
        if len(said) + len(", ".join([*shown, short])) > _NOTE:
            return said + ", ".join([*shown, "…"])
        shown.append(short)
    return said + ", ".join(shown)


def _beside(edge: Edge, boxes: dict[str, _Box], *, wrong: bool) -> Markup:
    """A line left of the bands, or right of them where it is wrong."""
    source, target = boxes[edge.source], boxes[edge.target]
    side = source.x + source.wide if wrong else source.x
    span = abs(target.y - source.y) // _STEP
    out = side + (1 if wrong else -1) * min(30 + 16 * span, _GUTTER - 30)
    low = 10 if target.y > source.y else -10
    start, end = source.y + _HIGH // 2 + low, target.y + _HIGH // 2 - low
    line = _line(edge, f"M{side} {start}C{out} {start} {out} {end} {side} {end}", wrong=wrong)
    if not wrong:
        return line
    x, y = (side + 3 * out) // 4 + 6, (start + end) // 2 + 4
    return tag("g", line, tag("text", str(edge.wrong), x=x, y=y, class_="count"))


# -- features and packages, in rows


def _grid(map_: Map, level: dict[str, int]) -> dict[str, _Box]:
    """Boxes by how far down they are imported, each row in the middle."""
    levels: dict[int, list[Part]] = {}
    for part in map_.parts:
        levels.setdefault(level[part.name], []).append(part)
    rows = [row[at : at + _ACROSS] for _, row in sorted(levels.items()) for at in range(0, len(row), _ACROSS)]
    most = max(map(len, rows))
    shared = _shared([part.name for part in map_.parts])
    return {
        part.name: _Box(
            part,
            "modules beside" if part.name[shared:] == "*" else part.name[shared:],
            _MARGIN + (most - len(parts)) * (_WIDE + _GAP) // 2 + column * (_WIDE + _GAP),
            _MARGIN + row * _ROW,
            _WIDE,
            _counted(part),
        )
        for row, parts in enumerate(rows)
        for column, part in enumerate(parts)
    }


def _shared(names: list[str]) -> int:
    """How much all names begin with, in whole parts."""
    return posixpath.commonprefix(names).rfind(".") + 1


def _between(edges: list[Edge], boxes: dict[str, _Box], *, wrong: bool) -> list[Markup]:
    """Lines from box to box; of the right ones, those that a longer way implies are left out."""
    if wrong:
        return [_line(edge, _curve(boxes[edge.source], boxes[edge.target], 18), wrong=True) for edge in edges]
    back = closing({(edge.source, edge.target): edge.imports for edge in edges})
    direct: dict[str, set[str]] = {name: set() for name in boxes}
    for edge in edges:
        if (edge.source, edge.target) not in back:
            direct[edge.source].add(edge.target)
    return [
        _line(edge, _curve(boxes[edge.source], boxes[edge.target], 0), wrong=False)
        for edge in edges
        if (edge.source, edge.target) in back
        or not any(reaches(direct, other, edge.target) for other in direct[edge.source] - {edge.target})
    ]


def _curve(source: _Box, target: _Box, shift: int) -> str:
    """From the side of one box that faces another, to that other."""
    x1, x2 = source.x + source.wide // 2 + shift, target.x + target.wide // 2 + shift
    if source.y == target.y:
        return f"M{x1} {source.y}C{x1} {source.y - 26} {x2} {source.y - 26} {x2} {target.y}"
    if shift and abs(target.y - source.y) > _ROW:  # round the boxes between
        side = max(source.x, target.x) + source.wide + _ROUND
        y1, y2 = source.y + _HIGH // 2, target.y + _HIGH // 2
        return f"M{source.x + source.wide} {y1}C{side} {y1} {side} {y2} {target.x + target.wide} {y2}"
    down = target.y > source.y
    y1, y2 = source.y + (_HIGH if down else 0), target.y + (0 if down else _HIGH)
    middle = (y1 + y2) // 2
    return f"M{x1} {y1}C{x1} {middle} {x2} {middle} {x2} {y2}"


# -- boxes and lines


def _counted(part: Part) -> str:
    modules = "1 module" if len(part.modules) == 1 else f"{len(part.modules):,} modules"
    endpoints = "1 endpoint" if part.endpoints == 1 else f"{part.endpoints:,} endpoints"
    return f"{modules} · {endpoints}" if part.endpoints else modules


def _drawn(box: _Box) -> Markup:
    name = box.name if len(box.name) <= _NAME else f"…{box.name[1 - _NAME :].lstrip('.')}"
    return tag(
        "g",
        tag("title", f"{box.part.name}: {_counted(box.part)}"),
        tag("rect", x=box.x, y=box.y, width=box.wide, height=_HIGH, rx=6, class_="box"),
        tag("text", name, x=box.x + 12, y=box.y + 23, class_="name"),
        tag("text", box.note, x=box.x + 12, y=box.y + 42, class_="note"),
        data_part=box.part.name,
    )


def _line(edge: Edge, path: str, *, wrong: bool) -> Markup:
    count = edge.wrong if wrong and edge.wrong else edge.imports
    name = f"{edge.source} imports {edge.target}: {count} {'import' if count == 1 else 'imports'}"
    return tag("path", tag("title", name), d=path, class_="edge wrong" if wrong else "edge",
               marker_end="url(#arrow-wrong)" if wrong else "url(#arrow)",
               data_from=edge.source, data_to=edge.target)  # fmt: skip
