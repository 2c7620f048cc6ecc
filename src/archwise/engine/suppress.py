"""Comments that silence findings: ``# archwise: ignore[AW201]`` and ``# noqa: AW201``."""

import re

from archwise.engine.ir import Suppression

_COMMENT = re.compile(
    rb"#[ \t]*(?:archwise:[ \t]*ignore(?:\[(?P<codes>[^\]\n]*)\])?|noqa(?::[ \t]*(?P<noqa>[A-Z]+[0-9]+(?:[, \t]+[A-Z]+[0-9]+)*))?)",
    re.IGNORECASE,
)


def suppressions_of(source: bytes) -> tuple[Suppression, ...]:
    """The suppressions of a file, in order; ``noqa`` counts where it names no code, or one of ours."""
    if b"archwise:" not in source and b"noqa" not in source:
        return ()
    return tuple(
        found
        for number, line in enumerate(source.splitlines(), start=1)
        for match in _COMMENT.finditer(line)
        if (found := _suppression(number, match)) is not None
    )


def _suppression(line: int, match: re.Match[bytes]) -> Suppression | None:
    noqa = match["noqa"]
    if b"archwise" in match[0].lower():
        return Suppression(line, _codes(match["codes"] or b""), "archwise")
    if noqa is None:
        return Suppression(line, (), "noqa")
    ours = tuple(code for code in _codes(noqa) if code.startswith("AW"))
    return Suppression(line, ours, "noqa") if ours else None


def _codes(text: bytes) -> tuple[str, ...]:
    return tuple(code.upper() for code in re.split(r"[,\s]+", text.decode("ascii", "replace")) if code)
