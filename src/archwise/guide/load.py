"""Reads the guide's files and holds them against each other, so that no id points nowhere."""

import functools
import tomllib
from collections.abc import Iterable
from importlib import resources
from typing import Any, TypeVar

import msgspec

from archwise.guide.model import Claim, Decision, Fact, Factor, Guide, Impossible, Row, Section

ORDER = (
    "framework",
    "concurrency",
    "background",
    "layout",
    "grouping",
    "typing",
    "django-style",
    "validation",
    "errors",
    "tests",
    "http-client",
    "database-driver",
    "data-layer",
    "redis-client",
    "file-access",
)
"""The decisions, each after those it builds on: one file each."""

_T = TypeVar("_T", Section, Claim, Fact, Factor)


class GuideError(Exception):
    """A file of the guide breaks the schema, or names an id that does not exist."""


@functools.cache
def guide() -> Guide:
    """The guide.

    Raises:
        GuideError: its data is wrong.
    """
    claims, factors = _table("claims.toml"), _table("factors.toml")
    decisions = [_decision(name) for name in ORDER]
    found = Guide(
        sections=_by_id(claims["section"], Section),
        claims=_by_id(claims["claim"], Claim),
        facts=_by_id(_table("facts.toml")["fact"], Fact),
        factors=_by_id(factors["factor"], Factor),
        impossible=_converted(factors["impossible"], tuple[Impossible, ...], "factors.toml"),
        decisions={decision.id: decision for decision in decisions},
    )
    check(found)
    return found


def check(guide: Guide) -> None:
    """Hold the parts of a guide against each other.

    Raises:
        GuideError: an id is given that does not exist, or a decision reads one that comes after it.
    """
    for claim in guide.claims.values():
        _known([claim.section], guide.sections, f"claim {claim.id}")
        _known(claim.facts, guide.facts, f"claim {claim.id}")
    for factor in guide.factors.values():
        _known(factor.claims, guide.claims, f"factor {factor.id}")
    values = {factor.id: tuple(factor.values) for factor in guide.factors.values()}
    for clause in guide.impossible:
        _known_condition(clause.when, values, f"impossible {clause.id}")
    for decision in guide.decisions.values():
        _check_decision(guide, decision, values)
        values[decision.id] = tuple(option.id for option in decision.option)


def _check_decision(guide: Guide, decision: Decision, values: dict[str, tuple[str, ...]]) -> None:
    if decision.id in values:
        raise GuideError(f"{decision.id} is both a factor and a decision")
    _known(decision.claims, guide.claims, f"decision {decision.id}")
    options = {option.id: option for option in decision.option}
    for option in decision.option:
        for wording in option.wording:
            _known_condition(wording.when, values, f"wording of {decision.id}/{option.id}")
    seen: set[str] = set()
    for row in decision.row:
        place = f"row {decision.id}/{row.id}"
        if row.id in seen:
            raise GuideError(f"{place} is there twice")
        seen.add(row.id)
        _check_row(guide, row, place)
        _known((*row.must, *row.forbids, *row.prefers), options, place)
        _known_condition(row.when, values, place)


def _check_row(guide: Guide, row: Row, place: str) -> None:
    if len([kind for kind in (row.must, row.forbids, row.prefers) if kind]) != 1:
        raise GuideError(f"{place}: exactly one of must, forbids and prefers")
    if not row.claims and not row.facts:
        raise GuideError(f"{place}: neither a claim nor a fact stands behind it")
    _known(row.claims, guide.claims, place)
    _known(row.facts, guide.facts, place)


def _known_condition(when: dict[str, tuple[str, ...]], values: dict[str, tuple[str, ...]], place: str) -> None:
    _known(when, values, place)
    for name, wanted in when.items():
        _known(wanted, values[name], f"{place}, {name}")


def _known(ids: Iterable[str], known: Iterable[str], place: str) -> None:
    known = tuple(known)
    for each in ids:
        if each not in known:
            raise GuideError(f"{place}: there is no `{each}`")


def _decision(name: str) -> Decision:
    file = f"decisions/{name}.toml"
    decision: Decision = _converted({"id": name, **_table(file)}, Decision, file)
    return decision


def _by_id(tables: list[dict[str, Any]], kind: type[_T]) -> dict[str, _T]:
    found = _converted(tables, tuple[kind, ...], kind.__name__.lower())  # type: ignore[valid-type]
    return {each.id: each for each in found}


def _converted(table: Any, kind: Any, origin: str) -> Any:
    try:
        return msgspec.convert(table, kind)
    except msgspec.ValidationError as error:
        raise GuideError(f"guide/{origin}: {error}") from error


def _table(file: str) -> dict[str, Any]:
    text = resources.files("archwise.guide").joinpath(file).read_text(encoding="utf-8")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise GuideError(f"guide/{file}: {error}") from error
