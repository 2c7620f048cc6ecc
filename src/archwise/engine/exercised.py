"""Which endpoints the program's tests reach: by a path they name, by a route's name, or by calling the function."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

import msgspec

from archwise.engine import ir

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from archwise.engine.endpoints import Endpoint
    from archwise.engine.inference import Inference
    from archwise.engine.origins import Origins
    from archwise.engine.program import Code

_OPEN = "{}"
"""Stands in a path for what is not known, or may be anything."""
_VERBS = ("get", "post", "put", "patch", "delete", "head", "options")
_SENDING = (
    *_VERBS,
    "request",
    "fetch",
    "url",
    "path",
    "api",
    "open",
    "call",
    "visit",
    "goto",
    "query",
    "send",
    "generic",
)
"""What the names of functions hold that send a request, or make a path for one."""
_ANY = frozenset({"request", "fetch", "open", "generic"})
"""Those of them that send by any method."""
_CLIENTS = ("client", "app", "http", "api", "request", "browser", "server", "session", "test")
_LOCATIONS = ("url", "uri", "path", "link", "endpoint", "route", "href", "location")
_TARGETS = ("url", "path", "endpoint")
_REVERSING = frozenset(
    {"reverse", "reverse_lazy", "url_for", "url_path_for", "app_reverse", "resolve_url", "reverse_url"}
)
_GROUPS = re.compile(r"\((?:[^()]|\([^()]*\))*\)")
_HOST = re.compile(r"^[a-z]+://[^/]*", re.IGNORECASE)
_DEEPEST = 5
_WHOLE_APPLICATION = frozenset({"schemathesis", "get_resolver", "urlpatterns", "iter_rules", "url_map"})
"""What tests use that go through all routes."""


class Call(msgspec.Struct, frozen=True, gc=False):
    """A request that a test sends: by which method, and the path or the route's name; neither where it is not known."""

    verb: str
    path: tuple[str, ...] = ()
    name: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it may go anywhere."""
        return not self.name and all(part == _OPEN for part in self.path)


class Exercised:
    """Tells what the tests of a program reach; where that is not clear, they are taken to reach it."""

    def __init__(self, inference: Inference, origins: Origins) -> None:
        self._inference = inference
        self._origins = origins

    @functools.cached_property
    def tests(self) -> tuple[Code, ...]:
        """All code in test modules."""
        tests = (module for module in self._inference.program.by_name if module.is_test)
        return tuple(code for module in tests for code in module.codes)

    @functools.cached_property
    def goes_through_all(self) -> bool:
        """Whether the tests take the routes from the application itself."""
        return not _WHOLE_APPLICATION.isdisjoint(self.identifiers) or "schemathesis" in self._modules

    def reaches(self, endpoint: Endpoint) -> bool:
        """Whether some test may send a request that this answers, or calls it."""
        view = endpoint.place if endpoint.op == 0 else endpoint.code.owner or endpoint.code
        if view.scope.name in self._imported:
            return True
        names = {*endpoint.names, endpoint.code.scope.name}
        paths = [parts for path in endpoint.paths if (parts := split(path))]
        if not any(is_telling(parts) for parts in paths):
            return True
        if not endpoint.changes_state or not endpoint.methods:
            return not names.isdisjoint(self._names) or any(
                _meet(path, other) for path in paths for other in self._paths
            )
        return any(
            call.is_open or call.name in names or any(_meet(path, call.path) for path in paths)
            for verb in endpoint.methods
            for call in self._calls.get(verb.lower(), ())
        )

    def asks(self, endpoint: Endpoint) -> bool:
        """Whether a test surely means an endpoint: by function, by name, or by a path with a part in common."""
        view = endpoint.place if endpoint.op == 0 else endpoint.code.owner or endpoint.code
        if view.scope.name in self._imported or any(call.name in endpoint.names for call in self._sent if call.name):
            return True
        paths = [split(path) for path in endpoint.paths]
        sent = [call.path for call in self._sent if is_telling(call.path)]
        return any(is_telling(path) and _meet(path, other) for path in paths for other in sent)

    @functools.cached_property
    def _sent(self) -> tuple[Call, ...]:
        return tuple(dict.fromkeys(call for calls in self._calls.values() for call in calls))

    # -- what tests name

    @functools.cached_property
    def identifiers(self) -> frozenset[str]:
        """All names that tests read or import."""
        return frozenset(
            op.name if isinstance(op, ir.Import) else ir.identifier(op) for code in self.tests for op in code.scope.ops
        )

    @functools.cached_property
    def _imported(self) -> frozenset[str]:
        """What tests import, or read of a module."""
        return frozenset(op.name for code in self.tests for _, op in code.operations(ir.Import) if op.name) | frozenset(
            op.name
            for code in self.tests
            for _, op in code.operations(ir.Attribute)
            if isinstance(code.scope.ops[op.value], ir.Name)
        )

    @functools.cached_property
    def _modules(self) -> frozenset[str]:
        return frozenset(name for code in self.tests for name in code.module.summary.imports)

    @functools.cached_property
    def _paths(self) -> frozenset[tuple[str, ...]]:
        """All that looks like a path in the tests."""
        found = {call.path for calls in self._calls.values() for call in calls if call.path}
        for code in self.tests:
            for index, op in enumerate(code.scope.ops):
                if isinstance(op, (ir.Constant, ir.Formatted)) and "/" in (text := self._text(code, index)):
                    found.add(split(text))
        return frozenset(filter(is_telling, found))

    @functools.cached_property
    def _names(self) -> frozenset[str]:
        """All that may be a route's name: texts of the tests, and what functions they use give to ``reverse``."""
        found = {call.name for calls in self._calls.values() for call in calls}
        for code in self.tests:
            for _, op in code.operations(ir.Constant):
                if op.kind == "str" and "/" not in op.text:
                    found.add(_last(op.text))
        for module in self._inference.program.by_name:
            for code in module.codes if not module.is_test else ():
                if code.scope.kind == "function" and code.scope.name in self.identifiers:
                    for _, call in code.operations(ir.Call):
                        found.add(self._reversed(code, call))
        return frozenset(found - {""})

    @functools.cached_property
    def _calls(self) -> dict[str, list[Call]]:
        """The requests that tests send, by method; a helper that sends to what it is given sends where it is called."""
        found: dict[str, list[Call]] = {}
        helpers: dict[str, set[str]] = {}
        sites: dict[str, list[tuple[Code, ir.Call]]] = {}
        for code, op, name in self._sites():
            sites.setdefault(name, []).append((code, op))
        sending = [(code, op, name) for name, calls in sites.items() if _sends(name) for code, op in calls]
        pending = [(code, op, verb) for code, op, name in sending for verb in self._verbs(code, op, name)]
        while pending:
            code, op, verb = pending.pop()
            helper = self._helper(code, op)
            if helper is None:
                path, route = self._target(code, op)
                sent = Call(verb, path, route)
                if not sent.is_open or _is_request(code, op):
                    found.setdefault(verb, []).append(sent)
            elif verb not in helpers.setdefault(helper, set()):
                helpers[helper].add(verb)
                pending += [(other, call, verb) for other, call in sites.get(helper, ())]
        return found

    def _sites(self) -> Iterator[tuple[Code, ir.Call, str]]:
        for code in self.tests:
            for _, op in code.operations(ir.Call):
                yield code, op, ir.identifier(code.scope.ops[op.function])

    def _verbs(self, code: Code, op: ir.Call, name: str) -> list[str]:
        """The methods that a call may send: the one in its name or among its arguments; any, where neither says."""
        given = {self._text(code, index).lower() for index in op.given}
        words = set(re.split(r"[^a-z]+", name.lower()))
        said = [verb for verb in _VERBS if verb in words or verb in given]
        return said or ([] if words.isdisjoint(_ANY) else list(_VERBS))

    def _helper(self, code: Code, op: ir.Call) -> str | None:
        """The function around a call that passes on a parameter of its own as what to send to; None for a test."""
        index = next((value for key, value in op.keywords if key in _TARGETS), op.arguments[0] if op.arguments else 0)
        if self._text(code, index).lower() in _VERBS and len(op.arguments) > 1:
            index = op.arguments[1]
        given = code.scope.ops[index]
        if code.scope.kind != "function" or code.scope.name.startswith("test") or not isinstance(given, ir.Name):
            return None
        return code.scope.name if any(parameter.name == given.id for parameter in code.scope.parameters) else None

    def _target(self, code: Code, op: ir.Call) -> tuple[tuple[str, ...], str]:
        """The path or the route's name that a call is given: its texts put together, what is not one left open."""
        parts: list[tuple[str, ...]] = []
        for index in (*op.arguments, *(value for key, value in op.keywords if key in _TARGETS)):
            if name := self._name(code, index):
                return (), name
            text = self._text(code, index)
            if text.lower() not in _VERBS:
                parts.append(split(text))
        while parts and not is_telling(parts[-1]) and len(parts) > 1:
            parts.pop()  # a body, rather than a part of the path
        return tuple(part for each in parts for part in each), ""

    def _name(self, code: Code, index: int, depth: int = _DEEPEST) -> str:
        """The route's name where a value is what ``reverse`` gave."""
        op = code.scope.ops[index]
        if isinstance(op, ir.Call):
            return self._reversed(code, op)
        if isinstance(op, ir.Formatted):
            return next((name for part in op.parts if (name := self._name(code, part, depth))), "")
        if isinstance(op, ir.Operation) and op.method == "__add__":
            return self._name(code, op.value, depth)
        if depth and isinstance(op, (ir.Name, ir.Attribute)):
            origin = self._origins.of(code, index)
            if origin is not None and origin != (code, index):
                return self._name(*origin, depth - 1)
        return ""

    def _reversed(self, code: Code, op: ir.Call) -> str:
        if ir.identifier(code.scope.ops[op.function]) not in _REVERSING or not op.arguments:
            return ""
        return _last(self._text(code, op.arguments[0]))

    def _text(self, code: Code, index: int, depth: int = _DEEPEST) -> str:
        """A text as far as it is known, with ``{}`` for what is not."""
        op = code.scope.ops[index]
        if isinstance(op, ir.Constant):
            return op.text if op.kind == "str" else _OPEN
        if isinstance(op, ir.Formatted):
            return "".join(self._text(code, part, depth) for part in op.parts)
        if isinstance(op, ir.Operation) and op.method == "__add__":
            return self._text(code, op.value, depth) + self._text(code, op.operand, depth)
        if isinstance(op, ir.Operation) and op.method == "__mod__":
            return re.sub(r"%\(?\w*\)?[sdr]", _OPEN, self._text(code, op.value, depth))
        if isinstance(op, ir.Call):
            function = code.scope.ops[op.function]
            if isinstance(function, ir.Attribute) and function.name == "format":
                return re.sub(r"\{[^}]*\}", _OPEN, self._text(code, function.value, depth))
            return _OPEN
        if depth and isinstance(op, (ir.Name, ir.Attribute)):
            origin = self._origins.of(code, index)
            if origin is not None and origin != (code, index):
                return self._text(*origin, depth - 1)
        return _OPEN


