"""What a skill is filed under: its tags and its category, wherever its author has put them."""

from typing import Any

from archwise.skills.skill import Skill


def tags(skill: Skill) -> tuple[str, ...]:
    """The tags: of ``metadata``, where the specification has room for them, or at the top, where exporters put them."""
    fields = skill.front.fields
    metadata = fields.get("metadata")
    return _words(fields.get("tags")) or _words(metadata.get("tags") if isinstance(metadata, dict) else None)


def category(skill: Skill, path: str) -> str:
    """The category that the front matter names, else the plugin that the skill's folder is in."""
    fields = skill.front.fields
    metadata = fields.get("metadata")
    for holder in (fields, metadata if isinstance(metadata, dict) else {}):
        if isinstance(found := holder.get("category"), str) and found.strip():
            return found.strip()
    parts = path.split("/")
    return parts[parts.index("plugins") + 1] if "plugins" in parts[:-2] else ""


def _words(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = value.split(",") if "," in value else value.split()
    return tuple(str(each).strip() for each in value if str(each).strip()) if isinstance(value, list) else ()
