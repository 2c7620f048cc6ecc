"""The labelled skills: attacks of our own making, and real skills named by repository, commit and path."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archwise.skills.skill import Skill

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent / "skills"
_HERE = "{{here}}\n"
_MACRO = re.compile(r"\{\{(b64|b64utf16|tags|zero-width) (.+?)\}\}")
_LARGEST = 3_000_000
"""Bytes; larger files of a real skill are left out."""


@dataclass(frozen=True)
class Case:
    """A skill with what is known of it.

    ``style`` is real (malicious as a whole), subtle (a few lines added to ``base``), base (clean), benign (a real skill
    of a known maintainer, from the fifth draw on a made one) or wild (a real malicious one).
    """

    id: str
    style: str
    family: str
    part: str
    skill: Skill
    base: str = ""


def attacks() -> Iterator[Case]:
    """The bases, then every attack; a third of the attacks, by a hash of their names, is held out."""
    bases: dict[str, Any] = _read(FOLDER / "bases.toml")
    for name, base in bases.items():
        yield Case(name, "base", "base", "development", _skill(name, base, _base_files(base, {})))
    for file in sorted((FOLDER / "attacks").glob("*.toml")):
        for attack in _read(file)["attack"]:
            part = "held-out" if hashlib.sha256(attack["id"].encode()).digest()[0] % 3 == 0 else "development"
            skill = _attack(attack, bases)
            yield Case(attack["id"], attack["style"], file.stem, part, skill, attack.get("base", ""))


DRAWS = ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
"""Sets of attacks, each written before its author had read a rule; the fourth was run after the third was mended.

