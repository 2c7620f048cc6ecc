"""Licence: whether the skill says under which terms it may be used, in words that tools know."""

from collections.abc import Iterator
from pathlib import PurePosixPath

from archwise.skills.scanners.scanner import Alarm, installed
from archwise.skills.skill import MANIFEST, Skill

NAME = "licence"
TITLE = "Licence"
_FILES = ("license", "licence", "copying", "notice", "unlicense")


def version() -> str:
    """The package that knows licences.

    Raises:
        UnavailableError: license-expression is not installed.
    """
    return f"license-expression {installed('license-expression')}"


def scan(skill: Skill) -> Iterator[Alarm]:
    """What its licence leaves open. The specification asks for none: nothing here is more than a remark.

    Raises:
        UnavailableError: license-expression is not installed.
    """
    version()
    said = skill.front.fields.get("license")
    files = [path for path in skill.files if PurePosixPath(path).name.lower().startswith(_FILES)]
    line = skill.front.lines.get("license", 1)
    if not isinstance(said, str) or not said.strip():
        if not files:
            yield Alarm("unstated", "info", MANIFEST, 1, "says nothing about its licence")
    elif identifiers(said) is None and not any(PurePosixPath(path).name.lower() in said.lower() for path in files):
        yield Alarm(
            "unknown",
            "info",
            MANIFEST,
            line,
            "is not a licence expression of SPDX, nor names a file of the skill",
            said,
        )


def identifiers(said: str) -> tuple[str, ...] | None:
    """The SPDX identifiers in a licence expression; None where it is none."""
    from license_expression import ExpressionError, get_spdx_licensing

    licensing = get_spdx_licensing()
    try:
        found = licensing.parse(said, validate=True)
    except (ExpressionError, ValueError, TypeError, AttributeError):
        return None
    return tuple(str(key) for key in licensing.license_keys(found)) if found is not None else None
