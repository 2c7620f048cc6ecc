"""What is known of a context: answers to factors, each with where it came from."""

from collections.abc import Mapping

import msgspec

from archwise.guide.model import Guide, Impossible

Values = Mapping[str, str]
"""A value by factor, or by factor and decision."""

Domains = dict[str, tuple[str, ...]]
"""The values that are still possible, by factor or decision."""


class Answer(msgspec.Struct, frozen=True):
    """A factor's value, and where it came from: a file and its line, an option, the interview, a measurement."""

    value: str
    source: str


class Contradiction(msgspec.Struct, frozen=True):
    """Answers that cannot hold together."""

    clause: Impossible
    answers: dict[str, Answer]

    def __str__(self) -> str:
        said = " and ".join(f"{name} = {answer.value} ({answer.source})" for name, answer in self.answers.items())
        return f"{said} cannot hold together: {self.clause.because}"


def contradictions(guide: Guide, answers: Mapping[str, Answer]) -> list[Contradiction]:
    """Every clause that the answers break."""
    values = {name: answer.value for name, answer in answers.items()}
    return [
        Contradiction(clause, {name: answers[name] for name in clause.when})
        for clause in guide.impossible
        if holds(clause.when, values)
    ]


def holds(when: Mapping[str, tuple[str, ...]], values: Values) -> bool:
    """Whether all of a condition is known to hold."""
    for name, wanted in when.items():  # noqa: SIM110  asked a million times, and a generator costs as much again
        if values.get(name) not in wanted:
            return False
    return True


def possible(guide: Guide, values: Values) -> bool:
    """Whether the values break no clause."""
    return not any(holds(clause.when, values) for clause in guide.impossible)


def domains(guide: Guide, values: Values) -> Domains | None:
    """What each factor can still be beside these values, or nothing where some factor has no value left.

    A factor that has one value left follows from the others and need not be asked.
    """
    left: Domains = {
        name: (values[name],) if name in values else (*factor.values,) for name, factor in guide.factors.items()
    }
    changed = True
    while changed:
        changed = False
        for clause in guide.impossible:
            loose = [name for name, wanted in clause.when.items() if not _within(left[name], wanted)]
            if not loose:
                return None
            if len(loose) > 1:
                continue
            name = loose[0]
            kept = tuple(value for value in left[name] if value not in clause.when[name])
            if kept != left[name]:
                left[name], changed = kept, True
    return left


def _within(values: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    for value in values:  # noqa: SIM110
        if value not in wanted:
            return False
    return True
