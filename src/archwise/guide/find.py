"""What an id of the guide means: a claim, a section's claims, a factor, a decision or a fact."""

import datetime
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from archwise.guide.carriers import carriers
from archwise.guide.model import Claim, Decision, Fact, Factor, Guide
from archwise.guide.pages import claim_page, decision_page, fact_page, factor_page

Entry = Claim | Factor | Decision | Fact


def ids(guide: Guide) -> tuple[str, ...]:
    """Every id that can be explained."""
    sections = (f"G{name}" if name != "S" else name for name in guide.sections)
    return (*guide.decisions, *guide.factors, *guide.claims, *guide.facts, *sections)


def entries(guide: Guide, name: str) -> list[Entry]:
    """What is called so; a section means its claims, and an unknown name nothing."""
    claim = guide.claims.get(name.upper())
    if claim is not None:
        return [claim]
    found: list[Entry] = [table[name] for table in (guide.decisions, guide.factors, guide.facts) if name in table]
    if found:
        return found
    section = name.upper().removeprefix("G")
    return [claim for claim in guide.claims.values() if claim.section == section] if name[:1] in "GgSs" else []


def page(
    guide: Guide, entry: Entry, rules: Mapping[str, Collection[str]], commands: Collection[str], today: datetime.date
) -> str:
    """An entry's page, in Markdown."""
    match entry:
        case Claim():
            return claim_page(guide, entry, carriers(guide, entry, rules, commands), today)
        case Factor():
            return factor_page(guide, entry)
        case Decision():
            return decision_page(guide, entry, today)
        case Fact():
            return fact_page(entry, today)


def as_data(entry: Entry) -> dict[str, Any]:
    """An entry for programs."""
    return {"kind": type(entry).__name__.lower(), **msgspec.to_builtins(entry)}
