"""How the scanners read a skill: its prose passage by passage, its code snippet by snippet.

Markdown is read by a Markdown parser, so that a fenced block, a comment and a sentence are told apart, and each keeps
its line. What is meant to mislead a reader of characters (invisible ones, wide ones, spelled-out words, text in base64)
is undone before the words are looked at.
"""

import base64
import binascii
import functools
import re
import unicodedata
from collections.abc import Iterator
from pathlib import PurePosixPath

import msgspec
from markdown_it import MarkdownIt
from markdown_it.token import Token

from archwise.skills.scanners.embedded import Language, programs
from archwise.skills.skill import MANIFEST, Skill

PROSE = frozenset({".md", ".markdown", ".mdx", ".mdc", ".txt", ".rst"})
_BY_SUFFIX: dict[str, Language] = {
    **dict.fromkeys((".py", ".pyw"), "python"),
    **dict.fromkeys((".sh", ".bash", ".zsh", ".command", ".fish", ".ksh"), "shell"),
    **dict.fromkeys((".js", ".mjs", ".cjs", ".ts", ".mts", ".tsx", ".jsx"), "javascript"),
    **dict.fromkeys((".ps1", ".psm1", ".bat", ".cmd", ".vbs", ".bas"), "powershell"),
    **dict.fromkeys(
        (
            ".kts",
            ".gradle",
            ".applescript",
            ".scpt",
            ".json",
            ".yaml",
            ".yml",
            ".toml",
            ".plist",
            ".service",
            ".tf",
            ".sql",
            ".desktop",
        ),
        "other",
    ),
}
_BY_WORD: dict[str, Language] = {
    **dict.fromkeys(("python", "py", "python3"), "python"),
    **dict.fromkeys(("bash", "sh", "shell", "zsh", "console", "shell-session", "terminal"), "shell"),
    **dict.fromkeys(("javascript", "js", "typescript", "ts", "node", "jsx", "tsx"), "javascript"),
    **dict.fromkeys(("powershell", "ps1", "pwsh", "cmd", "batch"), "powershell"),
}
_SCRIPT = re.compile(r"\bawait\s+\w+\(|=>|\b(?:const|let)\s+\w+\s*=")
"""What stands in code within a line that is JavaScript rather than a command."""
_PYTHON = re.compile(r"\b__import__\(|^(?:exec|eval)\(|^import\s+[\w.]+\s*;")
"""The same of Python."""
_WRAPPINGS = frozenset({".txt", ".tmpl", ".template", ".example", ".sample", ".j2", ".tpl", ".in", ".dist", ".bak"})
"""What is added to the name of a file that is to be filled in, or that is not to be run where it lies."""
_TEXT = frozenset({"text", "txt", "markdown", "md", "plaintext", "prompt"})
"""Words that say of a block that it is no code."""
_SHEBANG = re.compile(rb"#![^\n]*\b(python|bash|zsh|sh|node|deno|bun)")
_LABEL = re.compile(r"""(?:^|[ ])\[(?://|comment|_|\#)[^\]\n]*\]:[ ]*\S+[ ]+["'(](.+)["')][ ]*$""", re.MULTILINE)
"""A link label that nothing refers to: a comment, which no page shows."""
_DIGIT_SPELLED = re.compile(r"\b\w*[a-z][013457]{1,2}[a-z]\w*", re.IGNORECASE)
_DIGITS_AS_LETTERS = str.maketrans("013457", "oieast")
_CODE_SPAN = re.compile(r"`([^`\n]+ [^`\n]+)`")
_ROW = re.compile(r"^[ \t]*\|.+$", re.MULTILINE)
_COMMENT = re.compile(r"<!--(.*?)(?:-->|\Z)", re.DOTALL)
_SPELLED = re.compile(r"\b(?:[A-Za-z][ .\-_]){4,}[A-Za-z]\b")
_BASE64 = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/]{24,}={0,2}(?![\w+/=-])")
_SENTENCE = re.compile(r"(?<=[.!?:;])\s+|\n")
_STATEMENT = re.compile(r"(?<=[.!?])\s+|\n")
_EMPHASIS = re.compile(r"\*\*|__|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)")
_NOT_WITHOUT = re.compile(
    r"(\b(?:never|not|don't|nothing|no)\b(?:(?!\b(?:and|but|then)\b)[^.,;:\n]){1,80})\bwithout\b", re.IGNORECASE
)
_WRAPPED = re.compile(r"(?<=\S)[ \t]*\n[ \t]*(?=\S)")
"""Where a paragraph goes on in the next line: no sentence ends there."""
_LONGEST = 400_000
"""Characters of a file that are read as prose: more is data, not instructions."""


