"""How grave an alarm about a skill is."""

from typing import Literal

Severity = Literal["info", "low", "medium", "high", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "low", "medium", "high", "critical")
"""From the least to the worst. An alarm that is information does not make a row flagged."""
