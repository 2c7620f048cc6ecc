"""What is known of a context: answers to factors, each with where it came from."""

from collections.abc import Iterable, Mapping

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
    """Answers that cannot hold together: without any one of them, or any one of the clauses, they could."""

    clauses: tuple[Impossible, ...]
    answers: dict[str, Answer]

    def __str__(self) -> str:
        said = " and ".join(f"{name} = {answer.value} ({answer.source})" for name, answer in self.answers.items())
        return f"{said} cannot hold together: {'; '.join(clause.because for clause in self.clauses)}"


def contradictions(guide: Guide, answers: Mapping[str, Answer]) -> list[Contradiction]:
    """Every clause that the answers break; where they break none but several leave nothing possible, those."""
    values = {name: answer.value for name, answer in answers.items()}
    broken = [clause for clause in guide.impossible if holds(clause.when, values)]
    if broken:
        return [Contradiction((clause,), {name: answers[name] for name in clause.when}) for clause in broken]
    return [] if domains(guide, values) is not None else [_entangled(guide, answers)]


def _entangled(guide: Guide, answers: Mapping[str, Answer]) -> Contradiction:
    """Answers and clauses that leave no value for something not answered, less all that could be left out."""
    values = {name: answer.value for name, answer in answers.items()}
    for name in answers:
        fewer = {other: value for other, value in values.items() if other != name}
        if domains(guide, fewer) is None:
            values = fewer
    clauses = guide.impossible
    for clause in guide.impossible:
        others = tuple(other for other in clauses if other is not clause)
        if domains(msgspec.structs.replace(guide, impossible=others), values) is None:
            clauses = others
    return Contradiction(clauses, {name: answers[name] for name in values})


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
    return _pruned(guide, left, guide.impossible)


def narrowed(guide: Guide, left: Domains, factor: str, value: str) -> Domains | None:
    """What is left of domains once a factor has one of its values there: as `domains` would say of all answers."""
    return _pruned(guide, {**left, factor: (value,)}, guide.clauses[factor])


def _pruned(guide: Guide, left: Domains, clauses: Iterable[Impossible]) -> Domains | None:
    """Domains without what clauses rule out, and those that speak of what they leave."""
    pending = list(clauses)
    while pending:
        when = pending.pop().when
        loose = [name for name, wanted in when.items() if not _within(left[name], wanted)]
        if not loose:
            return None
        if len(loose) > 1:
            continue
        name = loose[0]
        kept = tuple(value for value in left[name] if value not in when[name])
        if kept != left[name]:
            left[name] = kept
            pending += guide.clauses[name]
    return left


def _within(values: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    for value in values:  # noqa: SIM110
        if value not in wanted:
            return False
    return True
