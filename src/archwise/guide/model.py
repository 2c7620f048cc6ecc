"""What the guide's data is made of: claims, facts, factors, and decisions with their options and rows."""

import datetime
import functools
from typing import Literal

import msgspec

Verb = Literal["decide", "check", "new", "review", "explain", "skill"]
Condition = dict[str, tuple[str, ...]]
"""Values by factor or decision: it holds where each of them has one of its values."""


class _Data(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """A table of the files: an unknown key is an error."""


class Section(_Data, frozen=True, kw_only=True):
    """A section of the guide."""

    id: str
    title: str


class Claim(_Data, frozen=True, kw_only=True):
    """A sentence of the guide; ``carriers`` are the commands that must act on it, ``facts`` what has moved since.

    ``commands`` are those that do what it says, where no rule and no decision does: ``skill add``.
    """

    id: str
    section: str
    text: str
    carriers: tuple[Verb, ...]
    commands: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()


class Fact(_Data, frozen=True, kw_only=True):
    """What is known of a package or a standard, from when on, and when to look again."""

    id: str
    package: str
    version: str
    status: Literal["current", "beta", "maintenance", "unreleased", "archived", "removed"]
    says: str
    source: str
    as_of: datetime.date = msgspec.field(name="as_of")
    review_by: datetime.date = msgspec.field(name="review_by")

    def stale(self, today: datetime.date) -> bool:
        """Whether it was due to be looked at again."""
        return today > self.review_by

    def dated(self, today: datetime.date) -> str:
        """The fact with its date, and a warning where it is stale."""
        due = f", due for review since {self.review_by}" if self.stale(today) else ""
        return f"{self.says.removesuffix('.')} (as of {self.as_of:%B %Y}{due})."


class Factor(_Data, frozen=True, kw_only=True):
    """Something known of a context: a question, why it is asked, its values in plain words, how code shows it."""

    id: str
    question: str
    why: str
    measured: str
    values: dict[str, str]
    claims: tuple[str, ...]
    first: bool = False


class Impossible(_Data, frozen=True, kw_only=True):
    """Answers that cannot hold together."""

    id: str
    when: Condition
    because: str


class Wording(_Data, frozen=True, kw_only=True):
    """How an option is said where ``when`` holds; what is left out is said as ever."""

    when: dict[str, tuple[str, ...]]
    title: str = ""
    good: str = ""
    bad: str = ""


class Option(_Data, frozen=True, kw_only=True):
    """One way to decide: what it costs, and the rules that a project takes on with it.

    ``moot`` says that the question does not arise, so there is nothing to record. Who takes an option has all that
    those it ``covers`` give, and more. ``wording`` says it for contexts in which the usual words would mean nothing.
    """

    id: str
    title: str
    good: str
    bad: str
    moot: bool = False
    covers: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    traits: dict[str, str] = {}
    wording: tuple[Wording, ...] = ()


class Row(_Data, frozen=True, kw_only=True):
    """A reason: where ``when`` holds, one of ``must`` is taken, none of ``forbids``, and a point goes to ``prefers``.

    Exactly one of the three is given. ``claims`` or ``facts`` say where the reason comes from. ``custom`` says that
    what it rules out would work as well: it decides what is new, and code that does otherwise drifts, no more.
    """

    id: str
    when: Condition
    because: str
    must: tuple[str, ...] = ()
    forbids: tuple[str, ...] = ()
    prefers: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    custom: bool = False


class Decision(_Data, frozen=True, kw_only=True):
    """A question with options, simplest first, and the rows that choose among them."""

    id: str
    title: str
    question: str
    claims: tuple[str, ...]
    option: tuple[Option, ...]
    row: tuple[Row, ...]
    headline: bool = False

    def named(self, option: str) -> Option:
        """The option of that id."""
        return next(each for each in self.option if each.id == option)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The factors and decisions that its rows read, in order of first use."""
        return tuple(dict.fromkeys(name for row in self.row for name in row.when))


class Guide(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """All of it, by id; a decision stands after those that its rows read."""

    sections: dict[str, Section]
    claims: dict[str, Claim]
    facts: dict[str, Fact]
    factors: dict[str, Factor]
    impossible: tuple[Impossible, ...]
    decisions: dict[str, Decision]

    @functools.cached_property
    def clauses(self) -> dict[str, tuple[Impossible, ...]]:
        """By factor, what is impossible of it."""
        return {name: tuple(clause for clause in self.impossible if name in clause.when) for name in self.factors}

    @functools.cached_property
    def upstream(self) -> dict[str, frozenset[str]]:
        """By decision, itself and all those it builds on."""
        found: dict[str, frozenset[str]] = {}
        for name, decision in self.decisions.items():
            found[name] = frozenset({name}).union(*(found[each] for each in decision.inputs if each in found))
        return found
