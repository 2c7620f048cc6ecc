"""A skill and what the panel said of it, for people."""

from collections.abc import Iterator, Sequence

from archwise.report.style import Role, Style, plural, printable
from archwise.skills.candidate import Candidate
from archwise.skills.frontmatter import Problem
from archwise.skills.panel import headline
from archwise.skills.scanners.scanner import SEVERITIES, Alarm, Row, Severity, Status

_SHOWN = 5
"""Alarms of one scanner that are shown; the rest is counted."""
_MARKS: dict[Status, tuple[str, Role]] = {
    "clean": ("✓", "help"),
    "flagged": ("!", "error"),
    "skipped": ("-", "dim"),
    "did-not-run": ("?", "warning"),
    "failed": ("x", "error"),
}
_COLORS: dict[Severity, Role] = {
    "critical": "error", "high": "error", "medium": "warning", "low": "info", "info": "dim",
}  # fmt: skip


def described(candidate: Candidate, style: Style) -> str:
    """The head of a listing: name, description, origin, size and form."""
    skill = candidate.skill
    origin = f"{candidate.source.location}"
    if candidate.commit:
        origin += f" at {candidate.commit[:12]}"
    if candidate.path:
        origin += f", {candidate.path}"
    size = sum(map(len, skill.files.values()))
    lines = [
        style("strong", printable(candidate.name)),
        f"  {printable(skill.description) or 'without a description'}",
        f"  from {style('place', printable(origin))}",
        f"  {plural(len(skill.files), 'file')}, {size:,} bytes · {candidate.form()}",
        *(f"  {line}" for line in problems(candidate.problems(), style)),
    ]
    if candidate.original:
        lines.append("  repaired: SKILL.md differs from the source's")
    return "\n".join(lines)


def abilities(row: Row) -> str:
    """What the skill can do, in one line: each with the first place that shows it."""
    if row.status == "failed":
        return f"  can: not known ({printable(row.reason)})"
    said = [f"{printable(each.why)} ({printable(each.path)}:{each.line})" for each in row.alarms]
    return f"  can: {', '.join(said) or 'nothing but be read'}"


def problems(found: Sequence[Problem], style: Style) -> Iterator[str]:
    """What is wrong with a skill's form, a line each."""
    roles: dict[str, Role] = {"fatal": "error", "warning": "warning", "note": "info"}
    for problem in found:
        yield f"{style(roles[problem.weight], problem.weight)}: line {problem.line}: {printable(problem.message)}"


def panel(rows: Sequence[Row], style: Style) -> str:
    """A row a scanner, each with its own status, and how many are clean."""
    width = max((len(row.title) for row in rows), default=0)
    return "\n".join([*(line for row in rows for line in _row(row, width, style)), f"  {headline(rows)}"])


def verdict(candidate: Candidate, rows: Sequence[Row], style: Style) -> str:
    """A skill among many: how many scanners are clean, and the rows that are flagged or failed."""
    width = max((len(row.title) for row in rows), default=0)
    marked = [row for row in rows if row.status in ("flagged", "failed") and row.worst not in ("low", None)]
    head = f"{style('strong', printable(candidate.name))}  {candidate.form()} · {headline(rows)}"
    return "\n".join([head, *(line for row in marked for line in _row(row, width, style))])


def _row(row: Row, width: int, style: Style) -> Iterator[str]:
    mark, role = _MARKS[row.status]
    what = row.status.replace("-", " ")
    detail = _counts(row.alarms) if row.status == "flagged" else printable(row.reason)
    yield f"  {style(role, mark)} {row.title:<{width}}  {style(role, what)}{': ' if detail else ''}{detail}"
    grave = sorted(row.alarms, key=lambda alarm: -SEVERITIES.index(alarm.severity))
    grave = [alarm for alarm in grave if alarm.severity != "info" and row.scanner != "specification"]
    for alarm in grave[:_SHOWN]:
        place = f"{alarm.path}:{alarm.line}" if alarm.line else alarm.path
        severity = style(_COLORS[alarm.severity], alarm.severity)
        yield f"      {style('place', printable(place))} {severity} {printable(alarm.why)} [{alarm.rule}]"
    if len(grave) > _SHOWN:
        yield f"      and {len(grave) - _SHOWN} more"


def _counts(alarms: Sequence[Alarm]) -> str:
    counts = {each: sum(alarm.severity == each for alarm in alarms) for each in reversed(SEVERITIES)}
    return ", ".join(f"{count} {severity}" for severity, count in counts.items() if count and severity != "info")
