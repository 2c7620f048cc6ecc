"""Files that a program has written: nobody mends what is found in them by hand."""

import re

_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]*(?:#[^\n]*)?\r?\n)*")
_DOCSTRING = re.compile(rb"[ru]?(\"\"\"|''')(.{0,2000}?)\1", re.IGNORECASE | re.DOTALL)
_SAYS_SO = re.compile(rb"@generated|auto-?[ ]?generated|do not edit|generated (?:at build time|by )", re.IGNORECASE)

_TELLS_PEOPLE = re.compile(rb"@generated|do not edit", re.IGNORECASE)
"""What a docstring says of its file, rather than of what the file does."""


def is_generated(source: bytes) -> bool:
    """Whether the comments before a file's first line of code, or its docstring, say that it was generated."""
    head = _HEAD.match(source)
    if head is None:
        return False
    told = _DOCSTRING.match(source, head.end())
    return _SAYS_SO.search(head.group()) is not None or (
        told is not None and _TELLS_PEOPLE.search(told.group(2)) is not None
    )
