"""Which async functions that await nothing must stay on the event loop all the same.

A framework would run such a function in a thread if it were a plain ``def``. That breaks what awaits it, what works on
the loop's thread alone, and what was safe because nothing ran beside it.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from archwise.engine import ir
from archwise.engine.arguments import Arguments
from archwise.engine.event import Run
from archwise.engine.values import ContainerMethod, External, ExternalMethod, FunctionValue, Method, functions_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.events import Events
    from archwise.engine.inference import Inference
    from archwise.engine.program import Code
    from archwise.engine.root import Root
    from archwise.engine.roots import Roots

_FARTHEST = 200
_TRANSPARENT = frozenset({"staticmethod", "classmethod", "abstractmethod", "override", "final"})
_CHANGES = frozenset(
    {
        *("append", "appendleft", "extend", "insert", "add", "update", "setdefault"),
        *("pop", "popleft", "popitem", "remove", "discard", "clear"),
    }
)
"""The methods of containers that change them."""


class LoopBound:
    """Tells functions that could be plain ones from those that could not."""

    def __init__(self, inference: Inference, events: Events, roots: Roots) -> None:
        self._inference = inference
        self._events = events
        self._roots = roots
        self._known: dict[Code, bool] = {}

    def is_bound(self, code: Code) -> bool:
        """Whether an async function that a framework calls cannot be a plain ``def`` in a thread instead."""
        found = self._known.get(code)
        if found is None:
            found = self._known[code] = (
                self._is_decorated(code)
                or self._is_declared_async(code)
                or self._is_used(code)
                or any(self._needs_loop(below) or _changes_shared(self._inference, below) for below in self._runs(code))
            )
        return found

    @functools.cached_property
    def _registering(self) -> frozenset[tuple[Code, int]]:
        """The operations that tell a framework of a function."""
        return frozenset((root.place, root.op) for root in self._roots.registrations if root.place is not None)

    # -- who else calls it

    def _is_decorated(self, code: Code) -> bool:
        """Whether something stands between the function and the framework, which may await what it returns."""
        return any(
            (parent, index) not in self._registering and not self._gives_back(code, parent, index)
            for parent, index in code.decorators
        )

    def _gives_back(self, code: Code, parent: Code, index: int) -> bool:
        """Whether a decorator gives the very function that it is given."""
        if parent.callee_name(index) in _TRANSPARENT:
            return True
        given = (FunctionValue(code),)
        decorators = self._inference.values(parent, index)
        return all(
            isinstance(value, (FunctionValue, Method))
            and self._inference.calls.result((value,), Arguments((given,))) == given
            for value in decorators
        )

    def _is_declared_async(self, code: Code) -> bool:
        """Whether it is a method that a base class of the program declares as async."""
        name = code.scope.name
        for cls in self._inference.classes.order(code.owner)[1:] if code.owner is not None else ():
            if not isinstance(cls, str) and name in cls.scope.bindings:
                found = self._inference.names.read(cls, name, 0, len(cls.scope.ops))
                if any(each.scope.is_async for each in functions_of(found)):
                    return True
        return False

    def _is_used(self, code: Code) -> bool:
        """Whether anything but the framework is given the function, or calls it."""
        return any(
            any(each is code for each in functions_of(self._inference.values(place, index)))
            for place, index in self._read.get(code.scope.name, ())
        )

    @functools.cached_property
    def _read(self) -> dict[str, list[tuple[Code, int]]]:
        """Where such functions are named, less what tells the framework; in tests, where they are called."""
        names = {root.code.scope.name for root in self._roots.find() if could_be_plain(root)}
        found: dict[str, list[tuple[Code, int]]] = {name: [] for name in names}
        for code in self._inference.program.codes() if names else ():
            if code.module.is_test:
                continue
            told = set(self._told(code))
            for index, op in enumerate(code.scope.ops):
                name = ir.identifier(op)
                if name in names and index not in told:
                    found[name].append((code, index))
        for name in sorted(names):
            for code, _, op in self._inference.program.calls(name):
                if code.module.is_test:
                    found[name].append((code, op.function))
        return found

    def _told(self, code: Code) -> Iterator[int]:
        """The operations of a function that are given to frameworks."""
        for index, op in code.operations(ir.Call):
            if (code, index) in self._registering:
                yield from op.given

    # -- what it does

    def _runs(self, code: Code) -> list[Code]:
        """The function and all that it calls on its own thread."""
        found = {code: None}
        pending = [code]
        while pending and len(found) < _FARTHEST:
            here = pending.pop()
            for site in self._events.sites(here):
                for event in (event for events in site.alternatives for event in events):
                    if isinstance(event, Run) and event.code not in found:
                        found[event.code] = None
                        pending.append(event.code)
        return list(found)

    def _needs_loop(self, code: Code) -> bool:
        """Whether a function calls what works, or means the same, on the loop's thread alone."""
        facts = self._inference.facts
        for _, op in code.operations(ir.Call):
            for value in self._inference.values(code, op.function):
                if isinstance(value, External) and facts.is_thread_bound(value.name):
                    return True
                if isinstance(value, ExternalMethod) and facts.is_thread_bound(f"{value.receiver.name}.{value.name}"):
                    function = code.scope.ops[op.function]
                    if not (isinstance(function, ir.Attribute) and _is_made_here(code, function.value)):
                        return True
        return False


def could_be_plain(root: Root) -> bool:
    """Whether a framework would run a function in a thread if it were not ``async``, which it has no need of itself."""
    scope = root.code.scope
    may_thread = root.sync == "thread" or bool(root.threaded)
    return scope.is_async and may_thread and not root.apart and not scope.awaits and not scope.is_generator


def _changes_shared(inference: Inference, code: Code) -> bool:
    """Whether a function changes what a module holds for all."""
    if any(name in code.scope.bindings for name in code.scope.globals):
        return True
    for op in code.scope.ops:
        if isinstance(op, ir.Operation) and (op.method.endswith("=") or op.method in ("__setitem__", "__delitem__")):
            if _is_shared(code, op.value):
                return True
        elif isinstance(op, ir.Call):
            function = code.scope.ops[op.function]
            changes = isinstance(function, ir.Attribute) and function.name in _CHANGES
            if changes and _is_shared(code, op.function) and _is_container_method(inference, code, op.function):
                return True
    return False


def _is_container_method(inference: Inference, code: Code, index: int) -> bool:
    return any(isinstance(value, ContainerMethod) for value in inference.values(code, index))


def _is_shared(code: Code, index: int) -> bool:
    """Whether an operation reads what stands under a name of the module."""
    root = ir.path(code.scope.ops, index).partition(".")[0]
    here: Code | None = code
    while here is not None and here.scope.kind != "module":
        if root in here.scope.bindings or any(parameter.name == root for parameter in here.scope.parameters):
            return False
        here = here.parent
    return bool(root) and root in code.module.code.scope.bindings


def _is_made_here(code: Code, index: int) -> bool:
    """Whether an operation reads a local name that this function has given what it made."""
    op = code.scope.ops[index]
    if not isinstance(op, ir.Name):
        return isinstance(op, ir.Call)
    bindings = code.scope.bindings.get(op.id, ())
    return bool(bindings) and all(
        isinstance(code.scope.ops[binding.value], (ir.Call, ir.Enter, ir.Await)) for binding in bindings
    )
