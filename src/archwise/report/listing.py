"""The listing of a skill: what it is, what it holds, what the panel said."""

from collections.abc import Sequence
from typing import Any

from archwise.report.panel import abilities, described, panel
from archwise.report.style import Style, printable
from archwise.skills.candidate import Candidate
from archwise.skills.catalogue import Listed
from archwise.skills.panel import headline
from archwise.skills.scanners.scanner import Row
from archwise.skills.tags import category, tags

_SHOWN_FILES = 20


def listing(candidate: Candidate, rows: Sequence[Row], can: Row, like: Sequence[Listed], style: Style) -> str:
    """The listing for people."""
    files = candidate.skill.files
    facts = {
        "tags": ", ".join(tags(candidate.skill)),
        "category": category(candidate.skill, candidate.path),
        "licence": str(candidate.skill.front.fields.get("license", "")),
    }
    lines = [described(candidate, style)]
    lines += [f"  {name}: {printable(value)}" for name, value in facts.items() if value]
    lines += [f"    {len(data):>9,}  {printable(path)}" for path, data in list(files.items())[:_SHOWN_FILES]]
    if len(files) > _SHOWN_FILES:
        lines.append(f"    and {len(files) - _SHOWN_FILES:,} more")
    lines += [abilities(can), panel(rows, style)]
    lines += [f"  related: {printable(each.name)}: {printable(each.gist)}" for each in like]
    return "\n".join(lines)


def as_data(candidate: Candidate, rows: Sequence[Row], can: Row, like: Sequence[Listed]) -> dict[str, Any]:
    """The listing for programs."""
    skill = candidate.skill
    return {
        "name": candidate.name,
        "description": skill.description,
        "tags": tags(skill),
        "category": category(skill, candidate.path),
        "source": str(candidate.source),
        "commit": candidate.commit,
        "path": candidate.path,
        "digest": skill.digest(),
        "form": candidate.form(),
        "problems": candidate.problems(),
        "files": {path: len(data) for path, data in skill.files.items()},
        "capabilities": {alarm.rule: f"{alarm.path}:{alarm.line}" for alarm in can.alarms},
        "related": like,
        "headline": headline(rows),
        "rows": rows,
    }
