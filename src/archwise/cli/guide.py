"""``archwise guide``."""

import datetime
from collections.abc import Iterable, Iterator
from typing import Literal

import click


@click.command("guide", short_help="List the claims of the guide, and what enforces each.")
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(output_format: Literal["text", "json"]) -> None:
    """List the claims of the guide, and what enforces each: decisions, rules, commands."""
    from archwise.cli.output import write

    write(_as_json() if output_format == "json" else "".join(_lines(datetime.date.today())))


def _lines(today: datetime.date) -> Iterator[str]:
    from archwise.cli.main import COMMANDS
    from archwise.guide.carriers import carriers
    from archwise.guide.load import guide
    from archwise.rules import CLAIMS

    data = guide()
    for section in data.sections.values():
        yield f"{'' if section.id == 'S' else section.id + ' '}{section.title}\n"
        for claim in data.claims.values():
            if claim.section == section.id:
                yield f"  {claim.id:<6} {claim.text}\n"
                for verb, found in carriers(data, claim, CLAIMS, COMMANDS).items():
                    yield f"         {verb}: {_short(found) or 'nothing yet'}\n"
                for name in claim.facts:
                    yield f"         since: {data.facts[name].dated(today)}\n"
        yield "\n"


def _short(found: Iterable[str]) -> str:
    """The carriers, with all rows of one decision as that decision."""
    return ", ".join(dict.fromkeys(name.partition("/")[0] for name in found))


def _as_json() -> str:
    import json

    from archwise.cli.main import COMMANDS
    from archwise.guide.carriers import carriers
    from archwise.guide.find import as_data
    from archwise.guide.load import guide
    from archwise.rules import CLAIMS

    data = guide()
    claims = [{**as_data(claim), "carriers": carriers(data, claim, CLAIMS, COMMANDS)} for claim in data.claims.values()]
    return json.dumps(claims, indent=2, ensure_ascii=False) + "\n"
