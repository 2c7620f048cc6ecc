"""Rules themselves, for programs."""

import json
from collections.abc import Iterable
from typing import Any

import msgspec

from archwise.rules.rule import Rule


def as_json(rules: Iterable[Rule]) -> str:
    """The rules with their explanations, as a JSON list."""
    return json.dumps([_rule(rule) for rule in rules], indent=2) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {**msgspec.to_builtins(rule), "default": rule.default, "markdown": rule.markdown()}
