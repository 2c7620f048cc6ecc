"""What is wrong with a settings file, in the words of TOML rather than those of Python's types."""

import difflib
import re
import typing
from collections.abc import Iterable

import msgspec

_KINDS = {
    "array": "an array",
    "bool": "true or false",
    "float": "a number",
    "int": "a whole number",
    "object": "a table",
    "str": "a string",
}
_TYPE = re.compile(r"`([\w |]+)`")


def mistake(error: msgspec.ValidationError, struct: type[msgspec.Struct]) -> str:
    """The key at fault, and what it should hold."""
    reason, _, place = str(error).partition(" - at `$.")
    place = place.rstrip("`")
    if reason.startswith("Object contains unknown field"):
        return unknown_key(reason.split("`")[1], _named(struct, place), within=place)
    if reason.startswith("Invalid enum value"):
        return f"`{place}`: {reason.split(' ', 3)[3]} is none of {', '.join(map(repr, _choices(struct, place)))}"
    reason = _TYPE.sub(lambda found: _kind(found[1]), reason)
    return f"`{place}`: {reason[:1].lower()}{reason[1:]}"


def unknown_key(key: str, known: Iterable[str], within: str = "") -> str:
    """Says that there is no such key, and which one may be meant."""
    known = sorted(known)
    close = difflib.get_close_matches(key, known, n=1)
    place = f"`{within}`: " if within else ""
    return f"{place}unknown key `{key}`" + (
        f": did you mean `{close[0]}`?" if close else f"; the keys are {', '.join(known)}"
    )


def _kind(name: str) -> str:
    return " or ".join(_KINDS.get(part, part) for part in name.split(" | ") if part != "null")


def _named(struct: type[msgspec.Struct], place: str) -> list[str]:
    inner = _type(struct, place)
    return [field.encode_name for field in msgspec.structs.fields(inner)]


def _choices(struct: type[msgspec.Struct], place: str) -> tuple[str, ...]:
    return typing.get_args(_type(struct, place))


def _type(struct: type[msgspec.Struct], place: str) -> typing.Any:
    """The type of the setting at a dotted place."""
    found: typing.Any = struct
    for name in filter(None, place.split(".")):
        found = next(field.type for field in msgspec.structs.fields(found) if field.encode_name == name)
    return found
