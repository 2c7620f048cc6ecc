"""Help that lists a command's options below headings."""

from collections.abc import Mapping
from typing import Any

import click


class SectionedCommand(click.Command):
    """A command with so many options that they are found by what they are for."""

    def __init__(self, *args: Any, sections: Mapping[str, tuple[str, ...]], **settings: Any) -> None:
        """``sections`` names parameters by heading; the others come last."""
        super().__init__(*args, **settings)
        self.sections = sections

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, section by section."""
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]
        rows = {option.name: row for option in options if (row := option.get_help_record(ctx))}
        headed = {heading: [rows.pop(name) for name in names] for heading, names in self.sections.items()}
        for heading, section in {**headed, "Other options": list(rows.values())}.items():
            with formatter.section(heading):
                formatter.write_dl(section)
