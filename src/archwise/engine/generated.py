"""Files that a program has written: nobody mends what is found in them by hand."""

import re

_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]*(?:#[^\n]*)?\r?\n)*")
_SAYS_SO = re.compile(rb"@generated|auto-?[ ]?generated|do not edit|generated (?:at build time|by )", re.IGNORECASE)


def is_generated(source: bytes) -> bool:
    """Whether the comments before a file's first line of code say that it was generated."""
    head = _HEAD.match(source)
    return head is not None and _SAYS_SO.search(head.group()) is not None
