"""What a project lets in: `[tool.archwise.skills]`."""

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import msgspec

from archwise.skills.severity import SEVERITIES, Severity

if TYPE_CHECKING:
    from archwise.skills.scanners.scanner import Row
    from archwise.skills.skill import Skill
    from archwise.skills.source import Source


class Policy(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """The conditions under which a skill may be installed.

    ``sources`` are globs of what it may come from (empty: anything); ``block`` is the severity from which an alarm
    keeps it out; ``required_scanners`` must have looked, or have found nothing of their kind; ``licenses`` are those
    that its front matter must name one of (empty: any, or none).
    """

    sources: tuple[str, ...] = ()
    block: Severity = "high"
    required_scanners: tuple[str, ...] = ()
    licenses: tuple[str, ...] = ()

    def objections(
        self, skill: "Skill", source: "Source", rows: Sequence["Row"], accepted: Iterable[str]
    ) -> tuple[str, ...]:
        """Why the skill may not be installed; nothing where it may. Alarms of ``accepted`` scanners do not count."""
        return (*self._origin(source), *self._licence(skill), *self._panel(rows, frozenset(accepted)))

    def _origin(self, source: "Source") -> Iterator[str]:
        if self.sources and not any(fnmatchcase(source.address, glob) for glob in self.sources):
            yield f"{source.address} is none of the sources allowed ({', '.join(self.sources)})"

    def _licence(self, skill: "Skill") -> Iterator[str]:
        licence = str(skill.front.fields.get("license", "")).strip()
        if self.licenses and licence not in self.licenses:
            yield f"its licence is {licence or 'not stated'}; allowed: {', '.join(self.licenses)}"

    def _panel(self, rows: Sequence["Row"], accepted: frozenset[str]) -> Iterator[str]:
        worst = SEVERITIES.index(self.block)
        for row in rows:
            if row.scanner in self.required_scanners and row.status in ("did-not-run", "failed"):
                yield f"the scanner {row.scanner} is required and {row.status.replace('-', ' ')}: {row.reason}"
            grave = [alarm for alarm in row.alarms if SEVERITIES.index(alarm.severity) >= worst]
            if grave and row.scanner not in accepted:
                count = f"{len(grave)} alarm{'s' if len(grave) > 1 else ''}"
                remedy = f"--accept {row.scanner} once you have read them"
                yield f"{row.scanner} raised {count} of severity {self.block} or worse ({remedy})"
