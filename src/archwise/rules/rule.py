"""What a rule says of itself: the one text that docs, ``explain``, SARIF and every report are rendered from."""

import functools
import re
from importlib import import_module
from typing import Literal, Self

import msgspec

from archwise.findings import Severity

Status = Literal["stable", "preview"]

HEADINGS = {
    "What it does": "what",
    "Why is this bad": "why",
    "Example": "example",
    "Use instead": "instead",
    "Evidence needed": "evidence",
    "When not to follow it": "exceptions",
    "References": "references",
}
"""The sections of a rule module's docstring, in their order, and the field that keeps each."""

_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_SNIPPET = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SETTINGS = re.compile(r"^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"^# ([\w/]+\.py)\n", re.MULTILINE)
_PAGE = re.compile(r"^```html\n\{# ([\w/]+\.html) #\}\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class RuleError(Exception):
    """A rule module's docstring is not of the fixed form."""


class Text(msgspec.Struct, frozen=True):
    """The explanation of a rule: its module's docstring, section by section."""

    summary: str = ""
    what: str = ""
    why: str = ""
    example: str = ""
    instead: str = ""
    evidence: str = ""
    exceptions: str = ""
    references: str = ""

    @classmethod
    def of(cls, doc: str | None, code: str) -> Self:
        """The text of a docstring; none where docstrings are dropped (``python -OO``): the checks work all the same.

        Raises:
            RuleError: the docstring lacks a section, or has them in another order.
        """
        if doc is None:
            return cls()
        summary, *parts = _HEADING.split(doc)
        found = parts[::2]
        if found != list(HEADINGS):
            raise RuleError(f"{code}: the docstring's sections are {found}, not {list(HEADINGS)}")
        texts = {HEADINGS[heading]: text.strip() for heading, text in zip(found, parts[1::2], strict=True)}
        return cls(summary.strip(), **texts)

    @property
    def bad(self) -> dict[str, str]:
        """The files of a project that breaks the rule; each finding's line ends with the rule's code as a comment."""
        return _files(self.example)

    @property
    def good(self) -> dict[str, str]:
        """The same project, put right."""
        return _files(self.instead)

    @property
    def settings(self) -> str:
        """What the example's project says in its ``pyproject.toml``, where that matters."""
        return _snippet(_SETTINGS, self.example)


class Rule(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A rule's identity; its module explains it, and checks.

    ``claims`` are the ids of the guide's sentences that it enforces. ``severity`` is the highest that a finding of it
    takes: each has its own, by kind and context. ``advice`` names no defect and is off unless selected. ``also`` are
    the codes under which other tools report the same at the same place: whoever silences those has looked.
    """

    code: str
    name: str
    module: str
    claims: tuple[str, ...]
    since: str
    severity: Severity
    status: Status = "stable"
    advice: bool = False
    also: tuple[str, ...] = ()

    @functools.cached_property
    def text(self) -> Text:
        """The rule's explanation.

        Raises:
            RuleError: it is not of the fixed form.
        """
        return Text.of(import_module(self.module).__doc__, self.code)

    @property
    def default(self) -> bool:
        """Whether the rule runs when nothing is selected."""
        return self.status == "stable" and not self.advice

    def markdown(self, *, title: bool = True) -> str:
        """The explanation as a page."""
        head = [f"# {self.name} ({self.code})"] if title else []
        body = [f"## {heading}\n\n{getattr(self.text, field)}" for heading, field in HEADINGS.items()]
        return "\n\n".join([*head, self.text.summary, self._status(), *body]) + "\n"

    def _status(self) -> str:
        parts = [f"Severity: {self.severity}", f"since {self.since}", self.status]
        if not self.default:
            parts.append("off unless selected")
        if self.claims:
            parts.append(f"claims {', '.join(self.claims)}")
        return f"*{' · '.join(parts)}*"


def _files(section: str) -> dict[str, str]:
    """The files of a snippet: each after a comment line of its path alone, one without such a line by itself."""
    first, *rest = _FILE.split(_snippet(_SNIPPET, section))
    files = dict(zip(rest[::2], rest[1::2], strict=True)) if rest else {"example.py": first}
    return {**files, **dict(_PAGE.findall(section))}


def _snippet(pattern: re.Pattern[str], section: str) -> str:
    match = pattern.search(section)
    return match.group(1) if match else ""
