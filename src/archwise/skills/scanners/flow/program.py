"""One form for the programs of a skill, whatever language they are written in: names, what is bound to them, and calls.

It keeps what a question about where data goes needs, and nothing of the order in which things happen: a name has all
the values that are ever bound to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator


LOOKED_FOR = "looked for"
"""The name of all that a program compares with."""


class Value(msgspec.Struct, frozen=True):
    """An expression: a literal ``text``, a ``name``, a ``function``, a ``call``, or what is put together of ``parts``.

    ``call`` is the dotted name of a function, imports resolved, or ``.method`` of a ``receiver``; ``[]`` picks from one
    by a key that is written down. Of a shell's command the receiver is what comes in through the pipe. ``line`` counts
    from 1 in the file ``module``.
    """

    module: str
    line: int
    text: str = ""
    name: str = ""
    call: str = ""
    parts: tuple[Value, ...] = ()
    receiver: Value | None = None
    function: int = 0

    def walk(self) -> Iterator[Value]:
        """Itself and all that stands in it."""
        yield self
        if self.receiver is not None:
            yield from self.receiver.walk()
        for part in self.parts:
            yield from part.walk()


class Program(msgspec.Struct):
    """The code files of a skill in one language.

    ``bound`` has all values of each name; ``parameters`` the names of each function's, by its number; ``calls`` every
    call, in the order they are written.
    """

    bound: dict[str, list[Value]] = msgspec.field(default_factory=dict)
    parameters: dict[int, tuple[str, ...]] = msgspec.field(default_factory=dict)
    calls: list[Value] = msgspec.field(default_factory=list)

    def bind(self, name: str, value: Value) -> None:
        self.bound.setdefault(name, []).append(value)

    def define(self, parameters: tuple[str, ...]) -> int:
        """A new function's number."""
        number = len(self.parameters) + 1
        self.parameters[number] = parameters
        return number


def result(function: int) -> str:
    """The name that what a function returns is bound to."""
    return f"result {function}"


def stdin(function: int) -> str:
    """The name of what comes into a shell's function through the pipe."""
    return f"stdin {function}"


def file(place: str) -> str:
    """The name of what a file holds."""
    return f"file {place}"