The fifth to the ninth are each by an author who had read none of the rules, and three rows of the other sets for
their form; they have harmless skills as well.
"""


def drawn(name: str, folder: Path | None) -> Iterator[Case]:
    """One of the ``DRAWS``; its subtle attacks are put into real skills, in later ones into clean ones beside them.

    Without the folder of the real skills, the attacks put into them are left out.

    Its hosts get a usual top-level domain and its addresses a usual network, in memory only: no scanner may take them
    for examples. ``{{b64 TEXT}}`` and the like are spelled out here, so that no file of this repository looks infected;
    ``{{}}`` stands for nothing, to the same end.
    """
    places = {f"{row['repository']}/{row['path']}": row for row in rows("benign")}
    for file in sorted((FOLDER / name).glob("*.toml")):
        whole: dict[str, Skill] = {}
        for attack in tomllib.loads(_spelled_out(file.read_text(encoding="utf-8")))["attack"]:
            wanted = attack.get("base", "")
            if not wanted:
                skill = whole[attack["id"]] = _attack(attack, {})
            elif wanted in whole:
                skill = _altered(whole[wanted], attack)
            elif folder:
                skill = _altered(read_folder(_place(folder, places[wanted])), attack)
            else:
                continue
            yield Case(attack["id"], attack["style"], attack["class"], name, skill, wanted)


def others(folder: Path) -> Iterator[Case]:
    """What other people made: samples that scanners are tested with, and SkillInject (aisa-group/skill-inject).

    Of SkillInject each injection is put into the first skill it is meant for, at the line it names, with its script.
    """
    for row in rows("others"):
        place, name = _place(folder, row), f"{row['repository']}/{row['path']}"
        if row["path"] != "data":
            yield Case(name, "real", "sample", row["part"], read_folder(place))
            continue
        known: dict[str, Skill] = {}
        for kind in ("obvious", "contextual"):
            for attack in json.loads((place / f"{kind}_injections.json").read_text(encoding="utf-8")):
                task = attack["tasks"][0]
                base = f"skill-inject/{task['skill']}"
                if base not in known:
                    known[base] = read_folder(_skill_folder(place / "skills", task["skill"]))
                    yield Case(base, "base", "base", row["part"], known[base])
                scripts = {
                    f"scripts/{each}": (place / "task_scripts" / each) for each in attack.get("task_scripts", {})
                }
                added = {path: file.read_bytes() for path, file in scripts.items() if file.is_file()}
                text = f"{task.get('injection_prefix', '')}{attack['instructions']['line_injection']}"
                skill = _at_line(known[base], text, task["line_num"], added)
                yield Case(f"skill-inject/{kind}-{attack['id']}", "subtle", kind, row["part"], skill, base)


def _skill_folder(skills: Path, name: str) -> Path:
    """The folder of a skill of SkillInject: some lie deeper, under the name that is used in its lists."""
    found = {file.parent: file.relative_to(skills).parts[:-1] for file in sorted(skills.rglob("SKILL.md"))}
    named = [folder for folder, parts in found.items() if name in parts]
    return (named or [folder for folder, parts in found.items() if parts[-1].startswith(name)])[0]


def _at_line(base: Skill, text: str, line: int, added: dict[str, bytes]) -> Skill:
    lines = base.files["SKILL.md"].decode().splitlines()
    lines.insert(min(line, len(lines)), text)
    return Skill.of(base.folder, {**base.files, "SKILL.md": ("\n".join(lines) + "\n").encode(), **added})


def real(list_name: str, folder: Path) -> Iterator[Case]:
    """The real skills of ``benign`` or ``wild``, unpacked as ``folder``/owner+name.

    Raises:
        SystemExit: one of them is not there.
    """
    for row in rows(list_name):
        name = f"{row['repository']}/{row['path']}"
        yield Case(name, list_name, row.get("family", list_name), row["part"], read_folder(_place(folder, row)))


def _place(folder: Path, row: dict[str, str]) -> Path:
    place = folder / row["repository"].replace("/", "+") / row["path"]
    if not place.is_dir():
        raise SystemExit(f"{place} is missing: python benchmarks/skills.py fetch --into {folder}")
    return place


def rows(list_name: str) -> list[dict[str, str]]:
    """The lines of ``skills/benign.jsonl`` or ``skills/wild.jsonl``."""
    lines = (FOLDER / f"{list_name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def read_folder(folder: Path) -> Skill:
    """A skill as it lies in a folder; links are not followed."""
    files = {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not file.is_symlink() and file.stat().st_size < _LARGEST
    }
    return Skill.of(folder.name, files)


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _spelled_out(text: str) -> str:
    text = text.replace(".invalid", ".top").replace("203.0.113.", "45.61.12.").replace("{{}}", "")
    return _MACRO.sub(lambda found: _SPELLINGS[found[1]](found[2]), text)


_SPELLINGS = {
    "b64": lambda text: base64.b64encode(text.encode()).decode(),
    "b64utf16": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
    "tags": lambda text: "".join(chr(0xE0000 + ord(each)) for each in text),
    "zero-width": lambda text: "".join("\u200b\u200c"[bit == "1"] for each in text for bit in f"{ord(each):08b}"),
}


def _altered(base: Skill, attack: dict[str, Any]) -> Skill:
    return _injected(_edited(base, attack.get("edits", [])), attack.get("added", {}))


def _injected(base: Skill, added: dict[str, str]) -> Skill:
    """Text added to a skill: to SKILL.md before the heading that is nearest to its middle, elsewhere at the end."""
    files = dict(base.files)
    for path, text in added.items():
        there = files.get(path, b"").decode()
        middles = [found.start() for found in re.finditer(r"^#{2,} ", there, re.MULTILINE)] or [len(there)]
        at = min(middles, key=lambda place: abs(place - len(there) // 2)) if path == "SKILL.md" else len(there)
        files[path] = (there[:at] + text.lstrip("\n") + "\n" + there[at:]).encode()
    return Skill.of(base.folder, files)


def _edited(base: Skill, edits: list[dict[str, str]]) -> Skill:
    """The skill with ``new`` in place of ``old``, which has to be there once."""
    files = dict(base.files)
    for edit in edits:
        before, after = files[edit["path"]].decode().split(edit["old"])
        files[edit["path"]] = (before + edit["new"] + after).encode()
    return Skill.of(base.folder, files)


def _attack(attack: dict[str, Any], bases: dict[str, Any]) -> Skill:
    binary = {path: base64.b64decode(text) for path, text in attack.get("base64", {}).items()}
    if "base" not in attack:
        texts = {path: text.lstrip("\n").encode() for path, text in attack.get("files", {}).items()}
        return _skill(attack["name"], attack, texts | binary)
    base, added = bases[attack["base"]], attack.get("added", {})
    body = base["body"].replace(_HERE, added.get("SKILL.md", ""))
    return _skill(attack["base"], base | {"body": body}, _base_files(base, added) | binary)


def _base_files(base: dict[str, Any], added: dict[str, str]) -> dict[str, bytes]:
    files = {path: text.replace(_HERE, added.get(path, "")) for path, text in base.get("files", {}).items()}
    files |= {path: text for path, text in added.items() if path not in files and path != "SKILL.md"}
    return {path: text.lstrip("\n").encode() for path, text in files.items()}


def _skill(name: str, of: dict[str, Any], files: dict[str, bytes]) -> Skill:
    body = of["body"].replace(_HERE, "").lstrip("\n")
    front = f"---\nname: {name}\ndescription: {of['description']!r}\nlicense: MIT\n---\n\n"
    return Skill.of(name, {"SKILL.md": (front + body).encode(), **files})
