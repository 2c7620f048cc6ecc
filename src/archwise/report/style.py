"""Colour, used for what helps the eye to find its way and for nothing else."""

from typing import Literal

Role = Literal["error", "warning", "info", "strong", "dim", "place", "help"]

_CODES: dict[Role, str] = {
    "error": "1;31",
    "warning": "1;33",
    "info": "1;34",
    "strong": "1",
    "dim": "2",
    "place": "36",
    "help": "32",
}


class Style:
    """Paints text, or leaves it as it is."""

    def __init__(self, *, color: bool) -> None:
        self._color = color

    def __call__(self, role: Role, text: str) -> str:
        """The text, painted for its role."""
        return f"\x1b[{_CODES[role]}m{text}\x1b[0m" if self._color and text else text


def printable(text: str) -> str:
    """Text without the control characters that could steer a terminal."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\t" else "�" for char in text)


def plural(count: int, one: str, many: str | None = None) -> str:
    """A count with its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
