"""A review of the size that the page must bear: 2,000 modules, 5,000 findings."""

import datetime

from archwise.decide.context import Answer
from archwise.findings import Finding, Hop, Report, Severity
from archwise.guide.load import guide
from archwise.review.model import Edge, Figure, Map, Measured, Part, Place, Review, Seen
from archwise.review.review import Program, review

MODULES, FINDINGS, PARTS = 2000, 5000, 24
_RULES: tuple[tuple[str, str, Severity], ...] = (
    ("AW201", "blocking-call-in-async", "error"),
    ("AW501", "relation-read-per-row", "warning"),
    ("AW301", "untyped-public-function", "info"),
)


class _NoCosts:
    """Prices nothing: there is no call graph."""

    def of(self, decision: str, taken: str, to: str) -> None:
        """No cost."""


def large_review() -> tuple[Review, Report]:
    """A service of 24 packages, its verdicts and findings."""
    report = Report("/shop", tuple(map(_finding, range(FINDINGS))), MODULES, 400 * MODULES)
    names = [f"shop.part_{number % PARTS}.module_{number}" for number in range(MODULES)]
    parts = tuple(Part(f"part_{at}", tuple(names[at::PARTS]), at) for at in range(PARTS))
    edges = tuple(
        Edge(f"part_{at}", f"part_{to}", at + 1, 0, (Place(f"part_{at}/module.py", 1, f"imports part_{to}"),))
        for at in range(PARTS)
        for to in ((at * 2 + 1) % PARTS, (at * 3 + 2) % PARTS)
        if to != at
    )
    places = tuple(Place(f"shop/part_0/module_{at}.py", at + 1, f"GET /orders/{at}") for at in range(40))
    seen = {
        "framework": Seen("fastapi", "1,000 of 1,000 endpoints", places),
        "concurrency": Seen("sync", "12 of 1,000 endpoints are async", places),
        "grouping": Seen("ungrouped", "neither layers nor features"),
        "typing": Seen("optional", "10 of 100 public functions are fully typed", places),
    }
    figures = (Figure("endpoints", "Endpoints of FastAPI", "1000", places, 1000),)
    factors = {"kind": Seen("api", "1,000 endpoints, and no pages", places), "size": Seen("large", "2,000 modules")}
    program = Program(Measured(figures, factors, seen, Map("packages", False, parts, edges)), _NoCosts(), ())  # type: ignore[arg-type]
    answers = {"connections": Answer("many", "said")}
    today = datetime.date(2026, 11, 1)
    return review(program, report, guide(), name="shop", said=answers, recorded={}, today=today), report


def _finding(number: int) -> Finding:
    rule, name, severity = _RULES[number % 3]
    path = f"shop/part_{number % PARTS}/module_{number % MODULES}.py"
    # the first cause is wide; the rest are of three places each
    cause = "wide" if number < 900 and severity == "error" else str(number // 9)
    hops = tuple(Hop(path, 7 + step, 5, f"call_{number}", "calls `save`") for step in range(3))
    return Finding(
        rule, name, path, 7, 5, 7, f"call_{number}", f"`time.sleep` in `call_{number}`", severity, "certain",
        ("G2.2",), "use `asyncio.sleep`", f"{number:x}", cause, f"`time.sleep` blocks cause {cause}",
        ("GET /orders",), hops,
    )  # fmt: skip
