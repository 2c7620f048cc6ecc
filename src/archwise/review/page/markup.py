"""HTML, built so that text is always escaped."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

VOID: Final = frozenset({"meta", "input", "br", "hr", "path", "rect", "line", "circle"})
"""Elements that are written without content."""


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Child: TypeAlias = "str | Sequence[Child] | None"


def tag(name: str, /, *children: Child, **attributes: str | bool | int | None) -> Markup:
    """An element. A trailing ``_`` of an attribute's name is dropped, and ``_`` within it is ``-``."""
    written = "".join(_attribute(key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items())
    if name in VOID and not children:
        return Markup(f"<{name}{written}/>" if name in ("path", "rect", "line", "circle") else f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(*children)}</{name}>")


def join(*children: Child) -> Markup:
    """Several pieces, one after the other."""
    return Markup("".join(map(_written, children)))


def prose(text: str) -> Markup:
    """Text in which what stands between backticks is code."""
    return join(*(tag("code", part) if at % 2 else part for at, part in enumerate(text.split("`"))))


def _written(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return child
    return html.escape(child, quote=False) if isinstance(child, str) else join(*child)


def _attribute(name: str, value: str | bool | int | None) -> str:
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{html.escape(str(value))}"'
