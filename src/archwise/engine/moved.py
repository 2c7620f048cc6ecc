"""Whether an edit did no more than move code to other lines: a comment, a blank line, a docstring more or fewer."""

from itertools import pairwise

import msgspec

from archwise.engine import ir

_LINES = frozenset({"line", "end_line"})
_OF_ITEMS = "lines"
_APART = frozenset({"lines", "suppressions", "wide"})
"""What of a summary no rule's verdict depends on: the file's length, and what is settled after the rules have run."""


def lines_moved(before: ir.Summary, after: ir.Summary) -> dict[int, int] | None:
    """The new line of each ASCII line that code stood on, where nothing else of the file has changed; else None.

    No two lines become one, no line becomes two and none changes place with another, so that whatever compares lines
    of the file with each other comes to the same result. Columns are as they were.
    """
    lines: dict[int, int] = {}
    parts = [name for name in before.__struct_fields__ if name not in _APART]
    if not all(_is_same(getattr(before, name), getattr(after, name), lines) for name in parts):
        return None
    new = [lines[line] for line in sorted(lines)]
    if any(one >= other for one, other in pairwise(new)):
        return None
    for line in before.wide:  # columns are shown in characters: of code on such a line nothing is known but the bytes
        lines.pop(line, None)
    return {line: moved for line, moved in lines.items() if moved not in after.wide}


def _is_same(before: object, after: object, lines: dict[int, int]) -> bool:
    """Whether two parts of summaries are the same but for lines, which are noted."""
    if type(before) is not type(after):
        return False
    if isinstance(before, msgspec.Struct):
        for name in before.__struct_fields__:
            one, other = getattr(before, name), getattr(after, name)
            if name in _LINES:
                if lines.setdefault(one, other) != other:
                    return False
            elif name == _OF_ITEMS and len(one) == len(other):
                if any(lines.setdefault(line, moved) != moved for line, moved in zip(one, other, strict=True)):
                    return False
            elif not _is_same(one, other, lines):
                return False
        return True
    if isinstance(before, tuple) and isinstance(after, tuple):
        pairs = zip(before, after, strict=False)
        return len(before) == len(after) and all(_is_same(one, other, lines) for one, other in pairs)
    if isinstance(before, dict) and isinstance(after, dict):
        return _is_same(tuple(before.items()), tuple(after.items()), lines)
    return before == after
