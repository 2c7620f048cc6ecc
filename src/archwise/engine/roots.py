"""Where control enters a program: the functions frameworks call, and how."""

from __future__ import annotations

import fnmatch
import functools
from typing import TYPE_CHECKING, Literal

import msgspec

from archwise.engine import ir
from archwise.engine.projectfiles import ProjectFiles, admits, excludes_older
from archwise.engine.values import (
    ClassValue,
    External,
    ExternalMethod,
    FunctionValue,
    Instance,
    Managed,
    Method,
    ModuleValue,
    Partial,
    Symbolic,
    Value,
    Values,
)
from archwise.engine.values import Literal as LiteralValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from archwise.engine.fallback import Fallback
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code
    from archwise.knowledge.schema import Handler, Role, Sync

_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "trace"})
_COMMON = _VERBS | {"append", "add", "on", "run", "connect", "start", "update", "register", "command", "route"}
"""Names that much else goes by: they count where the module imports the framework."""
_REQUEST = frozenset({"endpoint", "websocket", "middleware", "dependency", "handler"})


class Root(msgspec.Struct, frozen=True, gc=False):
    """A function that a framework calls: what for, where a plain ``def`` runs, and how a person would name it.

    ``by`` is what the framework is told with (a decorator, a call or a base class), ``op`` the operation of ``place``
    that tells it.
    """

    code: Code
    role: Role
    sync: Sync
    label: str
    handler: Handler | None = None
    """What knowledge says of the way the framework was told."""
    by: str = ""
    place: Code | None = None
    op: int = 0
    apart: bool = False
    """Whether it runs on a loop of its own in a thread, where it keeps nobody else waiting."""

    @property
    def on_loop(self) -> bool:
        """Whether the event loop runs it."""
        return self.code.scope.is_async or self.sync == "loop"

    @property
    def threaded(self) -> str:
        """What a plain ``def`` must say for the framework to run it in a thread; empty where it need say nothing."""
        return (self.handler.threaded if self.handler is not None else None) or ""

    @property
    def serves(self) -> bool:
        """Whether it is called for each request or event."""
        return self.role in _REQUEST and not self.apart


