"""What a program does before it serves anybody: the coroutine it begins in, up to where a server or a task starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.passing import SERVERS, SEVERAL
from archwise.engine.reach import steps

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from archwise.engine.passing import Passing
    from archwise.engine.program import Code, Program
    from archwise.engine.reach import Step

    Callers = Mapping[Code, Collection[Code]]

_SERVERS = SERVERS | {"run_polling", "run_until_disconnected"}
_AWAITED_SERVERS = frozenset({"start", "listen", "run"})
"""Names that much else goes by: they count where another package's are awaited."""


class Beginnings:
    """Tells what comes before anybody could wait, in the functions that a program begins in.

    Such a function is a coroutine that the program gives an event loop to run, or what such a function calls to start a
    server or tasks, and nothing else does.
    """

    def __init__(self, program: Program, passing: Passing, callers: Callers, begun: Iterable[Code]) -> None:
        """``callers`` are those of each function, however they make it run."""
        self._passing = passing
        self._callers = callers
        servers, tasks = self._starts(program, _SERVERS, _AWAITED_SERVERS), self._starts(program, SEVERAL, frozenset())
        self._starting = [(found, _with_callers(found, callers)) for found in (servers, tasks)]
        self._serving: dict[Code, int] = {}
        """Where each of these functions begins to serve."""
        pending = list(begun)
        while pending:
            for code in pending:
                self._serving[code] = self._first(code)
            handed = dict.fromkeys(target for code in self._serving for target in self._handed(code))
            pending = [code for code in handed if code not in self._serving and self._is_handed_over(code)]

    def is_before(self, path: Step) -> bool:
        """Whether the end of a path runs once, before its functions start anything that somebody could wait for."""
        for step in steps(path):
            if self._is_early(step.code, step.op):
                return True
            if not self._goes_before(step.code, step.op):
                return False
        return False

    def _is_early(self, code: Code, op: int) -> bool:
        return self._goes_before(code, op) and op < self._serving[code]

    def early(self) -> Iterator[tuple[Code, Code]]:
        """The functions that a program begins in, each with what it calls before it serves, and only there."""
        for code in self._serving:
            places: dict[Code, bool] = {}
            for target, op, passes in self._passing.edges(code):
                places[target] = places.get(target, True) and passes == "call" and self._is_early(code, op)
            for target, is_early in places.items():
                if is_early and not any(target in starting for _, starting in self._starting):
                    yield code, target

    def _starts(self, program: Program, names: Iterable[str], awaited: Iterable[str]) -> dict[Code, int]:
        """The functions that call something of these names, each with the first such call."""
        found: dict[Code, int] = {}
        for code, index, _ in program.calls(*names):
            found[code] = min(index, found.get(code, index))
        for code, index, _ in program.calls(*awaited):
            if any(op.value == index for _, op in code.operations(ir.Await)) and not self._is_own(code, index):
                found[code] = min(index, found.get(code, index))
        return found

    def _is_own(self, code: Code, index: int) -> bool:
        return any(op == index for _, op, _ in self._passing.edges(code))

    def _first(self, code: Code) -> int:
        """The operation with which a function starts to serve: a server, else a task, else none."""
        for direct, starting in self._starting:
            found = [op for target, op, _ in self._passing.edges(code) if target in starting]
            if code in direct:
                found.append(direct[code])
            if found:
                return min(found)
        return len(code.scope.ops)

    def _handed(self, code: Code) -> Iterator[Code]:
        """What a function calls to start a server or tasks."""
        for target, op, _ in self._passing.edges(code):
            if self._goes_before(code, op) and any(target in starting for _, starting in self._starting):
                yield target

    def _is_handed_over(self, code: Code) -> bool:
        """Whether a function is run by new event loops, and by what a program begins in to begin with, alone."""
        return all(
            passes in ("new-loop", "own-loop") or (passes == "call" and self._goes_before(caller, op))
            for caller in self._callers.get(code, ())
            for target, op, passes in self._passing.edges(caller)
            if target is code
        )

    def _goes_before(self, code: Code, op: int) -> bool:
        return op <= self._serving.get(code, -1) and not _is_in_waiting_loop(code, op)


def _with_callers(starts: Iterable[Code], callers: Callers) -> set[Code]:
    found = set(starts)
    pending = list(found)
    while pending:
        more = [caller for caller in callers.get(pending.pop(), ()) if caller not in found]
        found.update(more)
        pending += more
    return found


def _is_in_waiting_loop(code: Code, op: int) -> bool:
    """Whether an operation stands in a loop that awaits something: it runs again while others may wait."""
    blocks = code.scope.blocks
    block = code.block_of(op)
    while block >= 0:
        if blocks[block].kind == "loop" and _awaits(code, block):
            return True
        block = blocks[block].parent
    return False


def _awaits(code: Code, loop: int) -> bool:
    """Whether a loop awaits something in its body, or its next element."""
    if any(code.is_within(code.block_of(index), loop) for index, op in enumerate(code.scope.ops) if ir.suspends(op)):
        return True
    first = next(index for index in range(len(code.scope.ops)) if code.is_within(code.block_of(index), loop))
    outer = code.scope.blocks[loop].parent
    before = [op for index, op in code.operations(ir.Element) if index < first and op.block == outer]
    return any(op.is_async for op in before[-1:])