class Passage(msgspec.Struct, frozen=True):
    """A paragraph, list item, heading, table cell or comment, as it stands in a file, and its words made plain.

    ``heading`` is the title of the section it stands under; ``hidden`` says that a reader of the page does not see it,
    ``shown`` that it is set apart as a text that is not the page's own.
    """

    path: str
    line: int
    raw: str
    plain: str
    heading: str = ""
    hidden: bool = False
    shown: bool = False

    def sentences(self) -> list[str]:
        """Its sentences, in order."""
        return [part for part in _SENTENCE.split(self.plain) if part.strip()]

    def statements(self) -> list[str]:
        """Its sentences up to their full stops, colons and semicolons in them."""
        return [part for part in _STATEMENT.split(self.plain) if part.strip()]


class Snippet(msgspec.Struct, frozen=True):
    """A program, or a piece of one that the text shows: ``fenced`` tells which."""

    path: str
    line: int
    language: Language
    text: str
    fenced: bool


def passages(skill: Skill) -> list[Passage]:
    """The prose of a skill: what an agent reads as instructions."""
    return _prose(skill)[0]


def snippets(skill: Skill, *languages: Language) -> list[Snippet]:
    """The code of a skill in these languages: its files, and the blocks in its texts."""
    found = [*_files(skill), *_prose(skill)[1]]
    return [snippet for snippet in found if snippet.language in languages]


def plain(text: str) -> str:
    """The words of a text as a reader of meaning sees them: compatibility forms, no invisible characters or emphasis,
    spelled-out words joined, and "not … without" as what it means."""
    text = "".join(c for c in unicodedata.normalize("NFKC", text) if c in "\n\t" or unicodedata.category(c) != "Cf")
    text = _NOT_WITHOUT.sub(lambda found: f"{found[1]}with", _EMPHASIS.sub("", text))
    return _SPELLED.sub(lambda found: re.sub(r"[ .\-_]", "", found[0]), text)


def letters(text: str) -> str:
    """A text with the letters that its digits stand for ("1gn0re"), where several of its words are spelled that way."""
    return text.translate(_DIGITS_AS_LETTERS) if len(_DIGIT_SPELLED.findall(text)) > 1 else text


def decoded(text: str) -> Iterator[str]:
    """Readable text that stands in a text as base64."""
    for found in _BASE64.finditer(text):
        word = found[0]
        try:
            data = base64.b64decode(word + "=" * (-len(word) % 4), validate=True)
            inner = data.decode("ascii")
        except (binascii.Error, UnicodeDecodeError, ValueError):
            continue
        if inner.isprintable() or all(c.isprintable() or c in "\r\n\t" for c in inner):
            yield inner


def without_wrapping(path: str) -> str:
    """The name of a file without what says that it is a template or a text: ``setup.sh.txt`` is a script."""
    place = PurePosixPath(path)
    inner = PurePosixPath(place.stem).suffix.lower()
    return str(place.with_suffix("")) if inner in _BY_SUFFIX and place.suffix.lower() in _WRAPPINGS else path


