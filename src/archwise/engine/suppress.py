"""Comments that silence findings: ``# archwise: ignore[AW201]``, ``# noqa: AW201``, and what says so to other tools."""

import io
import re

from archwise.engine.ir import Suppression

_COMMENT = re.compile(
    rb"#[ \t]*(?:archwise:[ \t]*ignore(?:\[(?P<codes>[^\]\n]*)\])?"
    rb"|noqa(?::[ \t]*(?P<noqa>[A-Z]+[0-9]+(?:[, \t]+[A-Z]+[0-9]+)*))?"
    rb"|type:[ \t]*ignore\[(?P<types>[^\]\n]*)\])",
    re.IGNORECASE,
)
_UNUSED_COROUTINE = "UNUSED-COROUTINE"
"""What mypy calls a coroutine that is never awaited."""
_WORDS = (b"archwise:", b"noqa", _UNUSED_COROUTINE.lower().encode())


def suppressions_of(source: bytes) -> tuple[Suppression, ...]:
    """The suppressions of a file, in order; the codes of other tools are kept as they are."""
    lowered = source.lower()
    if not any(word in lowered for word in _WORDS):
        return ()
    found = tuple(
        suppression
        for number, line in enumerate(source.splitlines(), start=1)
        for match in _COMMENT.finditer(line)
        if (suppression := _suppression(number, match)) is not None
    )
    if not any(map(_is_ours, found)):
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


def _is_ours(suppression: Suppression) -> bool:
    """Whether a comment speaks to this tool, so that one which silences nothing is reported."""
    return suppression.style == "archwise" or any(code.startswith("AW") for code in suppression.codes)


def _suppression(line: int, match: re.Match[bytes]) -> Suppression | None:
    if b"archwise" in match[0].lower():
        return Suppression(line, _codes(match["codes"] or b""), "archwise")
    if match["types"] is not None:
        codes = tuple(code for code in _codes(match["types"].upper()) if code == _UNUSED_COROUTINE)
        return Suppression(line, codes, "noqa") if codes else None
    return Suppression(line, _codes(match["noqa"] or b""), "noqa")


def _codes(text: bytes) -> tuple[str, ...]:
    return tuple(code.upper() for code in re.split(r"[,\s]+", text.decode("ascii", "replace")) if code)
