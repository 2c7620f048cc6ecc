"""A claim, a factor, a fact or a decision as a page."""

import datetime

from archwise.guide.carriers import Carriers
from archwise.guide.model import Claim, Decision, Fact, Factor, Guide, Row


def claim_page(guide: Guide, claim: Claim, carried: Carriers, today: datetime.date) -> str:
    """What the guide says, what carries it, and what has moved since."""
    section = guide.sections[claim.section]
    lines = [
        f"# {claim.id}",
        "",
        claim.text + ".",
        "",
        f"*Section {section.id}: {section.title}*",
        "",
        "## Carried by",
        "",
    ]
    lines += [f"- `archwise {verb}`: {', '.join(found) or 'nothing yet'}" for verb, found in carried.items()]
    if claim.facts:
        lines += ["", "## Since then", "", *(f"- {fact_line(guide.facts[name], today)}" for name in claim.facts)]
    return "\n".join(lines) + "\n"


def factor_page(guide: Guide, factor: Factor) -> str:
    """The question, why it is asked, and what it can be answered with."""
    readers = [decision.id for decision in guide.decisions.values() if factor.id in decision.inputs]
    lines = [f"# {factor.id}", "", f"{factor.question} {factor.why}", "", "## Values", ""]
    lines += [f"- `{value}`: {label}" for value, label in factor.values.items()]
    lines += ["", "## Measured by", "", factor.measured]
    lines += ["", "## Weighs in", "", ", ".join(readers), "", f"*Claims {', '.join(factor.claims)}*"]
    return "\n".join(lines) + "\n"


def fact_page(fact: Fact, today: datetime.date) -> str:
    """What is known, of what, and since when."""
    of = " · ".join(filter(None, (fact.package, fact.version, fact.status)))
    return f"# {fact.id}\n\n{fact_line(fact, today)}\n\n*{of}*\n"


def fact_line(fact: Fact, today: datetime.date) -> str:
    """A fact with its date and its source."""
    return f"{fact.dated(today)} <{fact.source}>"


def decision_page(guide: Guide, decision: Decision, today: datetime.date) -> str:
    """The options with their price, and the rows that choose among them."""
    lines = [f"# {decision.title} ({decision.id})", "", decision.question, "", "## Options", ""]
    for option in decision.option:
        lines.append(f"- `{option.id}`: **{option.title}.** {option.good} But: {option.bad}")
    lines += ["", "## Rows", "", "Rows that must or forbid come first; each other row that holds is one point.", ""]
    lines += [f"- {_row(guide, row, today)}" for row in decision.row]
    lines += ["", f"*Claims {', '.join(decision.claims)}*"]
    return "\n".join(lines) + "\n"


def _row(guide: Guide, row: Row, today: datetime.date) -> str:
    when = ", ".join(f"{name} = {' or '.join(values)}" for name, values in row.when.items())
    verdicts = (("must be", row.must), ("forbids", row.forbids), ("prefers", row.prefers))
    effect = next(f"{verb} {', '.join(options)}" for verb, options in verdicts if options)
    facts = "".join(f" {guide.facts[name].dated(today)}" for name in row.facts)
    return f"`{row.id}`: {when} → {effect}, because {row.because} ({', '.join(row.claims) or 'fact'}).{facts}"
