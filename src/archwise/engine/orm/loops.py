"""The loops of a program that send a query for each row: every one, with the reads that do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.contexts import is_test
from archwise.engine.orm.domain import SEPARATOR, Group, Items, Query, Row, Scalar, Table
from archwise.engine.orm.evaluator import Evaluator
from archwise.engine.orm.reads import Reads, is_inside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.orm.domain import Place
    from archwise.engine.orm.models import Link
    from archwise.engine.orm.reads import Read
    from archwise.engine.program import Code

_WRITES = frozenset({"save", "asave", "delete", "adelete"})
_LOADERS = frozenset({"select_related", "prefetch_related", "Prefetch", "prefetch_related_objects"})


class Unloaded(msgspec.Struct, frozen=True, gc=False):
    """A relation that each round of a loop reads and nothing has loaded.

    ``path`` leads to it from the rows of the query made at ``made``; ``many`` where some step of it has many rows.
    ``seen`` where all that the query loads was seen, ``writes`` where each round sends a query anyway, to write.
    """

    each: Place
    hops: tuple[Place, ...]
    row: Row
    link: Link
    path: tuple[str, ...]
    many: bool
    made: Place
    seen: bool
    writes: bool


class Asked(msgspec.Struct, frozen=True, gc=False):
    """A query that each round of a loop over rows asks anew, with what that round gives it."""

    each: Place
    hops: tuple[Place, ...]
    query: Query
    writes: bool


class Loops:
    """The reads per row of a program's loops."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self.evaluator = Evaluator(inference)
        self.reads = Reads(self.evaluator)
        self._settled: tuple[Read, ...] | None = None
        self._loaded_somewhere: frozenset[str] | None = None

    def settled(self) -> tuple[Read, ...]:
        """The reads that send a query for each round of a loop, in the order of the program."""
        if self._settled is None:
            if self._inference.facts.relates:
                for code in self._inference.program.codes():
                    if code.scope.kind == "function" and not is_test(code) and not _is_migration(code):
                        self.reads.walk(self.evaluator.frame(code))
            self._settled = tuple(self.reads.settled)
        return self._settled

    def unloaded(self) -> Iterator[Unloaded]:
        """The relations that loops read row by row, each once a loop, by the longest path that is read."""
        chosen: dict[tuple[Place, str], Unloaded] = {}
        for read in self.settled():
            if read.row is None or read.link is None:
                continue
            found = self._as_unloaded(read, read.row, read.link)
            if found is None:
                continue
            key = found.each, found.path[0]
            known = chosen.get(key)
            if known is None or (found.seen and not known.seen):
                chosen[key] = found
            elif found.path[: len(known.path)] == known.path and len(found.path) > len(known.path):
                chosen[key] = msgspec.structs.replace(
                    known, path=found.path, many=found.many or known.many, seen=found.seen and known.seen
                )
        yield from chosen.values()

    def asked(self) -> Iterator[Asked]:
        """The queries that loops over rows ask round by round, each once a loop and place."""
        chosen: dict[tuple[Place, Place], Asked] = {}
        for read in self.settled():
            if read.query is not None and self._is_over_rows(read.each) and not _is_remembered(read):
                found = Asked(read.each, read.hops, read.query, _writes(read))
                chosen.setdefault((read.each, read.hops[-1]), found)
        yield from chosen.values()

    def _is_over_rows(self, each: Place) -> bool:
        """Whether a loop goes through rows or values of a query, so that it may have many rounds."""
        code, index = each
        op = code.scope.ops[index]
        if not isinstance(op, ir.Element):
            return False
        for value in self.evaluator.value(self.evaluator.frame(code), op.value):
            if isinstance(value, Query) or (isinstance(value, Scalar) and value.rows):
                return True
            if isinstance(value, (Items, Table)) and any(isinstance(item, (Row, Group)) for item in value.items):
                return True
        return False

    def _as_unloaded(self, read: Read, row: Row, link: Link) -> Unloaded | None:
        query = row.query
        if link.name in row.path:
            return None
        if query.open and not self.is_never_loaded(link.name):
            return None
        path = (*row.path[row.base :], link.name)
        made = query.made if row.base == 0 and query.made is not None else read.each
        return Unloaded(
            read.each, read.hops, row, link, path, self._is_many(row, link), made, not query.open, _writes(read)
        )

    def _is_many(self, row: Row, link: Link) -> bool:
        """Whether a step of the path that is to be loaded has many rows."""
        if link.many:
            return True
        model = row.query.model
        for position, name in enumerate(row.path):
            found = self.evaluator.models.links(model).get(name) if model is not None else None
            if found is None:
                return False
            if found.many and position >= row.base:
                return True
            model = found.target
        return False

    def is_never_loaded(self, name: str) -> bool:
        """Whether no query of the program loads a relation of this name, on whatever path."""
        if self._loaded_somewhere is None:
            self._loaded_somewhere = frozenset(self._find_loaded())
        return name not in self._loaded_somewhere

    def _find_loaded(self) -> Iterator[str]:
        for module in self._inference.program.modules.values():
            for name in _LOADERS & module.summary.called.keys():
                sites = module.summary.called[name]
                for scope, index in zip(sites[::2], sites[1::2], strict=True):
                    code = module.codes[scope]
                    op = code.scope.ops[index]
                    for argument in op.arguments if isinstance(op, ir.Call) else ():
                        given = code.scope.ops[argument]
                        if isinstance(given, ir.Constant) and given.kind == "str":
                            yield from given.text.split(SEPARATOR)


def _writes(read: Read) -> bool:
    """Whether a loop, or a function on the way to the read, saves or deletes."""
    if any(code.scope.name in _WRITES or _writes_in(code, 0) for code, _ in read.hops[1:]):
        return True
    return _writes_in(*read.each)


def _writes_in(code: Code, loop: int) -> bool:
    """Whether a function calls ``save`` or ``delete``, in this loop of it where one is given."""
    if _WRITES.isdisjoint(code.module.summary.called):
        return False
    return any(
        isinstance(op, ir.Call)
        and ir.identifier(code.scope.ops[op.function]) in _WRITES
        and (not loop or is_inside(code, index, loop))
        for index, op in enumerate(code.scope.ops)
    )


def _is_remembered(read: Read) -> bool:
    """Whether the query is asked only for what earlier rounds have not left in a dict."""
    for code, index in read.hops:
        block = getattr(code.scope.ops[index], "block", 0)
        kind = code.scope.blocks[block].kind
        if kind == "except":
            return True
        if kind == "if" and any(
            isinstance(op, ir.Operation) and op.method == "__setitem__" and op.block == block for op in code.scope.ops
        ):
            return True
    return False


def _is_migration(code: Code) -> bool:
    return "/migrations/" in f"/{code.module.path}"
