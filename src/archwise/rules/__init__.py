"""The rules: a folder a section of the guide, a module a rule.

``index.json`` lists them, written by ``docs/generate.py`` from the modules, so that most runs need not import these.
"""

from collections.abc import Container
from importlib import import_module
from pathlib import Path
from types import ModuleType

import msgspec

from archwise.rules.rule import Rule
from archwise.rules.selection import matching

RULES: tuple[Rule, ...] = msgspec.json.decode(
    Path(__file__).with_name("index.json").read_bytes(), type=tuple[Rule, ...]
)
"""All rules, in the order of their codes."""

CLAIMS: dict[str, tuple[str, ...]] = {rule.code: rule.claims for rule in RULES}
"""The guide's claims that each rule enforces, by the rule's code."""


def modules(codes: Container[str]) -> tuple[ModuleType, ...]:
    """The modules of rules, in the order of their codes: each has a ``RULE``, and all but AW0 a ``check``."""
    return tuple(import_module(rule.module) for rule in RULES if rule.code in codes)


def by_selector(selector: str) -> tuple[Rule, ...]:
    """The rules that a code, a prefix of codes, a name or ``ALL`` means.

    Raises:
        UnknownSelectorError: no rule is called so.
    """
    return matching(selector, RULES)
