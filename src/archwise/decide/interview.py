"""An interview, without the terminal: what is asked next, and what each reply does to it."""

import msgspec

from archwise.decide.cases import cases
from archwise.decide.context import Answer, domains
from archwise.decide.outlook import settled
from archwise.decide.questions import next_question
from archwise.guide.model import Factor, Guide

SOURCE = "answered"


class Step(msgspec.Struct, frozen=True):
    """A question put, and the answer; none if it was skipped."""

    factor: str
    value: str | None


class Interview:
    """Questions and answers so far. Going back takes the last reply away, whether an answer or a skip."""

    def __init__(self, guide: Guide) -> None:
        self.guide = guide
        self.steps: list[Step] = []
        self._found: dict[tuple[Step, ...], Factor | None] = {}

    @property
    def answers(self) -> dict[str, Answer]:
        """The answers given."""
        return {step.factor: Answer(step.value, SOURCE) for step in self.steps if step.value is not None}

    def question(self) -> Factor | None:
        """What to ask next; nothing when no answer could change a decision."""
        return self._needed() or self._next(self._open())

    @property
    def is_whole(self) -> bool:
        """Whether each decision is settled or told in a few cases, as far as what was not skipped can help."""
        return self._needed() is None

    def _needed(self) -> Factor | None:
        """What to ask on the way to a whole answer: what settles the headlines, then what others take to be told."""
        here = tuple(self.steps)
        if here not in self._found:
            self._found[here] = self._sought()
        return self._found[here]

    def _sought(self) -> Factor | None:
        open_ = self._open()
        headlines = [name for name in open_ if self.guide.decisions[name].headline]
        if (factor := self._next(headlines)) is not None:
            return factor
        known = self._known()
        return self._next([name for name in open_ if name not in headlines and not cases(self.guide, known, name)])

    def _next(self, waiting: list[str]) -> Factor | None:
        skipped = [step.factor for step in self.steps if step.value is None]
        name = next_question(self.guide, self._known(), waiting, skipped)
        return None if name is None else self.guide.factors[name]

    def _open(self) -> list[str]:
        return [name for name, choice in self.choices().items() if choice is None]

    def choices(self) -> dict[str, str | None]:
        """What each decision is settled on, so far."""
        known = self._known()
        return {name: settled(self.guide, known, name) for name in self.guide.decisions}

    def values(self, factor: Factor) -> dict[str, str]:
        """The values that a factor can still have beside the answers given, with their labels."""
        left = domains(self.guide, self._given()) or {}
        return {value: label for value, label in factor.values.items() if value in left.get(factor.id, ())}

    def answer(self, factor: Factor, value: str) -> None:
        """Take an answer."""
        self.steps.append(Step(factor.id, value))

    def skip(self, factor: Factor) -> None:
        """Leave a question open for good."""
        self.steps.append(Step(factor.id, None))

    def back(self) -> None:
        """Take the last reply away, if there is one."""
        if self.steps:
            self.steps.pop()

    def _given(self) -> dict[str, str]:
        return {name: answer.value for name, answer in self.answers.items()}

    def _known(self) -> dict[str, str]:
        given = self._given()
        left = domains(self.guide, given) or {}
        return given | {name: values[0] for name, values in left.items() if len(values) == 1}
