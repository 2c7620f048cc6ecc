"""Comments that silence findings: ``# archwise: ignore[AW201]`` and ``# noqa: AW201``."""

import io
import re

from archwise.engine.ir import Suppression

_COMMENT = re.compile(
    rb"#[ \t]*(?:archwise:[ \t]*ignore(?:\[(?P<codes>[^\]\n]*)\])?"
    rb"|noqa(?::[ \t]*(?P<noqa>[A-Z]+[0-9]+(?:[, \t]+[A-Z]+[0-9]+)*))?)",
    re.IGNORECASE,
)


def suppressions_of(source: bytes) -> tuple[Suppression, ...]:
    """The suppressions of a file, in order; ``noqa`` counts where it names no code, or one of ours."""
    lowered = source.lower()
    if b"archwise:" not in lowered and b"noqa" not in lowered:
        return ()
    found = tuple(
        suppression
        for number, line in enumerate(source.splitlines(), start=1)
        for match in _COMMENT.finditer(line)
        if (suppression := _suppression(number, match)) is not None
    )
    if all(suppression.style == "noqa" and not suppression.codes for suppression in found):
        return found
    commented = _commented(source)
    return tuple(suppression for suppression in found if commented is None or suppression.line in commented)


def _commented(source: bytes) -> set[int] | None:
    """The lines with a comment that is one, and no text in a string; nothing where that cannot be told."""
    import tokenize

    try:
        tokens = tokenize.tokenize(io.BytesIO(source).readline)
        return {token.start[0] for token in tokens if token.type == tokenize.COMMENT}
    except (tokenize.TokenError, SyntaxError, ValueError):
        return None


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
