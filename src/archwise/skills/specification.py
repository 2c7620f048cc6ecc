"""Whether a skill is of the form that the Agent Skills specification asks for, and whether agents load it.

Source: https://agentskills.io/specification and the reference validator of github.com/agentskills/agentskills
(``skills_ref/validator.py``). Three answers, since the validator refuses much that every agent loads.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal

from archwise.skills.frontmatter import Problem
from archwise.skills.skill import MANIFEST, Skill

Level = Literal["not loadable", "loadable with warnings", "loadable", "strictly valid"]

FIELDS = ("name", "description", "license", "compatibility", "metadata", "allowed-tools")
"""The keys that the specification knows; the reference validator refuses any other."""

_NAME, _DESCRIPTION, _COMPATIBILITY = 64, 1024, 500
_BODY_LINES = 500
_LINK = re.compile(r"\[[^\]\n]*\]\(<?([^)\s>#?]+)[^)\n]*\)")


def problems(skill: Skill) -> tuple[Problem, ...]:
    """Everything that is wrong with a skill's form, worst first."""
    order = {"fatal": 0, "warning": 1, "note": 2}
    return tuple(sorted(_problems(skill), key=lambda problem: (order[problem.weight], problem.line)))


def level(found: tuple[Problem, ...]) -> Level:
    """How good the form is, all in all."""
    weights = {problem.weight for problem in found}
    if "fatal" in weights:
        return "not loadable"
    if "warning" in weights:
        return "loadable with warnings"
    return "loadable" if weights else "strictly valid"


def _problems(skill: Skill) -> Iterator[Problem]:
    if MANIFEST not in skill.files:
        other = next((path for path in skill.files if path.lower() == MANIFEST.lower()), None)
        yield Problem("manifest-missing", "fatal", f"{other} must be spelled {MANIFEST}" if other else f"no {MANIFEST}")
        return
    yield from _encoding(skill.files[MANIFEST])
    yield from skill.front.problems
    if any(problem.weight == "fatal" for problem in skill.front.problems):
        return
    yield from _name(skill)
    yield from _description(skill)
    yield from _others(skill)
    yield from _body(skill)


def _encoding(manifest: bytes) -> Iterator[Problem]:
    try:
        manifest.decode("utf-8")
    except UnicodeDecodeError as error:
        line = manifest.count(b"\n", 0, error.start) + 1
        yield Problem("encoding", "warning", f"{MANIFEST} is not UTF-8: some agents cannot read it", line)


def _name(skill: Skill) -> Iterator[Problem]:
    line = skill.front.lines.get("name", 1)
    value = skill.front.fields.get("name")
    if not isinstance(value, str) or not value.strip():
        yield Problem("name-missing", "warning", "`name` is missing: agents fall back to the folder's name", line)
        return
    name = unicodedata.normalize("NFKC", value.strip())
    if len(name) > _NAME:
        yield Problem("name-too-long", "warning", f"`name` has {len(name)} characters, {_NAME} are allowed", line)
    if not all(char == "-" or (char.isalnum() and char == char.lower()) for char in name):
        yield Problem("name-characters", "warning", "`name` may hold lower-case letters, digits and hyphens only", line)
    elif name.startswith("-") or name.endswith("-") or "--" in name:
        yield Problem(
            "name-hyphens", "warning", "`name` may not start or end with a hyphen, nor hold two in a row", line
        )
    if name != unicodedata.normalize("NFKC", skill.folder):
        said = f"`name` is {name!r}, the folder {skill.folder!r}: they must be equal"
        yield Problem("name-not-folder", "warning", said, line)


def _description(skill: Skill) -> Iterator[Problem]:
    line = skill.front.lines.get("description", 1)
    value = skill.front.fields.get("description")
    if not isinstance(value, str) or not value.strip():
        yield Problem(
            "description-missing", "fatal", "`description` is missing: agents cannot tell when to use it", line
        )
    elif len(value.strip()) > _DESCRIPTION:
        said = f"`description` has {len(value.strip()):,} characters, {_DESCRIPTION:,} are allowed"
        yield Problem("description-too-long", "warning", said, line)


def _others(skill: Skill) -> Iterator[Problem]:
    fields, lines = skill.front.fields, skill.front.lines
    for key in fields:
        if key not in FIELDS:
            yield Problem("unknown-field", "note", f"`{key}` is not a field of the specification", lines[key])
    for key in ("license", "compatibility", "allowed-tools"):
        if key in fields and not isinstance(fields[key], str):
            yield Problem("field-type", "note", f"`{key}` must be a text", lines[key])
    compatibility = fields.get("compatibility", "-")
    if isinstance(compatibility, str) and not 0 < len(compatibility) <= _COMPATIBILITY:
        said = f"`compatibility` must have 1 to {_COMPATIBILITY} characters"
        yield Problem("compatibility-length", "note", said, lines["compatibility"])
    metadata = fields.get("metadata", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        yield Problem("metadata-type", "note", "`metadata` must map text to text", lines["metadata"])


def _body(skill: Skill) -> Iterator[Problem]:
    lines = skill.body.count("\n") + 1
    if lines > _BODY_LINES:
        said = f"the instructions have {lines:,} lines; up to {_BODY_LINES} are advised, the rest belongs in references"
        yield Problem("long-body", "note", said, skill.front.body_line)
