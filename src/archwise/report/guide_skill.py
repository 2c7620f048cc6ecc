"""The guide as an agent skill: short instructions, with the questions, decisions, rules and claims as references."""

from collections.abc import Collection, Iterable, Mapping

from archwise.guide.model import Claim, Decision, Factor, Guide, Row
from archwise.rules.rule import Rule

FOLDER = "architecture/python-architecture"

_HELD_TO = ("G2.3", "G2.5", "G2.6", "G6.1", "G6.2", "G7.2", "G3.1", "G3.4", "G5.5", "G8.5", "G8.7", "G11.4")
"""The claims that an agent is to keep in mind while it writes code; all are in the reference."""

_HEAD = """\
---
name: python-architecture
description: >-
  Decides the architecture of a Python project by its context and holds the code to the decisions. Covers the framework
  (FastAPI, Django, Flask), async or sync, project layout, typing and validation, database access, background work,
  errors and tests. Use when starting or restructuring a Python service or tool, when choosing a library for it, when
  writing or reviewing async code, endpoints, queries or background jobs, or when asked why a design was chosen.
license: MIT
compatibility: The commands need Python 3.11 or newer and the archwise package; without it, decide by the references.
metadata:
  category: development
  tags: python, architecture, fastapi, django, flask, asyncio
  globs: "**/*.py"
---

# Python architecture

Decide by the context, never by habit: there is no framework, and no style, that is right by default. A decision states
what it rests on, what speaks against it, and which answer would change it.

## 1. Ask what the code cannot tell

Look first: what is being built, which packages are there, what waits and what computes. Then ask what is left, one
question at a time, the most telling first, and do not choose while the answer would change the choice. Most often:

"""

_DECIDE = """\
## 2. Decide

"""

_WITHOUT = """\
Without the command: take the decision's rows in [references/decisions.md](references/decisions.md). Rows that *must* or
*forbid* come first; every other row that holds is one point. Say a tie is a tie, and ask.

## 3. Write code that keeps to it

"""

_CHECK = """\
## 4. Check, and read the path

Before you call work on Python code done, run the check on what you changed. Each finding names the call, the path that
leads to it, and a fix that suits the context: prefer that fix to silencing the finding. Where you silence it, say why.

"""

_UNCHECKED = """\
Without the command, compare the change with [references/rules.md](references/rules.md), and say that it is unchecked.

"""

_REFERENCES = """\
## References

- [references/questions.md](references/questions.md): every question, why it is asked, and what it can be answered with
- [references/decisions.md](references/decisions.md): every decision with its options and the rows that choose
- [references/rules.md](references/rules.md): what the check finds, rule by rule
- [references/claims.md](references/claims.md): the guide itself, claim by claim, with what has moved since
"""

_COMMANDS = {
    "decide": (
        (
            "archwise decide --set kind=api --set admin=no",
            "decides what these answers settle, and names the next question",
        ),
        ("archwise decide --brief brief.toml", "the same from a file"),
        ("archwise decide --brief brief.toml --what-if admin=yes", "what another answer would change"),
    ),
    "new": (("archwise new NAME", "builds the project that follows from the decisions"),),
    "review": (("archwise review", "sets the decisions that code has taken beside the guide"),),
    "check": (
        ("archwise check", "reads the code base as one program and reports where it breaks a principle"),
        ("archwise check --output-format json", "the same for programs"),
    ),
    "explain": (("archwise explain AW201", "a rule, a claim, a question or a decision: what, why, the way out"),),
}
"""What is said of each command, where there is one."""


def pages(guide: Guide, rules: Iterable[Rule], commands: Collection[str]) -> dict[str, str]:
    """The files of the skill, by path; only commands that exist are named."""
    return {
        "SKILL.md": _instructions(guide, commands),
        "references/questions.md": _questions(guide.factors.values()),
        "references/decisions.md": _decisions(guide),
        "references/rules.md": _rules(rules),
        "references/claims.md": _claims(guide),
    }


def _instructions(guide: Guide, commands: Collection[str]) -> str:
    asked = [factor for factor in guide.factors.values() if factor.first]
    kept = [f"- {guide.claims[name].text}. ({name})" for name in _HELD_TO]
    return "".join(
        (
            _HEAD,
            *(f"- {factor.question} {factor.why} (`{factor.id}`: {', '.join(factor.values)})\n" for factor in asked),
            "\n",
            _DECIDE,
            _listed(("decide", "new"), commands),
            _WITHOUT,
            "\n".join(kept),
            "\n\n",
            _CHECK,
            _listed(("check", "review", "explain"), commands),
            _UNCHECKED,
            _REFERENCES,
        )
    )


def _listed(names: Iterable[str], commands: Collection[str]) -> str:
    lines = [line for name in names if name in commands for line in _COMMANDS[name]]
    width = max((len(command) for command, _ in lines), default=0)
    return "".join(["```sh\n", *(f"{command:<{width}}  # {what}\n" for command, what in lines), "```\n\n"])


def _questions(factors: Iterable[Factor]) -> str:
    blocks = []
    for factor in factors:
        values = "\n".join(f"- `{value}`: {label}" for value, label in factor.values.items())
        blocks.append(f"## {factor.question}\n\n{factor.why} Give it as `{factor.id}`:\n\n{values}\n")
    return "# Questions\n\n" + "\n".join(blocks)


def _decisions(guide: Guide) -> str:
    return "# Decisions\n\n" + "\n".join(_decision(decision) for decision in guide.decisions.values())


def _decision(decision: Decision) -> str:
    options = [f"- `{each.id}`: {each.title}. {each.good} But: {each.bad}" for each in decision.option]
    rows = [f"- {_row(row)}" for row in decision.row]
    return "\n".join([f"## {decision.question} ({decision.id})", "", *options, "", "Rows:", "", *rows, ""])


def _row(row: Row) -> str:
    when = " and ".join(f"{name} = {' or '.join(values)}" for name, values in row.when.items())
    verdicts = (("must be", row.must), ("forbids", row.forbids), ("prefers", row.prefers))
    effect = next(f"{verb} {', '.join(options)}" for verb, options in verdicts if options)
    sources = ", ".join((*row.claims, *row.facts))
    return f"{when}: **{effect}**, because {row.because} ({sources})"


def _rules(rules: Iterable[Rule]) -> str:
    lines = [
        f"| {each.code} | `{each.name}` | {each.severity} | {' '.join(each.text.summary.split())} |" for each in rules
    ]
    head = ["# Rules", "", "`archwise explain CODE` gives an example, the way out and when not to follow a rule.", ""]
    return "\n".join([*head, "| code | name | severity | what is wrong |", "|---|---|---|---|", *lines, ""])


def _claims(guide: Guide) -> str:
    lines = ["# The guide, claim by claim", ""]
    for section in guide.sections.values():
        claims = [claim for claim in guide.claims.values() if claim.section == section.id]
        lines += [f"## {section.title}", "", *(f"- {_claim(guide, claim)}" for claim in claims), ""]
    return "\n".join(lines)


def _claim(guide: Guide, claim: Claim) -> str:
    facts: Mapping[str, str] = {name: f"{fact.says} (as of {fact.as_of:%B %Y})" for name, fact in guide.facts.items()}
    since = "".join(f" Since then: {facts[name]}" for name in claim.facts)
    return f"{claim.id}: {claim.text}.{since}"
