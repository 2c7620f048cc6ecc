"""A skill's bytes written out, for the tools that read files only."""

from pathlib import Path, PurePosixPath

from archwise.skills.skill import Skill


def write(skill: Skill, folder: Path) -> Path:
    """Writes a skill into a folder of the panel's own, under its own names; nothing of it can be executed.

    Files whose name leads out of the skill's folder are left out: they are refused before anything is installed.
    """
    place = folder / (PurePosixPath(skill.folder).name or "skill")
    place.mkdir()
    for path, data in skill.files.items():
        parts = PurePosixPath(path).parts
        if parts and parts[0] != "/" and ".." not in parts:
            file = place.joinpath(*parts)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
    return place
