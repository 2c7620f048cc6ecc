"""Facts as a file."""

import msgspec

from archwise.knowledge.schema import File


def as_json(file: File) -> str:
    """A knowledge file as JSON, a line for each function and class, so that versions can be compared."""
    parts = [f'"library": {_line(file.library)}']
    for key, entries in (("function", file.function), ("class", file.class_)):
        if entries:
            lines = ",\n  ".join(map(_line, entries))
            parts.append(f'"{key}": [\n  {lines}\n]')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _line(part: msgspec.Struct) -> str:
    return msgspec.json.encode(part).decode()
