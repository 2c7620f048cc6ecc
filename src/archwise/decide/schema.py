"""The JSON Schema of a brief, made from the factors."""

from typing import Any

from archwise.guide.model import Factor, Guide


def brief_schema(guide: Guide) -> dict[str, Any]:
    """What a brief may say: published as ``schema/brief-1.json``."""
    properties: dict[str, Any] = {
        "$schema": {"type": "string"},
        "project": {"type": "string", "minLength": 1, "description": "The project's name."},
    }
    properties |= {name: _factor(factor) for name, factor in guide.factors.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A brief for archwise decide",
        "description": "Answers to factors; those left out stay open.",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def _factor(factor: Factor) -> dict[str, Any]:
    values: list[str | bool] = [*factor.values]
    if set(values) == {"yes", "no"}:
        values += [True, False]
    labels = "; ".join(f"{value}: {label}" for value, label in factor.values.items())
    return {"enum": values, "description": f"{factor.question} {labels}."}
