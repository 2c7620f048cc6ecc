"""Every file of an export: the marketplace, its plugins, the skills, and the forms that single agents read."""

import json
import posixpath
import re
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from archwise.skills.export.collection import Collection, Marketplace
from archwise.skills.skill import MANIFEST, Skill

_LINK = re.compile(r"\[(?P<text>[^\]\n]*)\]\((?P<target>[^)\s]+)\)")
_FENCES = re.compile(r"\A---\r?\n.*?^---[ \t]*\r?$\n?", re.DOTALL | re.MULTILINE)


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A form that an agent reads; see ``forms.toml``."""

    agent: str
    kind: str
    source: str
    path: str
    front: tuple[str, ...] = ()
    longest: int = 1_000_000
    syntax: Literal["markdown", "plain", "toml"] = "markdown"


class Exported(msgspec.Struct, frozen=True):
    """The files of an export by path, and what could not be exported, a line each."""

    files: dict[str, bytes]
    executable: frozenset[str]
    left_out: tuple[str, ...]


@cache
def forms() -> tuple[Form, ...]:
    """All forms, in the order of ``forms.toml``."""
    text = files("archwise.skills.export").joinpath("forms.toml").read_bytes()
    return tuple(msgspec.toml.decode(text, type=dict[str, list[Form]])["form"])


def render(collection: Collection) -> Exported:
    """The whole export; the same bytes for the same collection."""
    found: dict[str, bytes] = {}
    executable: set[str] = set()
    left_out: list[str] = []
    found[".claude-plugin/marketplace.json"] = _json(_manifest(collection))
    for plugin, skills in collection.skills.items():
        root = f"plugins/{plugin}"
        found[f"{root}/.claude-plugin/plugin.json"] = _json(_plugin(collection.marketplace, plugin))
        for skill in skills:
            origin = f"{collection.marketplace.source}/{plugin}/{skill.folder}"
            folder = f"{root}/skills/{skill.folder}"
            found |= {f"{folder}/{path}": data for path, data in skill.files.items()}
            found[f"{folder}/{MANIFEST}"] = _marked(skill, origin)
            executable |= {f"{folder}/{path}" for path in skill.executable}
            for form in forms():
                path = f"agents/{form.agent}/{form.path.format(name=skill.folder)}"
                text = _in_form(form, skill, origin)
                if len(text) > form.longest:
                    left_out.append(f"{path}: {len(text):,} characters; {form.agent} reads {form.longest:,}")
                else:
                    found[path] = text.encode()
    found["agents/AGENTS.md"] = _index(collection).encode()
    return Exported(dict(sorted(found.items())), frozenset(executable), tuple(left_out))


def _marked(skill: Skill, origin: str) -> bytes:
    """SKILL.md with the marker below the front matter, where the specification allows it, and its source at the end."""
    text = skill.files[MANIFEST].decode()
    front = _FENCES.match(text)
    head, body = (front[0], text[front.end() :]) if front else ("", text)
    return f"{head}\n{_marker(origin)}\n\n{body.strip()}\n\n{_source(origin)}\n".encode()


def _in_form(form: Form, skill: Skill, origin: str) -> str:
    """The instructions in an agent's own form. Bundled files do not travel: links to them say where they are."""
    body = _LINK.sub(lambda link: _unlinked(link, skill), skill.body).strip()
    if form.syntax == "toml":
        comment = f"# {_marker(origin).removeprefix('<!-- ').removesuffix(' -->')}"
        prompt = f"{body}\n\n{_source(origin)}\n"
        return f"{comment}\ndescription = {_quoted(skill.description)}\nprompt = {_toml_text(prompt)}\n"
    metadata = skill.front.fields.get("metadata")
    globs = metadata.get("globs", "**") if isinstance(metadata, dict) else "**"
    values = {"name": _quoted(skill.name), "description": _quoted(skill.description), "globs": _quoted(str(globs))}
    head = "".join(f"{line.format(**values)}\n" for line in form.front)
    fenced = f"---\n{head}---\n\n" if form.syntax == "markdown" else ""
    return f"{fenced}{_marker(origin)}\n\n{body}\n\n{_source(origin)}\n"


def _unlinked(link: re.Match[str], skill: Skill) -> str:
    target = posixpath.normpath(link["target"].partition("#")[0])
    return f"{link['text']} (`{target}` of the skill {skill.folder})" if target in skill.files else link[0]


def _index(collection: Collection) -> str:
    lines = [f"- **{skill.name}**: {skill.description}" for skills in collection.skills.values() for skill in skills]
    head = "Skills of this collection; read the SKILL.md of one when its description fits the task."
    return "\n".join([_marker(collection.marketplace.source), "", "# Skills", "", head, "", *lines, ""])


def _manifest(collection: Collection) -> dict[str, object]:
    """Source: https://code.claude.com/docs/en/plugin-marketplaces."""
    market = collection.marketplace
    return {
        "name": market.name,
        "owner": {"name": market.owner},
        "metadata": {"description": market.description, "version": market.version},
        "plugins": [
            {"source": f"./plugins/{name}", **_plugin(market, name), "category": market.plugins[name].category}
            for name in collection.skills
        ],
    }


def _plugin(market: Marketplace, name: str) -> dict[str, object]:
    """Source: https://code.claude.com/docs/en/plugins-reference."""
    plugin = market.plugins[name]
    return {
        "name": name,
        "description": plugin.description,
        "version": market.version,
        "author": {"name": market.owner},
        "keywords": list(plugin.keywords),
    }


def _marker(origin: str) -> str:
    return f"<!-- AUTO-GENERATED by `archwise skill export`: DO NOT EDIT. Change {origin} and export again. -->"


def _source(origin: str) -> str:
    return f"Source: <{origin}>" if "://" in origin else f"Source: `{origin}`"


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False) + "\n").encode()


def _quoted(text: str) -> str:
    """A text in double quotes, as YAML and TOML read it."""
    return json.dumps(text, ensure_ascii=False)


def _toml_text(text: str) -> str:
    plain = "'''" not in text and all(char.isprintable() or char in "\n\t" for char in text)
    return f"'''\n{text}'''" if plain else _quoted(text)
