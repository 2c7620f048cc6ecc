"""Data followed through the programs of a skill, whatever language they are written in.

``program`` is the form that all languages are read into, ``from_*`` read them, ``flow`` follows what each name holds,
``judge`` says what is wrong with that, ``alarms`` puts it together.
"""

from archwise.skills.scanners.flow.alarms import alarms

__all__ = ["ROLES", "alarms"]

ROLES = "flow/roles.toml"
"""The file of what functions do, by name."""
