"""What the comments of a skill's programs say to an agent: it reads a script before it runs it."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from archwise.skills.scanners.reading import PROSE, Passage, plain
from archwise.skills.skill import Skill

_AGENT = r"(?:AIs?|LLMs?|[Aa]gents?|AGENTS?|[Aa]ssistants?|Claude|Copilot|Codex|Gemini|GPT)"
_TO_AN_AGENT = re.compile(
    rf"(?i:\b(?:notes?|message|instructions?|attention|directive|important)\b)[^\n:]{{0,12}}\b(?:to|for|TO|FOR)\b[^\n:]{{0,12}}\b{_AGENT}\b"
    rf"|^\W*To\s+(?:the\s+|all\s+|any\s+)?(?:AI\s+|coding\s+)?(?i:{_AGENT})s?\b[^\n:]{{0,60}}:|^\W*(?:AI\s+)?{_AGENT}\b[^\n:,]{{0,12}}:|(?i:\bif\s+you\s+are\s+an?)\s+(?:[\w-]+\s+)?{_AGENT}\b|\b{_AGENT}\s+(?i:must|should|shall|have\s+to|are\s+required)\b",
    re.MULTILINE,
)
_COMMENT = re.compile(
    r'"""(.+?)"""'
    r"|'''(.+?)'''"
    r"|/\*(.+?)\*/"
    r"|<(?:desc|title|text|metadata)\b[^>]*>([^<]{40,})</"
    r"|((?:^[ \t]*(?:\#|//|--|;;|%)[^\n]*(?:\n|\Z))+)"
    r'|"((?:[^"\\\n]|\\.){60,})"',
    re.DOTALL | re.MULTILINE,
)
_TOLD = re.compile(
    r"""["']?\b(?:description|instructions?|(?:system[_-]?)?prompt|system_?message|additionalContext)["']?\s*[:=]\s*"""
    r"""(?:"((?:[^"\\\n]|\\.){40,})"|'((?:[^'\\\n]|\\.){40,})')""",
    re.IGNORECASE,
)
"""What settings and the tools of a server tell an agent."""
_MARKS = re.compile(r"^[ \t]*(?:\#+|//+|--|;;|%|\*)[ \t]?", re.MULTILINE)
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_LONGEST = 200_000
"""Characters of a file that are read: more is data."""


def said_to_agents(skill: Skill) -> Iterator[Passage]:
    """The paragraphs of comments and documentation in code that turn to an agent, and what settings tell it."""
    for path, text in skill.texts().items():
        if PurePosixPath(path).suffix.lower() in PROSE or len(text) > _LONGEST:
            continue
        for found in _COMMENT.finditer(text):
            whole = next(group for group in found.groups() if group is not None)
            if _TO_AN_AGENT.search(whole):
                line = text.count("\n", 0, found.start()) + 1
                yield from _paragraphs(path, line, _MARKS.sub("", whole))
        for found in _TOLD.finditer(text):
            told = (found[1] or found[2]).replace("\\n", "\n").replace('\\"', '"')
            yield from _paragraphs(path, text.count("\n", 0, found.start()) + 1, told)


def _paragraphs(path: str, line: int, text: str) -> Iterator[Passage]:
    at = 0
    for paragraph in _PARAGRAPH.split(text):
        if paragraph.strip():
            flowing = " ".join(paragraph.split())
            yield Passage(path, line + text.count("\n", 0, text.index(paragraph, at)), paragraph, plain(flowing))
        at += len(paragraph)
