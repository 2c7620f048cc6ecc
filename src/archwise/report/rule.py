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
    identity = {name: value for name, value in msgspec.to_builtins(rule).items() if name != "module"}
    text = msgspec.to_builtins(rule.text)
    return {**identity, **text, "default": rule.default, "markdown": rule.markdown()}
