"""Words for what an order to an agent is made of, in several languages: ``vocabulary.toml`` as patterns.

A concept is listed by its words: `*` stands for an ending, `..` for up to six words in between, `(a|b)` for either; the
rest is a regular expression. Most texts hold none of the words that a phrase can begin with, and are not searched.
"""

import functools
import re
import tomllib
from collections.abc import Iterable, Iterator

import msgspec

from archwise.skills.scanners.rules import source

FILES = ("vocabulary.toml", "words.toml")
_WITHOUT_SPACES = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""A letter of a script that sets no spaces between words, or ties endings to them."""
_ENDING = re.compile(r"(?<!\\S)(?<!\\w)(?<!\\s)(?<!\])\*")
_GROUP = re.compile(r"\((?!\?)")
_SPACE = r"\s+"
_MAYBE = r"\s*"
_GAP = r"(?:(?!(?:not|never)\s)[^\s.!?;]\S*\s+){0,6}?"
_END = re.compile(r"[.!?:;]\s+|\n|。")
_ENGLISH = re.compile(
    r"\b(?:the|and|with|from|your|you|for|is|are|to|of|this|that|in|when|if|use|it|not|or)\b", re.IGNORECASE
)
_SHORT = 4
"""Words of a text that is too short to tell its language."""
_WORD = re.compile(r"\w+")
_HEAD = re.compile(r"\w+(?=\*?(?:'\w+)?(?:\W|$))")
_LONGEST_HEAD = 6


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    concept: dict[str, dict[str, tuple[str, ...]]]
    """Words by concept and language."""


class Phrase(msgspec.Struct, frozen=True):
    """A way to say something; ``heads`` are the beginnings of the words it can start with, None where any may be."""

    heads: frozenset[str] | None
    pattern: re.Pattern[str]

    def search(self, text: str) -> re.Match[str] | None:
        """Where it is said."""
        if self.heads is not None and self.heads.isdisjoint(_beginnings(text)):
            return None
        return self.pattern.search(text)


class Concept(msgspec.Struct, frozen=True):
    """The ways to say something in English, and in other languages."""

    english: tuple[Phrase, ...]
    abroad: tuple[Phrase, ...]

    def search(self, text: str) -> re.Match[str] | None:
        """Where it is said; words of other languages count only in a text that has a sentence in one."""
        phrases = self.english if _is_english(text) else (*self.english, *self.abroad)
        return next((found for phrase in phrases if (found := phrase.search(text))), None)


@functools.cache
def concepts() -> dict[str, Concept]:
    """What there are words for, by name."""
    files = [msgspec.convert(tomllib.loads(source(name).decode()), _File) for name in FILES]
    return {name: _concept(languages) for file in files for name, languages in file.concept.items()}


def _concept(languages: dict[str, tuple[str, ...]]) -> Concept:
    abroad = (word for language, words in languages.items() if language != "en" for word in words)
    return Concept(tuple(_phrases(languages["en"])), tuple(_phrases(abroad)))


def _phrases(words: Iterable[str]) -> Iterator[Phrase]:
    for word in words:
        heads = _heads(word)
        short = None if None in heads else frozenset(head[:_LONGEST_HEAD] for head in heads if head)
        yield Phrase(short, re.compile(_pattern(word), re.IGNORECASE))


def _pattern(word: str) -> str:
    before, after = ("", "") if _WITHOUT_SPACES.search(word) else (r"(?<!\w)", r"(?!\w)")
    inner = _ENDING.sub(r"\\w*", _GROUP.sub("(?:", word)).replace(" .. ", f" {_GAP}").replace("'", "['’]")
    return f"{before}(?:{inner.replace(' ?', _MAYBE).replace(' ', _SPACE)}){after}"


def _heads(word: str) -> set[str | None]:
    """The words that a phrase can begin with, in lower case; None among them where that cannot be told."""
    if _WITHOUT_SPACES.search(word):
        return {None}
    if word.startswith("("):
        end = _closing(word)
        heads = {head for each in _alternatives(word[1:end]) for head in _heads(each)}
        optional = word[end + 1 : end + 2] == "?"
        return heads | _heads(word[end + 2 :].lstrip()) if optional else heads
    found = _HEAD.match(word)
    return {found[0].lower()} if found else {None}


def _closing(word: str) -> int:
    """Where the group ends that a phrase begins with."""
    depth = 0
    for at, letter in enumerate(word):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return at
    raise ValueError(f"a parenthesis is not closed: {word}")


def _alternatives(group: str) -> Iterator[str]:
    depth = start = 0
    for at, letter in enumerate(group):
        depth += (letter == "(") - (letter == ")")
        if letter == "|" and depth == 0:
            yield group[start:at]
            start = at + 1
    yield group[start:]


@functools.lru_cache(maxsize=512)
def _beginnings(text: str) -> frozenset[str]:
    """What the words of a text begin with, of every length that is looked for."""
    words = {word[:_LONGEST_HEAD] for word in _WORD.findall(text.lower())}
    return frozenset(word[:end] for word in words for end in range(1, len(word) + 1))


@functools.lru_cache(maxsize=512)
def _is_english(text: str) -> bool:
    """Whether every sentence holds one of the commonest English words, or is too short to tell."""
    return all(_ENGLISH.search(said) or (said.isascii() and said.count(" ") < _SHORT) for said in _END.split(text))
