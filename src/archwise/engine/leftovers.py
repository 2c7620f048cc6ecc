"""What a test leaves changed for the tests after it: objects that outlive it, and that nothing puts back."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Literal

import msgspec

from archwise.engine import ir
from archwise.engine.values import ClassValue, External, ExternalInstance, Instance, ModuleValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archwise.engine.inference import Inference
    from archwise.engine.isolation import Isolation
    from archwise.engine.program import Code
    from archwise.engine.suite import Suite, Test

_WIDE = frozenset({"class", "module", "package", "session"})
_BUILDERS = frozenset({"list", "dict", "set", "defaultdict", "OrderedDict", "Counter", "deque", "bytearray"})
_ADDING = frozenset({"append", "extend", "insert", "add", "update", "setdefault", "appendleft"})
_TAKING = frozenset({"pop", "popitem", "popleft", "clear", "remove", "discard", "difference_update"})
_PUTTING_BACK = ("patch", "restore", "reset", "cleanup", "finalizer", "teardown", "swap", "override_settings")

Kind = Literal["fixture", "global", "object"]


class Leftover(msgspec.Struct, frozen=True, gc=False):
    """A change by a test: of what a wide fixture gave, of a global of its module, or of an object it imports.

    ``others`` are the tests that get to see it.
    """

    test: Test
    op: int
    kind: Kind
    path: str
    scope: str
    others: tuple[Test, ...]


class _Change(msgspec.Struct, frozen=True, gc=False):
    op: int
    root: str
    path: str
    what: str
    """The attribute that is set, ``["key"]`` for an item, the method that is called."""
    undoes: bool

    @property
    def key(self) -> str:
        """The text that an item is set under; empty where it is no item, or the key is not written out."""
        return self.what[2:-2] if self.what.startswith('["') else ""

    @property
    def assigns(self) -> bool:
        return self.what.endswith(("=", "]"))

    @property
    def place(self) -> str:
        """What is other than before."""
        if self.what.endswith("="):
            return f"{self.path}.{self.what[:-1]}"
        return f"{self.path}{self.what}" if self.what.endswith("]") else self.path


class Leftovers:
    """Finds what tests leave changed."""

    def __init__(self, inference: Inference, suite: Suite, isolation: Isolation) -> None:
        self._inference = inference
        self._suite = suite
        self._isolation = isolation
        self._named = functools.cache(_named)
        self._texts = functools.cache(_texts)

    def find(self) -> Iterator[Leftover]:
        """Each such change, once for what it is made to in a test."""
        for test in self._suite.tests:
            changes = list(_changes(test.code))
            if not changes or self._suite.is_outward(test) or any(map(_puts_back, self._named(test.code))):
                continue
            seen: set[str] = set()
            for change in changes:
                if change.place in seen or _is_undone(changes, change) or _is_kept(test.code, change):
                    continue
                found = self._leftover(test, change)
                if found is not None and found.others:
                    seen.add(change.place)
                    yield found

    def _leftover(self, test: Test, change: _Change) -> Leftover | None:
        code = test.code
        if any(parameter.name == change.root for parameter in code.scope.parameters):
            return self._of_fixture(test, change)
        if change.root in code.scope.bindings and change.root not in code.scope.globals:
            return None
        bindings = code.module.code.scope.bindings.get(change.root, ())
        if len(bindings) != 1 or (code.parent is not None and code.parent.scope.kind == "function"):
            return None
        made = code.module.code.scope.ops[bindings[0].value]
        is_import = isinstance(made, ir.Import)
        if is_import and not (change.assigns and self._outlives(code, change)):
            return None
        if not is_import and not (change.path == change.root and _is_container(code.module.code, bindings[0].value)):
            return None
        if self._is_put_back(test, change):
            return None
        kind: Kind = "object" if is_import else "global"
        beside = {change.root, *self._shared_names(test)} if is_import else {change.root}
        others = tuple(
            other
            for other in self._of_module.get(code.module.path, ())
            if other != test
            and not beside.isdisjoint(self._named(other.code))
            and (not change.key or change.key in self._texts(other.code))
            and not _makes(other.code, change)
        )
        return Leftover(test, change.op, kind, change.place, "", others)

    def _shared_names(self, test: Test) -> Iterator[str]:
        """The fixtures and globals that a test uses beside what it imports."""
        scope = test.code.module.code.scope
        for name in self._named(test.code):
            if name in self._suite.fixtures:
                yield name
            elif name in scope.bindings:
                made = [scope.ops[binding.value] for binding in scope.bindings[name]]
                if not any(isinstance(op, (ir.Import, ir.Define, ir.Constant)) for op in made):
                    yield name

    def _of_fixture(self, test: Test, change: _Change) -> Leftover | None:
        fixtures = self._isolation.visible(change.root, test)
        if len(fixtures) != 1 or not (scope := _scope(fixtures[0])):
            return None
        fixture = fixtures[0]
        results = fixture.scope.yields if fixture.scope.is_generator else fixture.scope.results
        is_container = len(results) == 1 and _is_container(fixture, results[0])
        if not is_container and not (change.assigns and (change.what.endswith("=") or change.path != change.root)):
            return None
        if self._is_put_back(test, change):
            return None
        others = tuple(
            other
            for other in self._suite.tests
            if other != test
            and (scope != "module" or other.code.module is test.code.module)
            and (scope != "class" or other.cls is test.cls)
            and not _makes(other.code, change)
            and fixture in self._isolation.around(other).codes
        )
        return Leftover(test, change.op, "fixture", change.place, scope, others)

    def _outlives(self, code: Code, change: _Change) -> bool:
        """Whether what is changed is an object or module that everyone shares who imports it."""
        op = code.scope.ops[change.op]
        assert isinstance(op, ir.Operation)
        values = self._inference.values(code, _root(code, op.value))
        return bool(values) and all(
            isinstance(value, (ModuleValue, ClassValue, ExternalInstance, Instance))
            or (isinstance(value, External) and value.name in ("os", "os.environ"))
            for value in values
        )

    @functools.cached_property
    def _of_module(self) -> dict[str, list[Test]]:
        found: dict[str, list[Test]] = {}
        for test in self._suite.tests:
            found.setdefault(test.code.module.path, []).append(test)
        return found

    def _is_put_back(self, test: Test, change: _Change) -> bool:
        """Whether what runs around the test speaks of what is changed, or other code of the module undoes it."""
        last = change.what[:-1] if change.what.endswith("=") else change.path.rpartition(".")[2]
        around = (code for code in self._isolation.around(test).codes if code.scope.name != change.root)
        return any(last in self._named(code) or last in self._texts(code) for code in around) or any(
            (each.undoes and each.path == change.path) or (each.assigns and each.place == change.path)
            for code in test.code.module.codes
            if code.scope.kind == "function"
            for each in _changes(code)
        )


def _changes(code: Code) -> Iterator[_Change]:
    """The changes that a function makes to something it reads by a name, whatever happens."""
    ops = code.scope.ops
    for index, op in enumerate(ops):
        if isinstance(op, ir.Operation) and op.method in ("__setitem__", "__delitem__"):
            path = _path(code, op.value)
            if path:
                yield _Change(index, path.partition(".")[0], path, _key(code, index), op.method == "__delitem__")
        elif isinstance(op, ir.Operation) and op.method.endswith("=") and not op.method.startswith("__"):
            path = _path(code, op.value)
            if path:
                yield _Change(index, path.partition(".")[0], path, op.method, False)
        elif isinstance(op, ir.Call) and isinstance(function := ops[op.function], ir.Attribute):
            path = _path(code, function.value)
            if path and (function.name in _ADDING or function.name in _TAKING):
                yield _Change(index, path.partition(".")[0], path, function.name, function.name in _TAKING)


def _key(code: Code, index: int) -> str:
    """The key of an item that is set or deleted: what is evaluated last before that."""
    ops = code.scope.ops
    key = ops[index - 1]
    return f'["{key.text}"]' if isinstance(key, ir.Constant) else f"[{ir.path(ops, index - 1) or '…'}]"


def _path(code: Code, index: int) -> str:
    """A name or dotted path, what is taken from it by ``[…]`` left out."""
    op = code.scope.ops[index]
    while isinstance(op, ir.Item):
        index = op.value
        op = code.scope.ops[index]
    return ir.path(code.scope.ops, index)


def _root(code: Code, index: int) -> int:
    """The operation that reads the name which a path starts with."""
    op = code.scope.ops[index]
    while isinstance(op, (ir.Item, ir.Attribute)):
        index = op.value
        op = code.scope.ops[index]
    return index


def _is_container(code: Code, index: int, depth: int = 2) -> bool:
    """Whether an operation makes a list, dict or set."""
    op = code.scope.ops[index]
    if isinstance(op, ir.Name) and depth:
        bindings = code.scope.bindings.get(op.id, ())
        return len(bindings) == 1 and _is_container(code, bindings[0].value, depth - 1)
    if isinstance(op, ir.Call):
        return ir.identifier(code.scope.ops[op.function]) in _BUILDERS
    return isinstance(op, ir.Mapping) or (isinstance(op, ir.Display) and op.kind != "tuple")


def _scope(fixture: Code) -> str:
    """The scope of a fixture that several tests share; empty where each test has its own."""
    for parent, index in fixture.decorators:
        op = parent.scope.ops[index]
        scope = parent.scope.ops[op.argument("scope")] if isinstance(op, ir.Call) else op
        if isinstance(scope, ir.Constant) and scope.text in _WIDE:
            return scope.text
    return ""


def _is_undone(changes: list[_Change], change: _Change) -> bool:
    """Whether the same test takes back what it changed, or sets it again."""
    return change.undoes or any(
        (other.undoes and other.path == change.path)
        or (other.assigns and other is not change and other.place in (change.place, change.path))
        for other in changes
    )


def _is_kept(code: Code, change: _Change) -> bool:
    """Whether a test keeps what was there before, to set it again."""
    ops = code.scope.ops
    values = (binding.value for bindings in code.scope.bindings.values() for binding in bindings)
    return any(ir.path(ops, value) == change.place for value in values)


def _makes(code: Code, change: _Change) -> bool:
    """Whether another test makes the same change, and so does not see what was before."""
    return any(other.place == change.place for other in _changes(code))


def _named(code: Code) -> frozenset[str]:
    """The names that a function reads or calls."""
    return frozenset(
        op.method.rstrip("=") if isinstance(op, ir.Operation) else ir.identifier(op)
        for each in code.whole
        for op in each.scope.ops
    ) | frozenset(parameter.name for parameter in code.scope.parameters)


def _texts(code: Code) -> frozenset[str]:
    """The texts that a function writes out."""
    return frozenset(op.text for each in code.whole for _, op in each.operations(ir.Constant) if op.kind == "str")


def _puts_back(name: str) -> bool:
    lowered = name.lower()
    return any(word in lowered for word in _PUTTING_BACK)
