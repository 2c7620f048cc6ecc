"""An interview, without the terminal: what is asked next, and what each reply does to it."""

import msgspec

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

    @property
    def answers(self) -> dict[str, Answer]:
        """The answers given."""
        return {step.factor: Answer(step.value, SOURCE) for step in self.steps if step.value is not None}

    def question(self) -> Factor | None:
        """What to ask next; nothing when no answer could change a decision."""
        skipped = [step.factor for step in self.steps if step.value is None]
        waiting = [name for name, choice in self.choices().items() if choice is None]
        name = next_question(self.guide, self._known(), waiting, skipped)
        return None if name is None else self.guide.factors[name]

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
