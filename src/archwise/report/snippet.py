"""One line of source with a mark below it."""

import re
import unicodedata

from archwise.report.style import printable

WIDTH = 110
INDENT = "    "
_CALLEE = re.compile(r"[\w.]*\w")


def quote(source: str, column: int) -> tuple[str, str]:
    """A source line, indented anew and cut to fit, and the carets that go below it.

    The carets stand under the name that starts at ``column`` (from one), or under one character.
    """
    start = min(column - 1, len(source))
    body = source.lstrip()
    start = max(0, start - (len(source) - len(body)))
    match = _CALLEE.match(body, start)
    length = match.end() - start if match else 1
    body = printable(body.rstrip()).replace("\t", " ")
    body, start = _cut(body, start)
    length = min(length, max(1, len(body) - start))
    return (
        f"{INDENT}{body}",
        f"{INDENT}{' ' * _cells(body[:start])}{'^' * max(1, _cells(body[start : start + length]))}",
    )


def _cut(body: str, start: int) -> tuple[str, int]:
    if len(body) <= WIDTH:
        return body, start
    first = 0 if start < WIDTH * 2 // 3 else start - WIDTH // 3
    head = "…" if first else ""
    tail = "…" if first + WIDTH < len(body) else ""
    return f"{head}{body[first : first + WIDTH]}{tail}", start - first + len(head)


def _cells(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )
