"""Text that no person sees and an agent reads: invisible characters, look-alike letters, comments, white on white.

Classes and weights of invisible characters follow Unicode TR36 and TR39; look-alikes come from confusable-homoglyphs.
"""

import re
import unicodedata
from collections.abc import Iterator

from archwise.skills.scanners.instructions import directs
from archwise.skills.scanners.reading import passages
from archwise.skills.scanners.scanner import Alarm, Severity, installed
from archwise.skills.skill import Skill

NAME = "hidden-text"
TITLE = "Hidden text"

_TAGS = re.compile("[\U000e0020-\U000e007f]+")
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{1,8}\U000e007f")
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
_INVISIBLE = re.compile(
    "[\u200b\u2060-\u2064\u180e\u3164\uffa0\u00ad\u034f\u115f\u1160]|(?<=[A-Za-z])[\u200c\u200d](?=[A-Za-z])"
)
_ZERO_WIDTH = re.compile("[\u200b-\u200d\u2060\ufeff]{8,}")
_SELECTORS = re.compile("[\U000e0100-\U000e01ef\ufe00-\ufe0f]{3,}")
_ESCAPES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f]|\x1b[\\[\\]P_^]")
_WORD = re.compile(r"[^\W\d_]{3,}")
_STYLED = re.compile(
    r"""<(\w+)[^>]*style\s*=\s*["'][^"']*(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?:[;"']|\.0)|"""
    r"""(?<!-)color\s*:\s*(?:white|\#fff(?:fff)?\b|transparent))[^"']*["'][^>]*>(.{20,}?)</\1>""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_FAR = re.compile(r"\S[ \t]{200,}\S|\n{60,}\S")
_MANY = 4


def version() -> str:
    """The packages that know the characters.

    Raises:
        UnavailableError: confusable-homoglyphs is not installed.
    """
    return f"confusable-homoglyphs {installed('confusable-homoglyphs')}, Unicode {unicodedata.unidata_version}"


def scan(skill: Skill) -> Iterator[Alarm]:
    """What stands in its texts and no reader sees.

    Raises:
        UnavailableError: confusable-homoglyphs is not installed.
    """
    version()
    for path, text in skill.texts().items():
        yield from _characters(path, text)
        yield from _look_alikes(path, text)
    for path, text in skill.texts().items():
        if path.lower().endswith((".md", ".html", ".htm", ".mdx", ".svg")):
            yield from _unseen(path, text)
    for passage in passages(skill):
        if passage.hidden:
            why = directs(passage.plain)
            if why is not None:
                said = f"a comment, which no reader of the page sees, {why}"
                yield Alarm("instructing-comment", "high", passage.path, passage.line, said, passage.raw.strip()[:200])


def _characters(path: str, text: str) -> Iterator[Alarm]:
    bare = _FLAG.sub("", text)
    kinds: tuple[tuple[str, Severity, re.Pattern[str], int, str], ...] = (
        ("tag-characters", "critical", _TAGS, 1, "carries text in invisible tag characters"),
        (
            "direction-overrides",
            "high",
            _OVERRIDES,
            1,
            "changes the direction of writing, so that text reads otherwise than it is",
        ),
        ("variation-selectors", "critical", _SELECTORS, 1, "carries data in invisible variation selectors"),
        ("zero-width-data", "high", _ZERO_WIDTH, 1, "carries data in a run of invisible characters"),
        ("invisible-characters", "medium", _INVISIBLE, _MANY, "holds invisible characters within its text"),
        (
            "terminal-escapes",
            "medium",
            _ESCAPES,
            1,
            "holds control characters, which can rewrite what a terminal shows",
        ),
    )
    for rule, severity, pattern, least, why in kinds:
        found = list(pattern.finditer(bare if rule == "tag-characters" else text))
        if len(found) < least:
            continue
        if rule == "direction-overrides" and _is_right_to_left(text):
            continue
        source = bare if rule == "tag-characters" else text
        hidden = (
            "".join(chr(ord(c) - 0xE0000) for c in found[0][0])
            if rule == "tag-characters"
            else f"U+{ord(found[0][0][0]):04X}"
        )
        yield Alarm(
            rule,
            severity,
            path,
            source.count("\n", 0, found[0].start()) + 1,
            f"{why} ({len(found)} times)",
            hidden[:200],
        )


def _is_right_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(c) in ("R", "AL") for c in text if c > "\u0590")


def _look_alikes(path: str, text: str) -> Iterator[Alarm]:
    """Words that mix Latin letters with letters of another script that look the same."""
    if text.isascii():
        return
    from confusable_homoglyphs import confusables

    seen: dict[str, int] = {}
    for found in _WORD.finditer(text):
        word = found[0]
        if word.isascii() or word in seen or not re.search("[a-z]", word, re.IGNORECASE):
            continue
        others = [c for c in word if not c.isascii() and c.isalpha()]
        scripts = {unicodedata.name(c, "").partition(" ")[0] for c in others}
        if (
            scripts & {"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"}
            and len(others) <= len(word) / 2
            and confusables.is_dangerous(word)
        ):
            seen[word] = text.count("\n", 0, found.start()) + 1
    words = list(seen)
    if words:
        shown = ", ".join(words[:3])
        severity: Severity = "high" if len(words) >= _MANY else "medium"
        yield Alarm("look-alike-letters", severity, path, seen[words[0]],
                    f"mixes Latin letters with look-alikes of another script in {len(words)} words", shown)  # fmt: skip


def _unseen(path: str, text: str) -> Iterator[Alarm]:
    for found in _STYLED.finditer(text):
        why = directs(found[2])
        if why is not None:
            line = text.count("\n", 0, found.start()) + 1
            yield Alarm(
                "invisible-style",
                "high",
                path,
                line,
                f"text that is styled to be invisible {why}",
                found[2].strip()[:200],
            )
    for found in _FAR.finditer(text):
        rest = text[found.end() - 1 :].splitlines()
        why = directs(rest[0]) if rest else None
        if why is not None:
            line = text.count("\n", 0, found.end()) + 1
            yield Alarm(
                "pushed-out-of-sight",
                "high",
                path,
                line,
                f"text pushed out of sight by blanks {why}",
                rest[0].strip()[:200],
            )
