"""The loops of a program that send a query for each row: every one, with the reads that do."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.contexts import is_test
from archwise.engine.orm import paths, statements
from archwise.engine.orm.choices import Choices
from archwise.engine.orm.domain import SEPARATOR, Query, Row
from archwise.engine.orm.evaluator import Evaluator
from archwise.engine.orm.keys import is_by_key, is_remembered, may_be_short
from archwise.engine.orm.listings import Listings
from archwise.engine.orm.measured import measured
from archwise.engine.orm.minor import Minor
from archwise.engine.orm.models import is_migration
from archwise.engine.orm.reads import Reads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from archwise.engine.contexts import Contexts
    from archwise.engine.endpoints import Endpoint
    from archwise.engine.events import Events
    from archwise.engine.imports import Imports
    from archwise.engine.inference import Inference
    from archwise.engine.models import Models
    from archwise.engine.orm.domain import Place
    from archwise.engine.orm.listings import Listing
    from archwise.engine.orm.models import Link
    from archwise.engine.orm.reads import Read
    from archwise.engine.program import Code, Module

_STEPS = 2
_MAKING_SCHEMAS = frozenset({"fastapi", "ninja", "ninja_extra"})
"""The frameworks that make a response's model from the attributes of what is returned."""
_LOADERS = statements.LOADERS | {"select_related", "prefetch_related", "Prefetch", "prefetch_related_objects"}


class Unloaded(msgspec.Struct, frozen=True, gc=False):
    """A relation that each round of a loop reads and nothing has loaded.

    ``path`` leads to it from the rows of the query made at ``made``, by way of relations of ``owners``; ``many`` where
    some step of it has many rows. ``shared`` where rows of the loop may have it in common, by a relation to one row
    that a session of SQLAlchemy loads once for all of them.
    ``by`` is the serializer, or other class, that goes through the rows where no loop of the program does.
    ``further`` are the other paths behind the same first step that the loop reads, ``again`` the ways to where else it
    reads this one.
    ``seen`` where all that the query loads was seen, ``minor`` says why it is not worth a report, where it is not.
    """

    each: Place
    hops: tuple[Place, ...]
    row: Row
    link: Link
    path: tuple[str, ...]
    owners: tuple[str, ...]
    many: bool
    shared: bool
    made: Place
    seen: bool
    minor: str
    by: Code | None
    further: tuple[Unloaded, ...] = ()
    again: tuple[tuple[Place, ...], ...] = ()


class Asked(msgspec.Struct, frozen=True, gc=False):
    """A query that each round of a loop asks anew, with what that round gives it.

    ``over_rows`` where the loop goes through rows of a query; else it goes through keys, and the query gets one by one.
    """

    each: Place
    hops: tuple[Place, ...]
    query: Query
    minor: str
    over_rows: bool


