"""The panel's scanners: a module each, see ``scanner.py`` for what one offers."""

SCANNERS: tuple[str, ...] = ("specification",)
"""The modules of this package that scan, in the order of the panel's rows."""