class Roots:
    """Finds roots."""

    def __init__(self, inference: Inference, fallback: Fallback, beside: ProjectFiles) -> None:
        self._inference = inference
        self._fallback = fallback
        self._beside = beside
        self._decorators: dict[str, Handler] = {}
        self._calls: dict[str, list[Handler]] = {}
        self._bases: list[tuple[str, Handler]] = []
        self._served: dict[tuple[str, ...], bool] = {}
        for handler in inference.facts.handlers:
            self._decorators.update(dict.fromkeys(handler.decorators, handler))
            for name in handler.calls:
                self._calls.setdefault(name, []).append(handler)
            self._bases.extend((inference.facts.canonical(base), handler) for base in handler.bases)

    def find(self) -> tuple[Root, ...]:
        """All roots, each function once, in the order of the program."""
        found: dict[Code, Root] = {}
        for root in self.registrations:
            found.setdefault(root.code, root)
        return tuple(found.values())

    @functools.cached_property
    def registrations(self) -> tuple[Root, ...]:
        """All roots, a function as often as a framework is told of it."""
        return (
            *self._decorated(),
            *self._handed(),
            *self._derived(),
            *self._defined(),
            *self._dependencies(),
            *self._started(),
        )

    # -- by decorator

    def _decorated(self) -> Iterator[Root]:
        wanted = {name.rpartition(".")[2] for name in self._decorators}
        if not wanted:
            return
        for code in self._inference.program.codes():
            for parent, index in code.decorators if code.scope.kind == "function" else ():
                yield from self._by_decorator((code,), parent, index, wanted)
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
        index = decorator
        op = parent.scope.ops[index]
        call = op if isinstance(op, ir.Call) else None
        if call is not None:
            index = call.function
            op = parent.scope.ops[index]
        if call is not None and call.arguments and isinstance(op, ir.Name):
            # ``@protected(router.get, path)``: the program's own decorator registers with what it is handed.
            handed = parent.scope.ops[call.arguments[0]]
            if isinstance(handed, ir.Attribute) and handed.name in wanted:
                index, call = call.arguments[0], msgspec.structs.replace(call, arguments=call.arguments[1:])
                op = handed
        last = ir.identifier(op)
        if last not in wanted and not isinstance(op, ir.Name):
            return
        for value in self._fallback.settled(parent, index):
            for name in self.names(value):
                handler = self._decorators.get(name)
                if handler is not None:
                    apart = call is not None and self._says(handler.apart, parent, call)
                    sync = self._sync(handler, parent, call)
                    for code in targets:
                        label = self._label(handler, code, name, parent, call)
                        yield Root(code, handler.role, sync, label, handler, name, parent, decorator, apart)
                    return

    def names(self, value: Value) -> Iterator[str]:
        """The names knowledge may know something callable by."""
        facts = self._inference.facts
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
            yield from self._inference.classes.external_bases(value.code)
        elif isinstance(value, Method) and value.code.owner is not None:
            # A class of the program that a framework's is extended by registers with the same methods.
            for base in self._inference.classes.external_bases(value.code.owner):
                yield from (f"{name}.{value.code.scope.name}" for name in self._ancestry(base))

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

    # -- by call

    def _handed(self) -> Iterator[Root]:
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
            for name in self.names(value):
                for handler in self._calls.get(name, ()):
                    given = dict(op.keywords).get(handler.keyword or "")
                    if given is None and handler.argument is not None and handler.argument < len(op.arguments):
                        given = op.arguments[handler.argument]
                    if given is not None:
                        role = "startup" if self._says(handler.kept, code, op) else handler.role
                        values = self._inference.values(code, given)
                        for target in functions_of(values):
                            label = self._label(handler, target, name, code, op)
                            yield Root(target, role, self._sync(handler, code, op), label, handler, name, code, index)
                        for each in values if handler.methods else ():
                            if isinstance(each, Instance):  # a resource: its methods answer
                                yield from self._methods(each.code, handler, name)
                            elif isinstance(each, ModuleValue):  # or a module's functions
                                yield from self._answers(each.module.code, handler, name)

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

    # -- by base class

    def _derived(self) -> Iterator[Root]:
        if not self._bases:
            return
        classes = self._inference.classes
        for code in self._inference.program.codes():
            if code.scope.kind != "class" or not code.scope.bases:
                continue
            bases = {name for base in classes.external_bases(code) for name in self._ancestry(base)}
            for base, handler in self._bases:
                if base in bases:
                    yield from self._methods(code, handler, base)

    def _ancestry(self, base: str) -> Iterator[str]:
        yield base
        for cls, _ in self._inference.facts.ancestors(base):
            yield cls.name

    def _methods(self, cls: Code, handler: Handler, base: str) -> Iterator[Root]:
        for entry in self._inference.classes.order(cls):
            if not isinstance(entry, str):
                yield from self._answers(entry, handler, base, cls)

    def _answers(self, code: Code, handler: Handler, base: str, place: Code | None = None) -> Iterator[Root]:
        """The functions of a class or module that the framework calls by their names."""
        for name in code.scope.bindings:
            if any(fnmatch.fnmatchcase(name, pattern) for pattern in handler.methods):
                for target in functions_of(self._inference.names.read(code, name, 0, len(code.scope.ops))):
                    if target.scope.is_async or place is None or not self._replaces(place):
                        label = f"{handler.role} {target.name}"
                        yield Root(target, handler.role, handler.sync, label, handler, base, place)

    def _replaces(self, cls: Code) -> bool:
        """Whether objects of a class put something made of their own methods in the place of whichever is called.

        ``setattr(self, name, wrapped(getattr(self, name)))``: what then runs, and where, is not seen.
        """
        order = self._inference.classes.order(cls)
        for teller, _, call in self._inference.program.calls("setattr"):
            if teller.owner in order and len(call.arguments) == 3:
                holder, name, _ = call.arguments
                is_named = isinstance(teller.scope.ops[name], ir.Constant)
                if not is_named and self._inference.classes.is_receiver(teller, holder) and _calls(teller, "getattr"):
                    return True
        return False

    # -- by name

    def _defined(self) -> Iterator[Root]:
        """Functions of modules that a framework looks up by name when it loads them: ``setup(bot)``."""
        wanted = {form: handler for handler in self._inference.facts.handlers for form in handler.defines}
        names = {form.partition("(")[0] for form in wanted}
        for code in self._inference.program.codes() if wanted else ():
            scope = code.scope
            if scope.name in names and scope.kind == "function" and code.parent is code.module.code:
                handler = wanted.get(f"{scope.name}({', '.join(each.name for each in scope.parameters)})")
                if handler is not None:
                    yield Root(code, handler.role, handler.sync, f"{handler.role} {code.name}", handler)

    # -- injected

    def _dependencies(self) -> Iterator[Root]:
        facts = self._inference.facts
        injectors = {
            name.rpartition(".")[2] for name, (function, _) in facts.functions.items() if function.returns == "arg0()"
        }
        for code, index, op in self._inference.program.calls(*sorted(injectors)):
            if op.arguments and self._is_injector(code, op):
                for target in functions_of(self._inference.values(code, op.arguments[0])):
                    label = f"dependency {target.name}"
                    yield Root(target, "dependency", "thread", label, place=code, op=index)

    def _is_injector(self, code: Code, op: ir.Call) -> bool:
        facts = self._inference.facts
        for value in self._inference.values(code, op.function):
            if isinstance(value, External):
                function = facts.functions.get(facts.canonical(value.name))
                if function is not None and function[0].returns == "arg0()":
                    return True
        return False

    # -- started by hand

    def _started(self) -> Iterator[Root]:
        """Coroutines that a plain program runs on a loop of its own: ``asyncio.run(main())``."""
        for code, _, given, is_adapted in self._loops:
            yield from self._coroutines(code, given, "either" if is_adapted else "worker")

    @functools.cached_property
    def begun(self) -> frozenset[tuple[Code, int]]:
        """The operations that begin an event loop of their own, and those that give what it is to run."""
        return frozenset(
            (code, op) for code, call, given, is_adapted in self._loops if not is_adapted for op in (call, given)
        )

    @functools.cached_property
    def _loops(self) -> list[tuple[Code, int, int, bool]]:
        """The calls that begin an event loop, each with its first argument, and whether that is adapted only.

        A loop that an adapter (``async_to_sync``) runs things on may be that of the server.
        """
        found = []
        facts = self._inference.facts
        starters = {name for name, boundary in facts.boundaries.items() if boundary.passes == "new-loop"}
        for code, index, op in self._inference.program.calls(*sorted({name.rpartition(".")[2] for name in starters})):
            values = self._inference.values(code, op.function) if op.arguments else ()
            names = starters.intersection(name for value in values for name in self.names(value))
            if names:
                found.append((code, index, op.arguments[0], any(map(facts.class_, names))))
        return found

    def _coroutines(self, code: Code, index: int, sync: Literal["either", "worker"]) -> Iterator[Root]:
        values = self._inference.values(code, code.callee(index))
        given = [self._fallback.values(value) for value in values if isinstance(value, Symbolic)]
        for target in functions_of(tuple(each for some in (values, *given) for each in some)):
            if target.scope.is_async:
                by = code.module.path if code is code.module.code else code.name
                yield Root(target, "command", sync, f"{target.name} (run by {by})")


def _receiver_of(code: Code, op: ir.Call) -> str:
    """The last identifier of what a method is called on."""
    function = code.scope.ops[op.function]
    return ir.identifier(code.scope.ops[function.value]) if isinstance(function, ir.Attribute) else ""


def functions_of(values: Values) -> Iterator[Code]:
    """The functions that calling these values runs."""
    for value in values:
        if isinstance(value, (FunctionValue, Method)):
            yield value.code
        elif isinstance(value, Managed):
            yield from functions_of((value.function,))
        elif isinstance(value, Partial):
            yield from functions_of(value.function)


def _calls(code: Code, name: str) -> bool:
    return any(ir.identifier(code.scope.ops[call.function]) == name for _, call in code.operations(ir.Call))
