"""The panel's scanners: a module each, see ``scanner.py`` for what one offers."""

SCANNERS: tuple[str, ...] = (
    "specification",
    "hidden-text",
    "instructions",
    "secrets",
    "python-code",
    "shell-code",
    "javascript-code",
    "programs",
    "signatures",
    "dependencies",
    "links",
    "contents",
    "licence",
    "skilltotal",
    "cisco",
)
"""The modules of this package that scan, in the order of the panel's rows."""

SLOW_TO_START = frozenset({"secrets"})
"""Those that start a program of others, and so offer ``scan_many`` (see ``scanner.BatchScanner``)."""