def _prose(skill: Skill) -> tuple[list[Passage], list[Snippet]]:
    front = skill.front
    prose: list[Passage] = []
    code: list[Snippet] = []
    for field, value in front.fields.items():
        for said in _said(value):
            line = front.lines.get(field, 1)
            prose.append(Passage(MANIFEST, line, said, plain(said), "description"))
            code.extend(Snippet(MANIFEST, line, "shell", each, fenced=True) for each in _CODE_SPAN.findall(said))
        if field == "hooks":
            code.extend(Snippet(MANIFEST, line, "shell", each, fenced=False) for each in _said(value) if " " in each)
    prose.extend(_comments(MANIFEST, front.before, 1))
    for path, text in skill.texts().items():
        if path == MANIFEST:
            text, first = front.body, front.body_line
        elif PurePosixPath(path).suffix.lower() in PROSE:
            first = 1
        else:
            continue
        said_here, shown_here = _markdown(path, text[:_LONGEST], first)
        prose.extend(said_here)
        code.extend(shown_here)
    return prose, code


def _said(value: object) -> Iterator[str]:
    """The texts within a value of the front matter."""
    if isinstance(value, str) and value.strip():
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _said(each)
    elif isinstance(value, list):
        for each in value:
            yield from _said(each)


def _files(skill: Skill) -> Iterator[Snippet]:
    for path, text in skill.texts().items():
        named = without_wrapping(path)
        for each in programs(named, text):
            yield Snippet(path, each.line, each.language, each.text, fenced=False)
        language = _BY_SUFFIX.get(PurePosixPath(named).suffix.lower())
        if language is None:
            shebang = _SHEBANG.match(skill.files[path])
            if shebang is None:
                continue
            word = shebang[1].decode()
            language = "python" if word == "python" else "javascript" if word in ("node", "deno", "bun") else "shell"
        yield Snippet(path, 1, language, text, fenced=language == "other")


@functools.lru_cache(maxsize=256)
def _markdown(path: str, text: str, first: int) -> tuple[tuple[Passage, ...], tuple[Snippet, ...]]:
    prose: list[Passage] = []
    code: list[Snippet] = []
    heading = ""
    tokens = _parser().parse(text)
    for number, token in enumerate(tokens):
        line = first + (token.map[0] if token.map else 0)
        if token.type in ("fence", "code_block"):
            words = token.info.split()
            language = _BY_WORD.get(words[0].lower().strip("{}."), "other") if words else "shell"
            code.append(Snippet(path, line + (token.type == "fence"), language, token.content, fenced=True))
            if not words or words[0].lower() in _TEXT:
                prose.append(Passage(path, line + 1, token.content, plain(token.content), heading, shown=True))
        elif token.type in ("html_block", "inline") and token.content.strip():
            prose.extend(_comments(path, _markup(token), line, heading))
            visible = _COMMENT.sub("", token.content).strip()
            if visible:
                flowing = visible if token.type == "html_block" else _WRAPPED.sub(" ", visible)
                prose.append(Passage(path, line, visible, plain(flowing), heading))
            for child in token.children or ():
                if child.type == "code_inline" and (" " in child.content or "IFS" in child.content):
                    inline: Language = "javascript" if _SCRIPT.search(child.content) else "shell"
                    if _PYTHON.search(child.content):
                        inline = "python"
                    code.append(Snippet(path, line, inline, child.content, fenced=True))
            if number and tokens[number - 1].type == "heading_open":
                heading = token.content
    for row in _ROW.finditer(text):
        for span in _CODE_SPAN.findall(row[0]):
            if "|" in span:
                code.append(Snippet(path, first + text.count("\n", 0, row.start()), "shell", span, fenced=True))
    for label in _LABEL.finditer(text):
        at = first + text.count("\n", 0, label.start())
        prose.append(Passage(path, at, label[1], plain(label[1]), hidden=True))
    return tuple(prose), tuple(code)


def _markup(token: Token) -> str:
    """The HTML of a block or a paragraph, without what stands in it as code."""
    if token.type == "html_block":
        return token.content
    return "".join(child.content for child in token.children or () if child.type == "html_inline")


def _comments(path: str, text: str, line: int, heading: str = "") -> Iterator[Passage]:
    for found in _COMMENT.finditer(text):
        if found[1].strip():
            at = line + text.count("\n", 0, found.start())
            yield Passage(path, at, found[1], plain(_WRAPPED.sub(" ", found[1])), heading, hidden=True)


@functools.cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"maxNesting": 40}).enable("table")
