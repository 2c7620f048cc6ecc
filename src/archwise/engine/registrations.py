"""Functions that a framework is told of: by a decorator, or in a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir
from archwise.engine.known_as import known_as
from archwise.engine.projectfiles import ProjectFiles, admits, excludes_older
from archwise.engine.root import Root
from archwise.engine.values import Instance, ModuleValue, Values, functions_of
from archwise.engine.values import Literal as LiteralValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archwise.engine.conventions import Conventions
    from archwise.engine.fallback import Fallback
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code
    from archwise.knowledge.schema import Handler, Sync

_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "trace"})
_COMMON = _VERBS | {"append", "add", "on", "run", "connect", "start", "update", "register", "command", "route"}
"""Names that much else goes by: they count where the module imports the framework."""


class Registrations:
    """Finds what frameworks are told of."""

    def __init__(
        self, inference: Inference, fallback: Fallback, beside: ProjectFiles, conventions: Conventions
    ) -> None:
        self._inference = inference
        self._fallback = fallback
        self._beside = beside
        self._conventions = conventions
        self._decorators: dict[str, Handler] = {}
        self._calls: dict[str, list[Handler]] = {}
        self._served: dict[tuple[str, ...], bool] = {}
        for handler in inference.facts.handlers:
            self._decorators.update(dict.fromkeys(handler.decorators, handler))
            for name in handler.calls:
                self._calls.setdefault(name, []).append(handler)

    def decorated(self) -> Iterator[Root]:
        """Functions under a framework's decorators."""
        wanted = {name.rpartition(".")[2] for name in self._decorators}
        if not wanted:
            return
        for code in self._inference.program.codes():
            for parent, index in code.decorators if code.scope.kind == "function" else ():
                for root in self._by_decorator((code,), parent, index, wanted):
                    if root.on_loop and not code.scope.is_async and self._inference.decorators.sends_away(code, index):
                        root = msgspec.structs.replace(root, sync="thread")
                    yield root
        for code, _, op in self._inference.program.calls(""):  # what is called has no name of its own
            if op.arguments:
                yield from self._decorated_by_hand(code, op, wanted)

    def _decorated_by_hand(self, code: Code, op: ir.Call, wanted: set[str]) -> Iterator[Root]:
        """The functions given to what a decorator's call returns: ``app.post(path)(handler)``."""
        decorator = code.scope.ops[op.function]
        if isinstance(decorator, ir.Call) and ir.identifier(code.scope.ops[decorator.function]) in wanted:
            targets = tuple(functions_of(self._inference.values(code, op.arguments[0])))
            yield from self._by_decorator(targets, code, op.function, wanted)

    def _by_decorator(self, targets: Iterable[Code], parent: Code, decorator: int, wanted: set[str]) -> Iterator[Root]:
        index, call = _registrar(parent, decorator, wanted)
        op = parent.scope.ops[index]
        if ir.identifier(op) not in wanted and not isinstance(op, ir.Name):
            return
        for value in self._fallback.settled(parent, index):
            for name in known_as(self._inference, value):
                handler = self._decorators.get(name)
                if handler is not None:
                    apart = call is not None and self._says(handler.apart, parent, call)
                    sync = self._sync(handler, parent, call)
                    for code in targets:
                        label = self._label(handler, code, name, parent, call)
                        yield Root(code, handler.role, sync, label, handler, name, parent, decorator, apart)
                    return

    def handed(self) -> Iterator[Root]:
        """Functions that a framework is given in calls, alone or as methods of an object."""
        for last in sorted({name.rpartition(".")[2] for name in self._calls}):
            names = [name for name in self._calls if name.rpartition(".")[2] == last]
            wanted, holders = {name.partition(".")[0] for name in names}, self._holders(names)
            for code, index, op in self._inference.program.calls(last):
                is_meant = last not in _COMMON or not wanted.isdisjoint(code.module.summary.imports)
                if is_meant or _receiver_of(code, op) in holders:
                    yield from self._by_call(code, op, index)

    def _holders(self, methods: Iterable[str]) -> frozenset[str]:
        """The attributes of frameworks' objects that hold an object with one of these methods: ``app.on_cleanup``."""
        owners = {name.rpartition(".")[0] for name in methods}
        classes = (cls for cls, _ in self._inference.facts.classes.values())
        return frozenset(name for cls in classes for name, held in cls.attributes.items() if held in owners)

    def _by_call(self, code: Code, op: ir.Call, index: int) -> Iterator[Root]:
        for value in self._fallback.settled(code, op.function):
            for name in known_as(self._inference, value):
                for handler in self._calls.get(name, ()):
                    given = _given(handler, op)
                    values = self._inference.values(code, given) if given is not None else ()
                    role = "startup" if values and self._says(handler.kept, code, op) else handler.role
                    for target in functions_of(values):
                        label = self._label(handler, target, name, code, op)
                        yield Root(target, role, self._sync(handler, code, op), label, handler, name, code, index)
                    if handler.methods:
                        yield from self._held(values, handler, name)

    def _held(self, values: Values, handler: Handler, name: str) -> Iterator[Root]:
        """The methods of a resource, or the functions of a module, that a framework is given to answer with."""
        for value in values:
            if isinstance(value, Instance):
                yield from self._conventions.methods(value.code, handler, name)
            elif isinstance(value, ModuleValue):
                yield from self._conventions.functions(value.module.code, handler, name)

    def _label(self, handler: Handler, code: Code, name: str, parent: Code, call: ir.Call | None) -> str:
        path = ""
        if call is not None and call.arguments:
            first = self._inference.values(parent, call.arguments[0])
            if len(first) == 1 and isinstance(first[0], LiteralValue) and first[0].kind == "str":
                path = first[0].text
        verb = name.rpartition(".")[2]
        if handler.role == "endpoint" and path:
            return f"{verb.upper()} {path}" if verb in _VERBS else f"route {path}"
        if handler.role == "websocket" and path:
            return f"WebSocket {path}"
        return f"{handler.role} {code.name}"

    def _sync(self, handler: Handler, code: Code, call: ir.Call | None) -> Sync:
        """Where a plain ``def`` runs that a framework is told of so: in a thread also where the call says so."""
        keyword = (handler.threaded or "").partition("=")[0]
        if call is not None and self._says(keyword, code, call):
            return "thread"
        if handler.loop_if_used not in self._served:
            self._served[handler.loop_if_used] = any(map(self._inference.program.speaks_of, handler.loop_if_used))
        return "loop" if self._served[handler.loop_if_used] else self._by_release(handler)

    def _by_release(self, handler: Handler) -> Sync:
        """Where a plain ``def`` runs with the release that a project requires; where that may be either, untold."""
        distribution, _, release = (handler.since or "").partition(" ")
        version = tuple(map(int, release.split("."))) if release else ()
        required = self._beside.requirements(distribution) if version else []
        if any(not admits(each, version) for each in required):
            return "loop"
        return handler.sync if not version or any(excludes_older(each, version) for each in required) else "either"

    def _says(self, keyword: str | None, code: Code, op: ir.Call) -> bool:
        """Whether a call gives a keyword, and gives it as true."""
        given = dict(op.keywords).get(keyword or "")
        values = self._inference.values(code, given) if given is not None else ()
        return any(isinstance(value, LiteralValue) and value.text == "True" for value in values)


def _receiver_of(code: Code, op: ir.Call) -> str:
    """The last identifier of what a method is called on."""
    function = code.scope.ops[op.function]
    return ir.identifier(code.scope.ops[function.value]) if isinstance(function, ir.Attribute) else ""


def _registrar(parent: Code, decorator: int, wanted: set[str]) -> tuple[int, ir.Call | None]:
    """What a decorator registers with, and how that is called: ``app.get`` of ``@app.get(path)``."""
    ops = parent.scope.ops
    call = ops[decorator]
    if not isinstance(call, ir.Call):
        return decorator, None
    if call.arguments and isinstance(ops[call.function], ir.Name):
        # ``@protected(router.get, path)``: the program's own decorator registers with what it is handed.
        handed = ops[call.arguments[0]]
        if isinstance(handed, ir.Attribute) and handed.name in wanted:
            return call.arguments[0], msgspec.structs.replace(call, arguments=call.arguments[1:])
    return call.function, call


def _given(handler: Handler, op: ir.Call) -> int | None:
    """The argument of a call that is what the framework is to call."""
    given = dict(op.keywords).get(handler.keyword or "")
    if given is None and handler.argument is not None and handler.argument < len(op.arguments):
        given = op.arguments[handler.argument]
    return given