class Loops:
    """The reads per row of a program's loops."""

    def __init__(
        self,
        inference: Inference,
        events: Events,
        imports: Imports,
        templates: Mapping[str, str],
        models: Models,
        endpoints: Callable[[], Iterable[Endpoint]],
        contexts: Callable[[], Contexts],
    ) -> None:
        """``templates`` are texts by path; ``endpoints`` are the functions that answer requests, asked for when needed,
        as are ``contexts``.
        """
        self._inference = inference
        self._imports = imports
        self.evaluator = Evaluator(inference, templates)
        self.reads = Reads(self.evaluator, models)
        self._minor = Minor(self.evaluator, events, imports, contexts)
        self._endpoints = endpoints
        self._settled: tuple[Read, ...] | None = None
        self._loaded_somewhere: frozenset[str] | None = None

    def settled(self) -> tuple[Read, ...]:
        """The reads that send a query for each round of a loop, in the order of the program."""
        if self._settled is None:
            _ = self.evaluator.registered  # before any value is half solved
            for code in self._functions():
                frame = self.evaluator.frame(code)
                self.reads.walk(frame)
                self.reads.settled.update(dict.fromkeys(self.reads.dumped.answered(frame)))
            for page in self.evaluator.rendering.views():
                self.reads.walk(page)
            for endpoint in self._endpoints() if self.evaluator.models.have_relations else ():
                if endpoint.framework in _MAKING_SCHEMAS and not is_test(endpoint.code):
                    self.reads.settled.update(dict.fromkeys(self.reads.schemas.of_response(endpoint)))
            _ = self._listed  # what shows rows has loops of its own
            self._settled = tuple(self.reads.settled)
        return self._settled

    def _functions(self) -> Iterator[Code]:
        """The functions that may have to do with rows, but for tests and migrations."""
        near = self._near
        for code in self._inference.program.codes() if near else ():
            if code.module in near and code.scope.kind == "function" and not is_test(code) and not is_migration(code):
                yield code

    @functools.cached_property
    def _near(self) -> frozenset[Module]:
        """The modules that define models, those that import one of them, and those that import what does."""
        found = set(self.evaluator.models.modules())
        for _ in range(_STEPS):
            found |= {imported.importer for module in found for imported in self._imports.to(module)}
        return frozenset(found)

    def unloaded(self) -> Iterator[Unloaded]:
        """The relations that loops read row by row, each once a loop, by the longest paths that are read."""
        return self._longest(self.settled() if self.evaluator.models.have_relations else ())

    def is_template(self, code: Code) -> bool:
        """Whether a loop stands in a template and not in Python code."""
        return self.evaluator.rendering.is_template(code)

    def unloaded_in_listings(self) -> Iterator[tuple[Listing, Unloaded]]:
        """The relations that views and admin lists read of each row that they show."""
        for listing in self._listed if self.evaluator.models.have_relations else ():
            for found in self._longest(listing.reads, listed=True):
                yield listing, found

    def _longest(self, reads: Iterable[Read], listed: bool = False) -> Iterator[Unloaded]:
        chosen: dict[tuple[object, ...], list[Unloaded]] = {}
        for read in reads:
            if read.row is not None and read.link is not None and not self._is_short(read):
                found = self._as_unloaded(read, read.row, read.link, by_loop=read.by is None and not listed)
                if found is not None:
                    _add(chosen.setdefault(self._identity(found), []), found)
        for first, *others in chosen.values():
            yield msgspec.structs.replace(first, further=tuple(others))

    def _is_short(self, read: Read) -> bool:
        """Whether a loop goes through no rows, and nothing that may be long."""
        return read.each not in self.evaluator.over_rows and may_be_short(read)

    def _identity(self, found: Unloaded) -> tuple[object, ...]:
        """What findings are one about; a template's loops go through the same rows, which keep what they have read."""
        if self.is_template(found.each[0]):
            return found.each[0], found.row.query.model, found.path[0]
        return found.each, found.path[0]

    def asked(self) -> Iterator[Asked]:
        """The queries that loops over rows ask round by round, each once a loop and place."""
        chosen: dict[tuple[Place, Place | None, Place], Asked] = {}
        for read in self.settled():
            if read.query is None or is_remembered(read):
                continue
            is_over_rows = read.by is not None or read.each in self.evaluator.over_rows
            if is_over_rows or is_by_key(read):
                found = Asked(
                    read.each,
                    read.hops,
                    read.query,
                    self._minor.why(read, read.query.made or read.each),
                    is_over_rows,
                )
                chosen.setdefault((read.each, read.query.made, read.hops[0]), found)
        yield from chosen.values()

    def asked_in_listings(self) -> Iterator[tuple[Listing, Asked]]:
        """The queries that views and admin lists send for each row that they show, each once a listing and place."""
        for listing in self._listed:
            chosen = {
                read.hops[-1]: Asked(
                    read.each, read.hops, read.query, self._minor.why(read, read.query.made or read.each), True
                )
                for read in listing.reads
                if read.query is not None and read.row is None and not is_remembered(read)
            }
            for found in chosen.values():
                yield listing, found

    @functools.cached_property
    def _listed(self) -> tuple[Listing, ...]:
        listings = Listings(self.evaluator, self.reads)
        choices = Choices(self.evaluator, self.reads)
        return (*listings.find(), *choices.find()) if self._inference.facts.relates else ()

    def _as_unloaded(self, read: Read, row: Row, link: Link, by_loop: bool) -> Unloaded | None:
        query = row.query
        if link.name in row.path:
            return None
        if query.open and not self.is_never_loaded(link.name):
            return None
        through = paths.models(self.evaluator.attributes, row)
        if not self._loading_themselves.isdisjoint(through[: row.base]):
            return None
        if any(link.name in _loaded_afterwards(code) for code, _ in (read.each, query.made or read.each, *read.hops)):
            return None
        if (row.each, query.made, (*row.path, link.name)) in self.reads.loaded:
            return None  # a variant of the query loads it, perhaps on the very condition that it is read
        base = 0 if link.orm == "sqlalchemy" else row.base
        path = (*row.path[base:], link.name)
        made = query.made if base == 0 and query.made is not None else read.each
        return Unloaded(
            each=read.each,
            hops=read.hops,
            row=row,
            link=link,
            path=path,
            owners=tuple(model.scope.name if model is not None else "" for model in through[base:]),
            many=paths.is_many(self.evaluator.attributes, row, link),
            shared=link.orm == "sqlalchemy" and paths.is_shared(self.evaluator.attributes, row, link),
            made=made,
            seen=not query.open and not query.guessed,
            minor=self._minor.why(read, made) if by_loop else self._minor.of_shown(read),
            by=read.by,
        )

    @functools.cached_property
    def _loading_themselves(self) -> frozenset[Code]:
        """The models with a method that loads relations of the one row it runs on."""
        return frozenset(
            code.owner
            for module in self._inference.program.modules.values()
            for code, _ in module.calls("prefetch_related_objects")
            if code.owner is not None
        )

    def measured(self) -> Iterator[tuple[Code, int, str]]:
        """The querysets whose rows are all loaded only to be counted, or to see whether there is one."""
        return measured(self.evaluator, self._functions())

    def raising(self) -> Iterator[Unloaded]:
        """The relations that are read of rows which were awaited, where a query cannot be."""
        self.settled()
        for read in self.reads.raising:
            if read.row is not None and read.link is not None and not _refreshes(read):
                found = self._as_unloaded(read, read.row, read.link, by_loop=True)
                if found is not None and found.seen:
                    yield found

    def is_never_loaded(self, name: str) -> bool:
        """Whether no query of the program loads a relation of this name, on whatever path."""
        if self._loaded_somewhere is None:
            self._loaded_somewhere = frozenset(self._find_loaded())
        return name not in self._loaded_somewhere

    def _find_loaded(self) -> Iterator[str]:
        for module in self._inference.program.modules.values():
            for name in _LOADERS & module.summary.called.keys():
                for code, index in module.calls(name):
                    op = code.scope.ops[index]
                    for argument in op.arguments if isinstance(op, ir.Call) else ():
                        given = code.scope.ops[argument]
                        if isinstance(given, ir.Constant) and given.kind == "str":
                            yield from given.text.split(SEPARATOR)
                        elif isinstance(given, ir.Attribute):
                            yield given.name


