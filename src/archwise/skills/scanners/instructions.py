"""Instruction attacks: what a skill tells an agent that no skill should.

Prose is read sentence by sentence with its meaning-bearing words made plain. One word proves nothing: a rule names
several features that stand together ("do not tell the user" beside "upload … to https://…"). A text that teaches about
attacks quotes them, so a sentence in quotation, or among words of defence, weighs less.
"""

import functools
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence

import msgspec

from archwise.skills.scanners import rules, vocabulary
from archwise.skills.scanners.comments import said_to_agents
from archwise.skills.scanners.reading import Passage, decoded, letters, passages, plain
from archwise.skills.scanners.scanner import Alarm, Severity
from archwise.skills.skill import Skill

NAME = "instructions"
TITLE = "Instruction attacks"
_RULES = ("instructions.toml", "acts.toml", "orders.toml", "conduct.toml")
_NEAR = 3
"""Passages on each side that an order may be spread over, as in a list of steps."""
_CELLS, _LINES = 12, 6
"""Of a table it is more passages, within so many lines."""
_IS_RUN = re.compile(r"\b(?:run|execute|set|issue|type|call)\s+$", re.IGNORECASE)
"""What stands before code that a sentence orders, and does not quote."""
_QUOTED_WHOLE = re.compile(r"\A[\"“«][^\"”»]*[\"”»]\Z")
_QUOTED = re.compile(r"[\"“«`'‘][^\"”»`'’\n]{8,}[\"”»`'’]")


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Features that stand in one ``sentence`` (or part of one, between colons and semicolons), in a ``statement`` up to
    its full stop, and ``near`` it, within a few passages; or in a ``passage`` and beside it.

    ``soften`` lets quotation and words of defence weigh; ``unless`` is a feature that silences the sentence, or the
    passage.
    """

    id: str
    severity: Severity
    why: str
    soften: bool
    sentence: tuple[str, ...] = ()
    statement: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    passage: tuple[str, ...] = ()
    unless: str = ""

    @property
    def said(self) -> tuple[str, ...]:
        """What has to be said in one go."""
        return self.sentence or self.statement


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    rule: tuple[Rule, ...]
    feature: dict[str, tuple[str, ...]] = {}
    either: dict[str, tuple[str, ...]] = {}


def version() -> str:
    """The state of the rules."""
    return ", ".join(map(rules.version, (*_RULES, *vocabulary.FILES)))


def scan(skill: Skill) -> Iterator[Alarm]:
    """What its texts tell an agent that no skill should."""
    prose = [*passages(skill), *said_to_agents(skill)]
    holds = functools.cache(lambda feature, number: _has(feature, prose[number].plain))
    for number, passage in enumerate(prose):
        beside, near, further = _around(prose, number)
        said_beside = functools.cache(lambda feature, where=beside: any(holds(feature, at) for at in where))
        said_near = functools.cache(lambda feature, where=near: any(holds(feature, at) for at in where))
        said_further = functools.cache(lambda feature, where=further: any(holds(feature, at) for at in where))
        yield from _alarms(passage, said_beside, said_near, said_further)
        for inner in decoded(passage.raw):
            why = directs(inner)
            if why is not None:
                yield Alarm(
                    "encoded-instruction", "high", passage.path, passage.line, f"text in base64 {why}", inner[:200]
                )


def _around(prose: Sequence[Passage], number: int) -> tuple[list[int], list[int], list[int]]:
    """The passages beside one, those near it under the same heading, and more where they are cells of a table."""
    here = prose[number]
    known = [
        at
        for at in range(max(0, number - _CELLS), min(len(prose), number + _CELLS + 1))
        if prose[at].path == here.path and (abs(at - number) <= 1 or prose[at].heading == here.heading)
    ]
    near = [at for at in known if abs(at - number) <= _NEAR]
    further = [at for at in known if at in near or abs(prose[at].line - here.line) <= _LINES]
    return [at for at in known if abs(at - number) <= 1], near, further


def directs(text: str) -> str | None:
    """Why a text that nobody sees is an instruction to an agent; None where it is none."""
    for rule in _file().rule:
        if rule.id in _SELDOM_MEANT:
            continue
        alone = len(rule.said) == 1  # a single word means something only beside others
        words = (*rule.said, *rule.near) if alone else rule.said or rule.passage
        if any(all(_has(feature, made) for feature in words) for made in _passages(plain(text))):
            return rule.why
    if _has("address_agent", text) and _has("order", text):
        return "gives an order to an agent"
    if _has("secret_file", text) and _has("publish", text):
        return "has keys or credentials written elsewhere"
    return None


def _passages(text: str) -> Iterator[str]:
    """A text, or of a long one all that three statements in a row say."""
    statements = Passage("", 0, text, text).statements()
    for at in range(max(1, len(statements) - 2)):
        yield "\n".join(statements[at : at + 3])


_SELDOM_MEANT = frozenset(
    {
        "lasting-change",
        "judgement-bent",
        "destruction",
        "approval-claimed",
        "secret-in-address",
        "unasked-destruction",
        "memory-loosened",
        "every-request",
        "prompts-switched-off",
    }
)


def _alarms(
    passage: Passage,
    said_beside: Callable[[str], bool],
    said_near: Callable[[str], bool],
    said_further: Callable[[str], bool],
) -> Iterator[Alarm]:
    sentences, statements = passage.sentences(), passage.statements()
    respelled = letters(passage.plain)
    if respelled != passage.plain:
        sentences.append(respelled)
    said_here = functools.cache(functools.partial(_has, text="\n".join((passage.plain, *sentences[-1:]))))
    for rule in _file().rule:
        if not (all(map(said_here, rule.said)) and all(map(said_further if rule.statement else said_near, rule.near))):
            continue
        if rule.passage:
            silenced = rule.unless and said_here(rule.unless)
            whole = all(map(said_beside, rule.passage)) and said_here(rule.passage[0])
            said = passage.plain if whole and not silenced else None
        else:
            said = next((s for s in (statements if rule.statement else sentences) if _says(rule, s)), None)
        if said is not None:
            severity = _softened(rule, passage, said)
            evidence = (said if rule.said else passage.plain).strip()[:200]
            yield Alarm(rule.id, severity, passage.path, passage.line, rule.why, evidence)


def _says(rule: Rule, sentence: str) -> bool:
    if not all(_has(feature, sentence) for feature in rule.said):
        return False
    return not (rule.unless and _has(rule.unless, sentence))


def _softened(rule: Rule, passage: Passage, said: str) -> Severity:
    """What a match weighs: less in quotation, less among words of defence, next to nothing with both."""
    if _QUOTED_WHOLE.match(passage.plain.strip()) and not passage.hidden:
        return rules.lesser(rules.lesser(rule.severity))
    if not rule.soften or passage.hidden:
        return rule.severity
    quoted = any(
        _matches(rule, found[0]) for found in _QUOTED.finditer(said) if not _IS_RUN.search(said[: found.start()])
    )
    where = f"{passage.heading}\n{passage.plain}"
    teaches = _has("teaching", where) or _has("judging", passage.heading if rule.statement else where)
    if (quoted or passage.shown) and teaches:
        return "info"
    if quoted or teaches:
        return rules.lesser(rules.lesser(rule.severity))
    return rule.severity


def _matches(rule: Rule, text: str) -> bool:
    return all(_has(feature, text) for feature in rule.said or rule.passage)


def _has(feature: str, text: str) -> bool:
    return any(pattern.search(text) for pattern in _patterns()[feature])


@functools.cache
def _patterns() -> dict[str, tuple[re.Pattern[str] | vocabulary.Concept, ...]]:
    single: dict[str, tuple[re.Pattern[str] | vocabulary.Concept, ...]] = {
        name: (concept,) for name, concept in vocabulary.concepts().items()
    }
    for name, patterns in _file().feature.items():
        single[name] = tuple(re.compile(_dotted(pattern), re.IGNORECASE | re.VERBOSE) for pattern in patterns)
    joined = {name: tuple(p for each in names for p in single[each]) for name, names in _file().either.items()}
    return {**single, **joined}


def _dotted(pattern: str) -> str:
    """A pattern that stops at the end of a sentence, and so not at a dot within a word ("AGENTS.md")."""
    return pattern.replace(r"[^.\n]", r"(?:[^.\n]|\.(?=\w))")


@functools.cache
def _file() -> _File:
    """What the files of rules say, all together."""
    files = [msgspec.convert(tomllib.loads(rules.source(name).decode()), _File) for name in _RULES]
    return _File(
        rule=tuple(rule for file in files for rule in file.rule),
        feature={name: patterns for file in files for name, patterns in file.feature.items()},
        either={name: names for file in files for name, names in file.either.items()},
    )
