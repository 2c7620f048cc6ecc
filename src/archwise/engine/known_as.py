"""By which names knowledge may speak of what a program calls: a method also by those of the classes it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine.values import ClassValue, External, ExternalMethod, Method, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.knowledge.facts import Facts


def known_as(inference: Inference, value: Value) -> Iterator[str]:
    """The names that knowledge may have for something callable."""
    facts = inference.facts
    if isinstance(value, External):
        yield facts.canonical(value.name)
        yield value.name
        owner, _, last = value.name.rpartition(".")
        for cls, _file in facts.ancestors(owner):
            yield f"{cls.name}.{last}"
    elif isinstance(value, ExternalMethod):
        yield f"{value.receiver.name}.{value.name}"
        for cls, _file in facts.ancestors(value.receiver.name):
            yield f"{cls.name}.{value.name}"
    elif isinstance(value, ClassValue):
        yield from inference.classes.external_bases(value.code)
    elif isinstance(value, Method) and value.code.owner is not None:
        # A class of the program that a framework's is extended by registers with the same methods.
        for base in inference.classes.external_bases(value.code.owner):
            yield from (f"{name}.{value.code.scope.name}" for name in ancestry(facts, base))


def ancestry(facts: Facts, base: str) -> Iterator[str]:
    """A class of another package and what it derives from, by name."""
    yield base
    for cls, _ in facts.ancestors(base):
        yield cls.name
