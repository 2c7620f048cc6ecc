"""Reads per row that are the smaller part of what their loop costs, or that are few: true, and not worth a report.

A round that writes, publishes a task, asks another host or sleeps costs more than what it reads, and one that gets its
row by a query of its own sends one anyway, which AW502 tells; a loop that looks for something ends where it finds it; a
list that is cut to a handful stays one, and the rows that one object or user has are seldom many; nobody waits for a
command, or for a script that is run by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.event import Sink
from archwise.engine.orm import paths
from archwise.engine.orm.domain import Users
from archwise.engine.orm.rounds import body_of, is_inside
from archwise.engine.values import FunctionValue, Method

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archwise.engine.contexts import Contexts
    from archwise.engine.events import Events
    from archwise.engine.imports import Imports
    from archwise.engine.orm.domain import Place
    from archwise.engine.orm.evaluator import Evaluator
    from archwise.engine.orm.frames import Frame
    from archwise.engine.orm.reads import Read
    from archwise.engine.program import Code, Module

_CREATES = ("create", "get_or_create", "update_or_create", "bulk_create", "bulk_update")
_WRITES = frozenset(f"{a}{name}" for a in ("", "a") for name in ("save", "delete", *_CREATES))
_UPDATES = frozenset({"update", "aupdate"})
_RELATES = frozenset(f"{a}{name}" for a in ("", "a") for name in ("add", "remove", "set", "clear"))
"""Methods of the manager of a relation to many rows that write."""
_PUBLISHES = frozenset({"delay", "apply_async"})
"""Methods of a task that hand it to a broker."""
_ELSEWHERE = frozenset({"network", "subprocess", "sleep"})
"""What takes longer than a query; caches, which are asked over the network too, do not."""
_STORED = ("storage", "FieldFile")
"""What files are called that may lie on another host."""
_ORMS = frozenset({"django", "tortoise", "sqlalchemy", "sqlmodel", "flask_sqlalchemy"})
_MOST_CALLS = 3
"""How many calls deep a write, or what asks another host, is looked for."""
_MANY_RELATIONS = 13
"""An object with so many relations to many rows is a tenant of the program, an event or an organization."""
_SCRIPTS = frozenset({"scripts", "script", "bin"})
"""Folders of what is run by hand."""
_COMMANDS = "management/commands/"
"""Where Django finds commands."""


class Minor:
    """Finds what makes reads minor."""

    def __init__(
        self, evaluator: Evaluator, events: Events, imports: Imports, contexts: Callable[[], Contexts]
    ) -> None:
        self._evaluator = evaluator
        self._events = events
        self._imports = imports
        self._contexts = contexts
        self._paying: dict[tuple[Frame, int, int], bool] = {}
        self._calm: dict[Code, bool] = {}
        self._scripts: dict[Module, bool] = {}

    def why(self, read: Read, made: Place) -> str:
        """Why a read per row of a query made at a place is not worth a report; empty where it is."""
        code, loop = read.each
        query = read.row.query if read.row is not None else read.query
        if found := self.of_shown(read):
            return found
        if query is not None and query.locked:
            return "of rows that are locked one by one"
        if any(map(self._is_calm, (code, made[0]))):
            return "in what is run by hand"
        if self._looks_for_one(code, loop):
            return "until the loop finds what it looks for"
        if self._pays(read):
            return "as each round writes, or waits for another host, anyway"
        return "of the rows that one object has" if self._is_of_one(read) else ""

    def of_shown(self, read: Read) -> str:
        """The same of rows that a framework goes through, where there is no loop to look at."""
        row = read.row
        if row is not None and row.few:
            return "of ten rows at most"
        is_got = row is not None and row.query.each == read.each
        return "as each round gets its row by a query of its own, too" if is_got else ""

    # -- how often

    def _is_of_one(self, read: Read) -> bool:
        """Whether the rows are those of one object: few, unless much of the program hangs on such objects."""
        row = read.row
        if row is None or self._evaluator.rendering.is_template(read.each[0]):
            return False
        if self._evaluator.models.dialect(row.query.model) == "sqlalchemy":
            return False
        holder = paths.holder(self._evaluator.attributes, row) or row.query.of
        return holder is not None and not self._is_tenant(holder)

    def _is_tenant(self, holder: Code | Users) -> bool:
        """Whether much of the program hangs on objects of a model; it does on users, who have few of anything."""
        if isinstance(holder, Users) or holder is self._evaluator.models.user:
            return False
        return sum(link.many for link in self._evaluator.models.links(holder).values()) >= _MANY_RELATIONS

    def _looks_for_one(self, code: Code, loop: int) -> bool:
        """Whether a loop may end early, with what it looks for."""
        return code.scope.blocks[body_of(code, loop)].kind == "search"

    # -- what a round costs

    def _pays(self, read: Read) -> bool:
        """Whether each round writes or asks another host, or a function on the way to the read does.

        Where the rows depend on the round of a loop around, that loop's rounds count as well.
        """
        frame = self._evaluator.frame
        if any(code.scope.name in _WRITES or self._in(frame(code), 0, 0) for code, _ in read.hops[1:]):
            return True
        around = read.row.query.each if read.row is not None else None
        loops = (read.each,) if around is None else (read.each, around)
        return any(self._in(frame(code), loop, _MOST_CALLS) for code, loop in loops)

    def _in(self, frame: Frame, loop: int, deeper: int) -> bool:
        """Whether a function writes or asks another host, in this loop of it where one is given."""
        key = frame, loop, deeper
        found = self._paying.get(key)
        if found is None:
            self._paying[key] = False
            found = self._paying[key] = self._finds(frame, loop, deeper)
        return found

    def _finds(self, frame: Frame, loop: int, deeper: int) -> bool:
        code = frame.code
        calls = [(index, op) for index, op in code.operations(ir.Call) if not loop or is_inside(code, index, loop)]
        if any(self._is_write(code, op) for _, op in calls):
            return True
        inside = {index for index, _ in calls}
        for site in self._events.sites(code) if inside else ():
            events = [event for events in site.alternatives for event in events] if site.op in inside else ()
            if any(isinstance(event, Sink) and _is_slow(event) for event in events):
                return True
        return deeper > 0 and any(self._in(inner, 0, deeper - 1) for _, op in calls for inner in self._run(frame, op))

    def _is_write(self, code: Code, op: ir.Call) -> bool:
        function = code.scope.ops[op.function]
        name = ir.identifier(function)
        if name in _RELATES and isinstance(function, ir.Attribute):
            relation = code.scope.ops[function.value]
            return isinstance(relation, ir.Attribute) and bool(self._evaluator.models.holders(relation.name))
        return name in _WRITES or name in _PUBLISHES or (name in _UPDATES and bool(op.keywords) and not op.arguments)

    def _run(self, frame: Frame, op: ir.Call) -> Iterator[Frame]:
        """The functions of the program that a call runs."""
        frames = self._evaluator.calls.frames(frame, op)
        yield from frames
        if not frames:
            for value in self._evaluator.inference.values(frame.code, op.function):
                if isinstance(value, (FunctionValue, Method)):
                    yield self._evaluator.frame(value.code)

    # -- who waits

    def _is_calm(self, code: Code) -> bool:
        """Whether nobody waits for a function: it stands in a script, or runs in one-shot commands alone."""
        found = self._calm.get(code)
        if found is None:
            found = self._calm[code] = self._is_script(code.module) or self._is_commanded(code)
        return found

    def _is_script(self, module: Module) -> bool:
        """Whether a module is run by hand: a command, among scripts or with a main, and only such modules import it."""
        found = self._scripts.get(module)
        if found is None:
            self._scripts[module] = False
            found = self._scripts[module] = _may_be_script(module) and all(
                each.importer.is_test or self._is_script(each.importer) for each in self._imports.to(module)
            )
        return found

    def _is_commanded(self, code: Code) -> bool:
        """Whether a command is what runs a function, and whoever else may call it, by its name, runs in one too."""
        contexts = self._contexts()
        if not contexts.is_calm(code) or contexts.root(code) is not None:
            return contexts.is_calm(code)
        modules = self._evaluator.inference.program.modules.values()
        used = (module for module in modules if not module.is_test)
        callers = [caller for module in used for caller, _ in module.calls(code.scope.name)]
        return bool(callers) and all(map(contexts.is_calm, callers))


def _may_be_script(module: Module) -> bool:
    is_among = not _SCRIPTS.isdisjoint(module.path.split("/")[:-1]) or _COMMANDS in module.path
    return (module.has_main or is_among) and module.path.endswith(".py")


def _is_slow(sink: Sink) -> bool:
    """Whether a call takes longer than a query, or is a query that a package other than the rows' own sends."""
    name, kind = sink.effect.name, sink.effect.kind
    if kind == "file":
        return any(each in name for each in _STORED)
    if kind == "database":
        return name.rpartition(" ")[2].partition(".")[0] not in _ORMS
    return kind in _ELSEWHERE and "cache" not in name
