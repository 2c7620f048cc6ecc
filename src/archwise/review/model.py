"""What a review says: figures with their places, decisions with a verdict each, and what a change would cost."""

from typing import Literal

import msgspec

from archwise.report.style import plural

Stand = Literal["fits", "drifts", "contradicts", "undecided"]
"""How what was done stands to what is advised: the same; allowed, though another is better; ruled out; not decided."""


class Place(msgspec.Struct, frozen=True, order=True):
    """Where something was seen: a path relative to the root, a line counted from one, and what stands there."""

    path: str
    line: int
    what: str = ""


class Figure(msgspec.Struct, frozen=True):
    """Something that was counted. ``places`` are the first of ``total`` places that it was counted at."""

    id: str
    title: str
    value: str
    places: tuple[Place, ...] = ()
    total: int = 0


class Seen(msgspec.Struct, frozen=True):
    """A value that the code shows, and why: for a factor one of its values, for a decision one of its options.

    ``value`` of a decision may be something that the guide does not weigh; then it is the name as people say it.
    ``name`` is what was seen, where it goes by another name than the option.
    """

    value: str
    why: str
    places: tuple[Place, ...] = ()
    name: str = ""


class Cost(msgspec.Struct, frozen=True):
    """What moving to another option would touch, counted in the call graph."""

    functions: int
    files: int
    calls: int
    places: tuple[Place, ...] = ()

    @property
    def counted(self) -> str:
        """The counts in words."""
        where = f"{plural(self.functions, 'function')} of {plural(self.files, 'file')}"
        return f"{plural(self.calls, 'place')} in {where}"


class Reason(msgspec.Struct, frozen=True):
    """A row of a decision's table that holds here, with the claims it rests on."""

    text: str
    claims: tuple[str, ...]
    option: str
    against: bool = False


class Verdict(msgspec.Struct, frozen=True):
    """One decision: what was taken, what is advised, how the two stand, why, and what moving would cost."""

    decision: str
    title: str
    question: str
    stand: Stand
    taken: str
    advised: str
    evidence: Seen | None
    reasons: tuple[Reason, ...]
    open: tuple[str, ...] = ()
    """Questions whose answer could still change the advice."""
    cost: Cost | None = None


class Line(msgspec.Struct, frozen=True):
    """A line of the checklist of section 10."""

    claim: str
    text: str
    answer: Stand
    because: str


class Edge(msgspec.Struct, frozen=True):
    """Imports from one part of the map to another; ``wrong`` of them are against the direction, or close a cycle."""

    source: str
    target: str
    imports: int
    wrong: int
    places: tuple[Place, ...] = ()


class Part(msgspec.Struct, frozen=True):
    """A layer or feature: its modules, and how many endpoints they hold."""

    name: str
    modules: tuple[str, ...]
    endpoints: int


Kind = Literal["layers", "features", "packages"]


class Map(msgspec.Struct, frozen=True):
    """The parts of the program and the imports between them; ``kind`` says what the parts are."""

    kind: Kind
    declared: bool
    parts: tuple[Part, ...]
    edges: tuple[Edge, ...]


class Measured(msgspec.Struct, frozen=True):
    """What was measured: figures, and what they show of the context and of the decisions taken."""

    figures: tuple[Figure, ...]
    factors: dict[str, Seen]
    options: dict[str, Seen]
    map: Map
    partly: dict[str, str] = {}
    """By decision, the option that a good part of the program takes beside the one that most of it takes."""


class Changed(msgspec.Struct, frozen=True):
    """A decision that stands or was taken otherwise than before."""

    decision: str
    title: str
    stood: Stand
    had: str
    stand: Stand
    taken: str
    trend: Literal["better", "worse", "other"]


class Moved(msgspec.Struct, frozen=True):
    """A figure that was another before; what was not counted then or now is ``0``."""

    id: str
    title: str
    before: str
    after: str


class Shift(msgspec.Struct, frozen=True):
    """A cause that check finds at other places than before: ``places`` of them came (new, grown) or went.

    ``path`` and ``line`` are those of the first of them; of places that went, in the earlier revision.
    """

    kind: Literal["new", "grown", "fixed", "shrunk"]
    rule: str
    severity: str
    message: str
    places: int
    path: str
    line: int


class Compared(msgspec.Struct, frozen=True):
    """What has changed since a Git revision, and the commit that it named."""

    revision: str
    commit: str
    verdicts: tuple[Changed, ...]
    figures: tuple[Moved, ...]
    causes: tuple[Shift, ...]


class Review(msgspec.Struct, frozen=True):
    """The whole review of one program. ``version`` is that of this form."""

    version: int
    name: str
    files: int
    lines: int
    sentence: str
    figures: tuple[Figure, ...]
    factors: dict[str, Seen]
    verdicts: tuple[Verdict, ...]
    checklist: tuple[Line, ...]
    map: Map
    blind: tuple[Figure, ...]
    """What could not be looked into, counted."""
    compared: Compared | None = None