def _add(kept: list[Unloaded], found: Unloaded) -> None:
    """Keep a path beside those of the same loop, unless one of them goes on from it; it may go on from one of them."""
    for position, known in enumerate(kept):
        if _is_start(known.path, found.path) and (found.seen, bool(known.minor)) > (known.seen, bool(found.minor)):
            kept[position] = msgspec.structs.replace(found, again=_ways(found, known))
            return
        if _is_start(found.path, known.path):
            kept[position] = msgspec.structs.replace(known, again=_ways(known, found))
            return
        if _is_start(known.path, found.path):
            kept[position] = msgspec.structs.replace(
                known,
                path=found.path,
                owners=found.owners,
                many=found.many or known.many,
                shared=found.shared and known.shared,
                seen=found.seen and known.seen,
                again=_ways(known, found),
            )
            return
    kept.append(found)


def _ways(kept: Unloaded, other: Unloaded) -> tuple[tuple[Place, ...], ...]:
    """The ways to where the same path is read, but for the one that is kept."""
    return tuple(way for way in dict.fromkeys((*kept.again, *other.again, other.hops)) if way != kept.hops)


def _is_start(path: tuple[str, ...], longer: tuple[str, ...]) -> bool:
    return longer[: len(path)] == path


def _loaded_afterwards(code: Code) -> set[str]:
    """The relations that a function loads of rows it has: ``prefetch_related_objects(rows, "customer")``."""
    names: set[str] = set()
    for scope, index in code.module.calls("prefetch_related_objects"):
        op = scope.scope.ops[index]
        for argument in op.arguments if scope is code and isinstance(op, ir.Call) else ():
            given = code.scope.ops[argument]
            given = code.scope.ops[given.arguments[0]] if isinstance(given, ir.Call) and given.arguments else given
            names.update(given.text.split(SEPARATOR) if isinstance(given, ir.Constant) else ())
    return names


def _refreshes(read: Read) -> bool:
    """Whether a function on the way loads what it reads by refreshing the row."""
    return any(
        ir.identifier(op) in ("refresh", "run_sync") for code, _ in (read.each, *read.hops) for op in code.scope.ops
    )
