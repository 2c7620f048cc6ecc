"""Between which operations of a function an attribute keeps its value, as far as the program's text tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir

if TYPE_CHECKING:
    from archwise.engine.program import Code, Program


class Steady:
    """Answers whether anything may set an attribute between a condition on it and an operation."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._changes: dict[tuple[Code, str], list[int]] = {}
        self._writers: dict[str, set[str]] | None = None

    def changes(self, code: Code, name: str, index: int) -> list[int]:
        """The stores, calls and awaits up to an operation of a function that may change an attribute of this name."""
        return [at for at in self._changes_of(code, name) if at <= index]

    def since_block(self, code: Code, name: str, block: int, index: int) -> bool:
        """The same since a block that the operation stands in began, or a loop in it that goes round again."""
        changes = self._changes_of(code, name)
        if not changes:
            return True
        ops, blocks = code.scope.ops, code.scope.blocks
        inner: int = getattr(ops[index], "block", 0)
        around = 0
        while inner > block:
            around = inner if blocks[inner].kind == "loop" else around
            inner = blocks[inner].parent
        start = next((at for at, op in enumerate(ops) if code.is_within(getattr(op, "block", 0), block)), index)
        return not any(
            start <= at < index or (around and code.is_within(getattr(ops[at], "block", 0), around)) for at in changes
        )

    def between(self, code: Code, name: str, start: int, index: int) -> bool:
        """The same between two operations, as they are written."""
        return not any(start < at < index for at in self._changes_of(code, name))

    def _changes_of(self, code: Code, name: str) -> list[int]:
        """What stores into an attribute of this name, calls what does, or lets others run, in order."""
        found = self._changes.get((code, name))
        if found is None:
            writers = self._writers_of(name)
            calls = code.operations(ir.Call) if writers else []
            found = [at for at, op in calls if ir.identifier(code.scope.ops[op.function]) in writers]
            found += [at for at, op in code.operations(ir.Operation) if op.method == f"{name}="]
            found += [at for at, _ in code.operations(ir.Await)]
            found.sort()
            self._changes[code, name] = found
        return found

    def _writers_of(self, name: str) -> set[str]:
        """The names of the functions that set an attribute of this name."""
        if self._writers is None:
            self._writers = {}
            for code in self._program.codes():
                for store in code.scope.stores:
                    if not store.item and code.scope.name != "__init__":
                        self._writers.setdefault(store.name, set()).add(code.scope.name)
        return self._writers.get(name, set())