def _sends(name: str) -> bool:
    """Whether a function is named like one that sends a request."""
    lowered = name.lower()
    return name not in _REVERSING and any(word in lowered for word in _SENDING)


def _is_request(code: Code, op: ir.Call) -> bool:
    """Whether a call surely is of a client: by what it is called on, or what it is given is called."""
    function = code.scope.ops[op.function]
    if not isinstance(function, ir.Attribute) or not (op.arguments or op.keywords):
        return False
    given = op.arguments[0] if op.arguments else op.keywords[0][1]
    named = code.callee_name(given).lower()
    if any(word in named for word in _LOCATIONS):
        return True
    on = code.callee_name(function.value).lower()
    return any(word in on for word in _CLIENTS) and "db" not in on and on != "session"


def split(path: str) -> tuple[str, ...]:
    """The parts of a path, ``{}`` for each that is a parameter or not known; host and query left out."""
    path = _HOST.sub("", path)
    path = _GROUPS.sub(_OPEN, path.strip("^$")) if "(" in path else path
    path = path.partition("?")[0].partition("#")[0]
    return tuple(_OPEN if set(part) & set("{}<>[]\\*+|") else part for part in path.split("/") if part)


def is_telling(path: Sequence[str]) -> bool:
    """Whether a path names anything, so that one could tell it from others."""
    return any(part != _OPEN for part in path)


def _meet(path: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether two paths may be the same: either may lack what stands before it."""
    count = min(len(path), len(other))
    if not count:
        return False
    pairs = list(zip(path[-count:], other[-count:], strict=True))
    if not all(_OPEN in pair or pair[0] == pair[1] for pair in pairs):
        return False
    return len(path) == len(other) or any(one == two != _OPEN for one, two in pairs)


def _last(name: str) -> str:
    """A route's name without its namespace."""
    return re.split(r"[:.]", name)[-1]
