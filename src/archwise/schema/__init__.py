"""The published contracts of machine-readable output, as JSON Schema."""

from importlib import resources


def schema_text(name: str = "report-1") -> str:
    """A schema, by its name and version."""
    return resources.files(__name__).joinpath(f"{name}.json").read_text(encoding="utf-8")
