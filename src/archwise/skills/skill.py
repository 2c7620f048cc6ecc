"""A skill: a folder with a SKILL.md, read once. What was scanned is what is installed: the same bytes in memory."""

import hashlib
from collections.abc import Mapping
from typing import Any, Self

import msgspec

from archwise.skills import frontmatter
from archwise.skills.frontmatter import FrontMatter

MANIFEST = "SKILL.md"


class Skill(msgspec.Struct, frozen=True):
    """A skill's files, by their path inside the folder (with ``/``), in order, and what SKILL.md says.

    ``folder`` is the name of the folder it was found in; ``executable`` are the paths with the executable bit.
    """

    folder: str
    files: dict[str, bytes]
    executable: frozenset[str]
    front: FrontMatter

    @classmethod
    def of(cls, folder: str, files: Mapping[str, bytes], executable: frozenset[str] = frozenset()) -> Self:
        """The skill that a folder's files make.

        Raises:
            MissingExtraError: the package that reads front matter is not installed.
        """
        ordered = {path: files[path] for path in sorted(files)}
        text = ordered.get(MANIFEST, b"").decode("utf-8", "replace")
        return cls(folder, ordered, executable, frontmatter.read(text))

    @property
    def name(self) -> str:
        """The name that the front matter gives, else the folder's."""
        return _word(self.front.fields.get("name")) or self.folder

    @property
    def description(self) -> str:
        """What the skill does and when to use it; empty where it does not say."""
        return _word(self.front.fields.get("description"))

    @property
    def body(self) -> str:
        """The instructions: SKILL.md below the front matter, from line ``front.body_line``."""
        return self.front.body

    def text(self, path: str) -> str | None:
        """A file as text; None where it is not UTF-8 text."""
        data = self.files[path]
        if b"\0" in data[:8192]:
            return None
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            return None

    def texts(self) -> dict[str, str]:
        """Every file that is text, by path."""
        found = {path: self.text(path) for path in self.files}
        return {path: text for path, text in found.items() if text is not None}

    def digest(self) -> str:
        """SHA-256 of the whole folder; see ``digest``."""
        return digest(self.files, self.executable)


def digest(files: Mapping[str, bytes], executable: frozenset[str]) -> str:
    """SHA-256 of a folder: names, lengths, executable bits and contents, framed so that no two folders share one by
    moving bytes between a name and a content."""
    whole = hashlib.sha256()
    for path in sorted(files):
        name, data = path.encode("utf-8", "surrogateescape"), files[path]
        whole.update(b"%d %d %d\n" % (len(name), len(data), path in executable))
        whole.update(name)
        whole.update(data)
    return whole.hexdigest()


def _word(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""
